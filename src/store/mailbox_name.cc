#include "store/mailbox_name.h"

#include <algorithm>
#include <ranges>

#include <unicode/normalizer2.h>
#include <unicode/ustring.h>

#include "base/ascii.h"
#include "base/check.h"

namespace hongyan::store {
namespace {

constexpr std::string_view inbox_name = "INBOX";

// C0, DEL and C1 (which UTF-8 writes as C2 80 to C2 9F): nothing a person can see or type.
bool has_control_characters(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (ascii::is_control(text[i])) return true;
        const bool is_c1 =
            text[i] == '\xc2' && i + 1 < text.size() && static_cast<signed char>(text[i + 1]) < -96;
        if (is_c1) return true;
    }
    return false;
}

bool is_utf8(std::string_view text) {
    UErrorCode error = U_ZERO_ERROR;
    std::int32_t length = 0;
    u_strFromUTF8(nullptr, 0, &length, text.data(), static_cast<std::int32_t>(text.size()), &error);
    return error == U_BUFFER_OVERFLOW_ERROR || U_SUCCESS(error);
}

std::string normalised(std::string_view text) {
    if (ascii::all_ascii(text)) return std::string(text);
    UErrorCode error = U_ZERO_ERROR;
    const auto* form_c = icu::Normalizer2::getNFCInstance(error);
    check(U_SUCCESS(error), "ICU has its normalisation data");
    std::string out;
    icu::StringByteSink<std::string> sink(&out);
    form_c->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink,
                          nullptr, error);
    check(U_SUCCESS(error), "UTF-8 can be normalised");
    return out;
}

}  // namespace

Result<std::string> MailboxName::parse_level(std::string_view text) {
    using enum Error::Kind;
    if (text.empty()) return fail(invalid, "a mailbox name has an empty level");
    if (text.size() > max_level_size)
        return fail(invalid, "a level of a mailbox name has {} bytes, {} are allowed", text.size(),
                    max_level_size);
    if (!is_utf8(text)) return fail(invalid, "the mailbox name is not UTF-8");
    if (has_control_characters(text)) return fail(invalid, "the mailbox name has control characters");
    if (text.contains(hierarchy_separator))
        return fail(invalid, "the mailbox name \"{}\" contains {}", text, hierarchy_separator);
    auto level = normalised(text);
    if (level.size() > max_level_size)
        return fail(invalid, "a level of a mailbox name is too long when normalised");
    return level;
}

Result<MailboxName> MailboxName::parse(std::string_view text) {
    std::vector<std::string> levels;
    for (std::size_t start = 0; start <= text.size();) {
        const auto end = std::min(text.find(hierarchy_separator, start), text.size());
        TRY(auto level, parse_level(text.substr(start, end - start)));
        levels.push_back(std::move(level));
        if (levels.size() > max_levels)
            return fail(Error::Kind::invalid, "a mailbox name has more than {} levels", max_levels);
        start = end + 1;
    }
    return of_levels(std::move(levels));
}

MailboxName MailboxName::of_levels(std::vector<std::string> levels) {
    check(!levels.empty(), "a mailbox name has a level");
    if (ascii::iequals(levels.front(), inbox_name)) levels.front() = inbox_name;
    return MailboxName(std::move(levels));
}

bool MailboxName::is_inbox() const { return levels_.size() == 1 && levels_.front() == inbox_name; }

bool MailboxName::is_below(const MailboxName& other) const {
    return levels_.size() > other.levels_.size() &&
           std::equal(other.levels_.begin(), other.levels_.end(), levels_.begin());
}

std::string MailboxName::text() const {
    auto text = levels_.front();
    for (const auto& level : levels_ | std::views::drop(1)) text.append(1, hierarchy_separator).append(level);
    return text;
}

}  // namespace hongyan::store
