#include "message/mbox.h"

#include <algorithm>
#include <vector>

#include <fmt/chrono.h>

#include "base/ascii.h"
#include "base/scanner.h"
#include "message/field.h"

namespace hongyan::message {
namespace {

constexpr std::string_view from_ = "From ";
constexpr std::string_view month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    Scanner in(line);
    for (in.skip_blanks(); !in.at_end(); in.skip_blanks())
        words.push_back(in.take_some([](char c) { return !ascii::is_blank(c); }));
    return words;
}

// hour ":" minute [":" second]
std::optional<std::chrono::seconds> time_of_day(std::string_view word) {
    Scanner in(word);
    const auto hour = in.number<unsigned>(23);
    in.expect(":");
    const auto minute = in.number<unsigned>(59);
    const auto second = in.present(":") ? in.number<unsigned>(60) : 0;
    if (!in.complete()) return std::nullopt;
    return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

std::optional<unsigned> number_in(std::string_view word, unsigned min, unsigned max) {
    Scanner in(word);
    const auto number = in.number<unsigned>(max);
    if (!in.complete() || number < min) return std::nullopt;
    return number;
}

std::optional<std::chrono::month> month_named(std::string_view word) {
    const auto found =
        std::ranges::find_if(month_names, [&](auto name) { return ascii::iequals(name, word); });
    if (found == std::end(month_names)) return std::nullopt;
    return std::chrono::month(static_cast<unsigned>(found - std::begin(month_names)) + 1);
}

// From_ = "From " sender weekday month day time [zone] year [more], as asctime() writes it   RFC 4155
// appendix A A zone is not believed: the RFC demands UTC, and most writers do without.
std::optional<Instant> time_of_from_line(std::string_view line) {
    const auto words = words_of(line);
    for (std::size_t i = 3; i + 1 < words.size(); ++i) {
        const auto time = time_of_day(words[i]);
        const auto month = month_named(words[i - 2]);
        const auto day = number_in(words[i - 1], 1, 31);
        auto year = number_in(words[i + 1], 1970, 9999);
        if (!year && i + 2 < words.size()) year = number_in(words[i + 2], 1970, 9999);
        if (!time || !month || !day || !year) continue;
        const auto date = std::chrono::year(static_cast<int>(*year)) / *month / std::chrono::day(*day);
        if (date.ok()) return Instant(std::chrono::sys_days(date) + *time);
    }
    return std::nullopt;
}

// Calls for each line that begins with ">"s and "From ", or with "From " itself: `edit(line start)`.
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

// Where the next separator line begins, at or behind `from`; the end if there is none.
std::size_t next_separator(std::string_view mbox, std::size_t from) {
    for (auto at = from; (at = mbox.find("\nFrom ", at)) != std::string_view::npos; ++at) {
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
        const auto end = next_separator(mbox, 0);
        TRY(visit_mbox_entry(mbox.substr(0, end), visit));
        mbox.remove_prefix(end);
    }
    return {};
}

std::string mbox_entry(std::string_view raw, std::string_view sender, Instant received) {
    const auto day = std::chrono::floor<std::chrono::days>(received);
    const std::chrono::year_month_day date(day);
    const auto time = std::chrono::floor<std::chrono::seconds>(received - day);
    static constexpr std::string_view weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    auto entry = fmt::format("From {} {} {} {:2} {:%H:%M:%S} {:04}\n", one_word(sender),
                             weekdays[std::chrono::weekday(day).c_encoding()],
                             month_names[static_cast<unsigned>(date.month()) - 1],
                             static_cast<unsigned>(date.day()), time, static_cast<int>(date.year()));
    entry += quoted(raw);
    if (!raw.ends_with('\n')) entry += '\n';
    return entry += '\n';
}

}  // namespace hongyan::message
