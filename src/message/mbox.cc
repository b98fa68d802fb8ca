#include "message/mbox.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "message/date.h"
#include "message/field.h"

namespace hongyan::message {
namespace {

constexpr std::string_view from_ = "From ";

// From_ = "From " sender " " time-of-receipt   RFC 4155 appendix A
std::optional<Instant> time_of_from_line(std::string_view line) {
    line.remove_prefix(from_.size());
    line = ascii::trim(line);
    if (const auto without_sender = parse_asctime(line)) return without_sender;
    line.remove_prefix(std::min(line.find(' '), line.size()));
    return parse_asctime(line);
}

// Calls edit(start of line) for each line that begins with "From ", with or without ">"s before it.
template <typename Edit>
void for_each_from(std::string_view text, Edit edit) {
    for (std::size_t at = 0; at < text.size();) {
        const auto letter = text.find("From ", at);
        if (letter == std::string_view::npos) return;
        auto start = letter;
        while (start > at && text[start - 1] == '>') --start;
        if (start == 0 || text[start - 1] == '\n') edit(start);
        at = letter + from_.size();
    }
}

std::string unquoted(std::string_view text) {
    std::string out;
    std::size_t copied = 0;
    for_each_from(text, [&](std::size_t start) {
        out += text.substr(copied, start - copied);
        copied = text[start] == '>' ? start + 1 : start;
    });
    return out += text.substr(copied);
}

std::string quoted(std::string_view text) {
    std::string out;
    std::size_t copied = 0;
    for_each_from(text, [&](std::size_t start) {
        out += text.substr(copied, start - copied);
        out += '>';
        copied = start;
    });
    return out += text.substr(copied);
}

bool has_quoted_from(std::string_view text) { return text.contains(">From "); }

// Where the next separator line begins, behind the one at the front; the end if there is none.
std::size_t next_separator(std::string_view mbox) {
    for (std::size_t at = 0; (at = mbox.find("\nFrom ", at)) != std::string_view::npos; ++at) {
        const auto before = mbox.substr(0, at);
        const bool follows_empty_line = before.ends_with('\n') || before.ends_with("\n\r");
        const auto line = mbox.substr(at + 1, line_end(mbox, at + 1) - at - 1);
        if (follows_empty_line && time_of_from_line(without_line_break(line))) return at + 1;
    }
    return mbox.size();
}

// The empty line before a separator belongs to it, also at the end of the file.
std::string_view without_empty_line(std::string_view message) {
    const auto shorter = without_line_break(message);
    return shorter.empty() || shorter.ends_with('\n') ? shorter : message;
}

Result<void> visit_mbox_entry(std::string_view entry, const Visit& visit) {
    const auto from_line = entry.substr(0, line_end(entry, 0));
    const auto raw = without_empty_line(entry.substr(from_line.size()));
    const auto date = time_of_from_line(without_line_break(from_line));
    if (!has_quoted_from(raw)) return visit({raw, {}, date});
    const auto message = unquoted(raw);
    return visit({message, {}, date});
}

// A From_ line is words with blanks between them, so the sender must be one word.
std::string_view one_word(std::string_view sender) {
    const bool is_word = !sender.empty() && std::ranges::none_of(sender, [](char c) {
        return c == ' ' || ascii::is_control(c);
    });
    return is_word ? sender : "MAILER-DAEMON";
}

}  // namespace

Result<void> read_mbox(std::string_view mbox, const Visit& visit) {
    if (mbox.starts_with("\xEF\xBB\xBF")) mbox.remove_prefix(3);
    if (mbox.empty()) return {};
    if (!mbox.starts_with(from_)) return fail(Error::Kind::invalid, "an mbox begins with \"From \"");
    while (!mbox.empty()) {
        const auto end = next_separator(mbox);
        TRY(visit_mbox_entry(mbox.substr(0, end), visit));
        mbox.remove_prefix(end);
    }
    return {};
}

std::string mbox_entry(std::string_view raw, std::string_view sender, Instant received) {
    auto entry = fmt::format("From {} {}\n", one_word(sender), format_asctime(received));
    entry += quoted(raw);
    if (!raw.ends_with('\n')) entry += '\n';
    return entry += '\n';
}

}  // namespace hongyan::message
