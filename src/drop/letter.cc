#include "drop/letter.h"

#include <algorithm>

#include "base/ascii.h"

namespace hongyan::drop {

namespace {

constexpr std::string_view first_line = "hongyan-drop 1";

struct Row {
    std::string_view name;
    std::string Letter::* value;
};
constexpr Row rows[] = {
    {"from", &Letter::sender},
    {"notify", &Letter::notify},
    {"return", &Letter::wanted_return},
    {"envid", &Letter::envelope_id},
};

bool fits_a_line(std::string_view value) {
    return value.size() <= max_line && std::ranges::none_of(value, ascii::is_control);
}

Result<void> put(std::string& out, std::string_view name, std::string_view value) {
    if (!fits_a_line(value)) return fail(Error::Kind::invalid, "a {} that does not fit a line", name);
    out += fmt::format("{} {}\n", name, value);
    return {};
}

Result<void> take(Letter& letter, std::string_view line) {
    const auto blank = line.find(' ');
    const auto name = line.substr(0, blank);
    const auto value = blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1);
    if (!fits_a_line(value)) return fail(Error::Kind::invalid, "a line of the envelope is none");
    if (name == "to") {
        if (letter.recipients.size() == max_recipients)
            return fail(Error::Kind::invalid, "too many recipients");
        letter.recipients.emplace_back(value);
        return {};
    }
    const auto row = std::ranges::find(rows, name, &Row::name);
    if (row == std::end(rows))
        return fail(Error::Kind::invalid, "an envelope with a line that begins otherwise");
    letter.*row->value = value;
    return {};
}

}  // namespace

Result<std::string> encode(const Letter& letter) {
    if (letter.recipients.size() > max_recipients) return fail(Error::Kind::invalid, "too many recipients");
    auto out = fmt::format("{}\n", first_line);
    for (const auto& [name, value] : rows)
        if (!(letter.*value).empty()) TRY(put(out, name, letter.*value));
    for (const auto& recipient : letter.recipients) TRY(put(out, "to", recipient));
    return out + "\n" + letter.message;
}

Result<Letter> parse(std::string_view file) {
    Letter letter;
    bool is_first = true;
    for (;;) {
        const auto end = file.find('\n');
        if (end == std::string_view::npos) return fail(Error::Kind::invalid, "an envelope without its end");
        const auto line = file.substr(0, end);
        file.remove_prefix(end + 1);
        if (is_first && line != first_line) return fail(Error::Kind::invalid, "no dropped mail of version 1");
        if (line.empty()) break;
        if (!std::exchange(is_first, false)) TRY(take(letter, line));
    }
    if (letter.recipients.empty()) return fail(Error::Kind::invalid, "an envelope without recipients");
    letter.message = file;
    return letter;
}

}  // namespace hongyan::drop
