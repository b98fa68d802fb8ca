#include "imap/wire/command_reader.h"

#include <algorithm>

#include "base/scanner.h"
#include "imap/wire/syntax.h"

namespace hongyan::imap::wire {
namespace {

constexpr std::size_t longest_head = 30;          // octets of "{4294967296+}" and its line end, and then some
constexpr std::size_t begin_kept = 100;           // octets of a line too long: enough for a tag and a verb
constexpr std::size_t consumed_kept = 64 * 1024;  // before the input is moved to its front

constexpr std::string_view crlf = "\r\n";

}  // namespace

void CommandReader::consume(std::size_t count) {
    consumed_ += count;
    searched_ = 0;
    if (consumed_ == input_.size()) {
        input_.clear();
        if (input_.capacity() > consumed_kept) input_.shrink_to_fit();
        consumed_ = 0;
    } else if (consumed_ > consumed_kept && consumed_ > input_.size() / 2) {
        input_.erase(0, consumed_);
        consumed_ = 0;
    }
}

std::optional<Reading> CommandReader::next() {
    while (true) {
        const auto before = state_;
        auto reading = before == State::line            ? read_line()
                       : before == State::literal       ? read_literal()
                       : before == State::skipping_line ? skip_line()
                                                        : skip_literal();
        if (reading || state_ == before) return reading;
    }
}

std::optional<std::string> CommandReader::next_line() {
    const auto end = find_line_end();
    if (!end) {
        if (rest().size() <= limits_.command) return std::nullopt;
        std::string cut(rest().substr(0, limits_.command));
        state_ = State::skipping_line;
        return cut;
    }
    std::string line(rest().substr(0, *end));
    consume(*end + crlf.size());
    return line;
}

// Where the line ends that rest() begins with. What has been searched is not searched again.
std::optional<std::size_t> CommandReader::find_line_end() {
    const auto all = rest();
    const auto end = all.find(crlf, searched_);
    if (end != std::string_view::npos) return end;
    searched_ = all.empty() ? 0 : all.size() - 1;
    return std::nullopt;
}

std::optional<Reading> CommandReader::read_line() {
    if (command_.empty()) share_.release();  // the command before has been dealt with
    const auto end = find_line_end();
    if (command_.size() - messages_ + end.value_or(rest().size()) > limits_.command) {
        command_.append(rest().substr(0, begin_kept));
        command_.resize(std::min(command_.size(), begin_kept));
        return refuse(Refused::Why::too_long, State::skipping_line);
    }
    if (!end) return std::nullopt;
    const auto line = rest().substr(0, *end);
    command_.append(line);
    const auto head = literal_head(line);
    consume(*end + crlf.size());
    if (head) return begin_literal(*head);
    messages_ = 0;
    return CommandText{std::exchange(command_, {})};
}

// literal = "{" number ["+"] "}" CRLF *CHAR8   RFC 7888 §8
std::optional<CommandReader::LiteralHead> CommandReader::literal_head(std::string_view line) {
    const auto brace = line.ends_with('}') ? line.rfind('{') : std::string_view::npos;
    if (brace == std::string_view::npos) return std::nullopt;
    Scanner in(line.substr(brace + 1));
    LiteralHead head;
    head.size = in.number<std::uint64_t>();
    head.unasked = in.present("+");
    in.expect("}");
    if (!in.complete()) return std::nullopt;
    return head;
}

std::optional<Reading> CommandReader::begin_literal(const LiteralHead& head) {
    literal_left_ = head.size;
    const bool is_message = begins_message();
    const auto limit = is_message ? limits_.message - std::min(limits_.message, messages_) : limits_.literal;
    const auto then = head.unasked ? State::skipping_literal : State::line;
    if (head.unasked && head.size > limits_.unasked) return refuse(Refused::Why::unasked_too_large, then);
    if (head.size > limit)
        return refuse(is_message ? Refused::Why::message_too_large : Refused::Why::literal_too_large, then);
    if (is_message && !share_.grow_to(messages_ + head.size)) return refuse(Refused::Why::no_room, then);
    command_ += crlf;
    if (is_message) messages_ += head.size;
    state_ = State::literal;
    if (head.unasked) return std::nullopt;
    return GoOn{};
}

std::optional<Reading> CommandReader::read_literal() {
    const auto taken = rest().substr(0, std::min<std::uint64_t>(literal_left_, rest().size()));
    command_.append(taken);
    literal_left_ -= taken.size();
    consume(taken.size());
    if (literal_left_ == 0) state_ = State::line;
    return std::nullopt;
}

std::optional<Reading> CommandReader::skip_line() {
    const auto end = find_line_end();
    if (!end) {
        // Its end may tell that a literal follows unasked.
        if (rest().size() > longest_head) consume(rest().size() - longest_head);
        return std::nullopt;
    }
    const auto head = literal_head(rest().substr(0, *end));
    const bool more = head && head->unasked;
    consume(*end + crlf.size());
    state_ = more ? State::skipping_literal : State::line;
    if (more) literal_left_ = head->size;
    return std::nullopt;
}

std::optional<Reading> CommandReader::skip_literal() {
    if (literal_left_ > limits_.thrown_away - std::min(limits_.thrown_away, thrown_away_)) return Abuse{};
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(literal_left_, rest().size()));
    literal_left_ -= count;
    thrown_away_ += count;
    consume(count);
    if (literal_left_ == 0) state_ = State::skipping_line;
    return std::nullopt;
}

std::optional<Reading> CommandReader::refuse(Refused::Why why, State then) {
    Refused refused{why, std::exchange(command_, {})};
    messages_ = 0;
    state_ = then;
    return refused;
}

// The messages of an APPEND or REPLACE may be large; the mailbox before them, which may be a literal too, may
// not.
bool CommandReader::begins_message() const {
    Scanner in(command_);
    in.take_some(is_tag_char);
    in.expect(" ");
    if (!in.present("APPEND ")) {
        in.present("UID ");
        if (!in.present("REPLACE ")) return false;
        in.take_while([](char c) { return c != ' '; });
        in.expect(" ");
    }
    return in.peek() != '{' || in.rest().find('}') != in.rest().size() - 1;
}

}  // namespace hongyan::imap::wire
