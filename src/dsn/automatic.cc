#include "dsn/automatic.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"
#include "message/field.h"

namespace hongyan::dsn {

namespace {

using message::Field;

// The word a value begins with: parameters and comments follow it (RFC 3834 §5.1).
std::string first_word(std::string_view value) {
    const auto plain = message::unfold(value);
    const auto text = ascii::trim(plain);
    return std::string(text.substr(0, text.find_first_of(" \t;(,")));
}

template <std::size_t count>
bool is_one_of(std::string_view word, const std::array<std::string_view, count>& words) {
    return std::ranges::any_of(words, [&](std::string_view other) { return ascii::iequals(word, other); });
}

bool says_auto_submitted(const Field& field) {
    return field.is("Auto-Submitted") && !ascii::iequals(first_word(field.value), "no");
}

bool is_of_a_list(const Field& field) {
    constexpr std::array<std::string_view, 7> names{"List-Id",          "List-Help", "List-Subscribe",
                                                    "List-Unsubscribe", "List-Post", "List-Owner",
                                                    "List-Archive"};
    return is_one_of(field.name, names);
}

bool has_low_precedence(const Field& field) {
    constexpr std::array<std::string_view, 4> words{"bulk", "junk", "list", "auto_reply"};
    return field.is("Precedence") && is_one_of(first_word(field.value), words);
}

bool bears_a_mark(const Field& field) {
    constexpr std::array<std::string_view, 5> names{"X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Loop",
                                                    "Feedback-ID"};
    if (is_one_of(field.name, names)) return true;
    return field.is("X-Auto-Response-Suppress") && !ascii::iequals(first_word(field.value), "none");
}

// RFC 3834 §2: names that people do not have.
bool is_name_of_a_daemon(std::string_view reverse_path) {
    constexpr std::array<std::string_view, 7> whole{"mailer-daemon", "postmaster", "listserv",    "majordomo",
                                                    "noreply",       "no-reply",   "do-not-reply"};
    constexpr std::array<std::string_view, 4> ends{"-request", "-bounces", "-owner", "-relay"};
    const auto name = reverse_path.substr(0, reverse_path.rfind('@'));
    const auto ends_with = [&](std::string_view end) {
        return name.size() > end.size() && ascii::iequals(name.substr(name.size() - end.size()), end);
    };
    return is_one_of(name, whole) || ascii::istarts_with(name, "owner-") ||
           std::ranges::any_of(ends, ends_with);
}

struct Sign {
    Automatic automatic;
    bool (*shows)(const Field&);
};
constexpr std::array<Sign, 4> signs{{
    {Automatic::auto_submitted, &says_auto_submitted},
    {Automatic::list, &is_of_a_list},
    {Automatic::precedence, &has_low_precedence},
    {Automatic::marked, &bears_a_mark},
}};

}  // namespace

Automatic find_automatic(std::string_view reverse_path, std::string_view header) {
    if (reverse_path.empty()) return Automatic::null_sender;
    auto first = signs.end();
    for (const Field& field : message::Fields(header)) {
        const auto shown =
            std::find_if(signs.begin(), first, [&](const Sign& sign) { return sign.shows(field); });
        first = std::min(first, shown);
    }
    if (first != signs.end()) return first->automatic;
    return is_name_of_a_daemon(reverse_path) ? Automatic::daemon : Automatic::no;
}

std::string_view to_string(Automatic automatic) {
    constexpr std::array<std::string_view, 7> names{"no",         "null sender", "auto-submitted", "list",
                                                    "precedence", "marked",      "daemon"};
    return names[static_cast<std::size_t>(automatic)];
}

}  // namespace hongyan::dsn
