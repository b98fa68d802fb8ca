#include "message/message_ids.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/scanner.h"
#include "message/field.h"

namespace hongyan::message {
namespace {

// "<" comes in neither half, so what is not closed ends where the next one begins.
constexpr bool is_of_a_half(char c) {
    return c != '<' && c != '>' && c != '@' && c != '"' && !ascii::is_space(c) && c != '\0';
}

void skip_space(Scanner& in) { in.take_while(ascii::is_space); }

// The inside of quotes without backslashes; nothing where they are not closed.
std::optional<std::string> quoted(Scanner& in) {
    std::string text;
    in.expect("\"");
    for (;;) {
        text += in.take_while([](char c) { return c != '"' && c != '\\'; });
        if (in.present("\"")) return text;
        in.expect("\\");
        text += in.take(1);
        if (in.failed()) return std::nullopt;
    }
}

// Reads identifiers one behind the other. Each byte is looked at once, but for one quote that is not closed:
// behind it no quote counts any more.
class Reader {
public:
    explicit Reader(std::string_view value) : in_(value) {}

    // Nothing at the end.
    std::optional<std::string> next() {
        while (!in_.at_end()) {
            in_.take_while([](char c) { return c != '<'; });
            if (!in_.present("<")) return std::nullopt;
            if (auto found = id()) return found;
        }
        return std::nullopt;
    }

private:
    // id-left = dot-atom-text / obs-id-left, a word in quotes among them
    std::string left_half() {
        std::string left;
        for (;;) {
            skip_space(in_);
            if (in_.peek() == '"' && quotes_count_ && take_quoted(left)) continue;
            const auto run = in_.take_while(is_of_a_half);
            if (run.empty()) return left;
            left += run;
        }
    }

    bool take_quoted(std::string& left) {
        auto ahead = in_;
        const auto text = quoted(ahead);
        quotes_count_ = text.has_value();
        if (!text) return false;
        left += *text;
        in_ = ahead;
        return true;
    }

    std::optional<std::string> id() {
        auto id = left_half();
        if (id.empty() || !in_.present("@")) return std::nullopt;
        skip_space(in_);
        const auto right = in_.take_while(is_of_a_half);
        skip_space(in_);
        if (right.empty() || !in_.present(">")) return std::nullopt;
        id += '@';
        id += right;
        return id;
    }

    Scanner in_;
    bool quotes_count_ = true;
};

}  // namespace

std::vector<std::string> message_ids(std::string_view value) {
    std::vector<std::string> ids;
    Reader reader(value);
    while (auto id = reader.next()) ids.push_back(*std::move(id));
    if (ids.size() > max_message_ids)
        ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(max_message_ids));
    return ids;
}

std::optional<std::string> first_message_id(std::string_view value) { return Reader(value).next(); }

std::string message_id_in(std::string_view value) {
    constexpr std::size_t longest = 2'000;  // bytes; no line is longer (RFC 5322 §2.1.1)
    const auto unfolded = unfold(value);
    const auto id = first_message_id(unfolded);
    return id ? fmt::format("<{}>", std::string_view(*id).substr(0, longest))
              : std::string(ascii::trim(unfolded).substr(0, longest));
}

std::string message_id_of(std::string_view message) {
    for (const auto& field : Fields(message))
        if (field.is("Message-ID")) return message_id_in(field.value);
    return {};
}

}  // namespace hongyan::message
