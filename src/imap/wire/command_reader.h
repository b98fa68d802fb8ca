// Finds where a command ends in what a client sends: a line, or lines joined by literals (RFC 3501 §2.2.1,
// §4.3, RFC 7888). Keeps only the command that is not yet whole, and refuses what is too large before a byte
// of it is kept.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/budget.h"
#include "imap/wire/limits.h"

namespace hongyan::imap::wire {

// The whole command, without its last line end. Literals stand in it as they came, `{5}` CR LF and the
// octets.
struct CommandText {
    std::string text;
};
// The client waits with a literal: tell it to go on (RFC 3501 §7.5).
struct GoOn {};
// The command cannot be taken. It is forgotten, and reading goes on with the next one.
struct Refused {
    enum class Why { too_long, literal_too_large, message_too_large, unasked_too_large, no_room };
    Why why = Why::too_long;
    std::string begin;  // of the command, up to what was refused; of a line too long a part
};
// So much is under way that reading it away would be a service to nobody: say BYE.
struct Abuse {};

using Reading = std::variant<CommandText, GoOn, Refused, Abuse>;

// Belongs to one session. Only CR LF ends a line; a CR or LF by itself is left for the parser to refuse.
class CommandReader {
public:
    // Messages take room of the budget until the next command is read; without one there is always room.
    explicit CommandReader(Limits limits, std::shared_ptr<Budget> budget = {})
        : limits_(limits), budget_(std::move(budget)), share_(budget_) {}

    // From the next literal on. A session is stricter with those it does not know yet.
    void set_limits(Limits limits) { limits_ = limits; }

    void receive(std::string_view bytes) { input_.append(bytes); }

    // What there is to do next; nothing until more has been received.
    std::optional<Reading> next();

    // One line by itself: the answer to a SASL challenge, the DONE of an IDLE. Nothing until it is whole. A
    // line beyond the limit of a command is given cut short, so that it is refused.
    std::optional<std::string> next_line();

    // Drops all that was received: what came in the clear before TLS (RFC 3501 §6.2.1).
    void drop() { *this = CommandReader(limits_, budget_); }

    // The same, for somebody who reads on in another way.
    std::string take_rest() {
        std::string left(rest());
        drop();
        return left;
    }

    // Octets held: the figure by which a session's memory is bounded.
    std::size_t held() const { return input_.size() - consumed_ + command_.size(); }

private:
    enum class State { line, literal, skipping_line, skipping_literal };

    struct LiteralHead {
        std::uint64_t size = 0;
        bool unasked = false;
    };
    static std::optional<LiteralHead> literal_head(std::string_view line);

    std::optional<std::size_t> find_line_end();
    std::optional<Reading> read_line();
    std::optional<Reading> read_literal();
    std::optional<Reading> skip_line();
    std::optional<Reading> skip_literal();
    std::optional<Reading> begin_literal(const LiteralHead& head);
    std::optional<Reading> refuse(Refused::Why why, State then);
    bool begins_message() const;
    std::string_view rest() const { return std::string_view(input_).substr(consumed_); }
    void consume(std::size_t count);

    Limits limits_;
    std::shared_ptr<Budget> budget_;
    Share share_;
    State state_ = State::line;
    std::string input_;
    std::size_t consumed_ = 0;    // of input_
    std::size_t searched_ = 0;    // of rest(), without a line end so far
    std::string command_;         // its lines and literals so far
    std::uint64_t messages_ = 0;  // octets of command_ that are messages
    std::uint64_t literal_left_ = 0;
    std::uint64_t thrown_away_ = 0;
};

}  // namespace hongyan::imap::wire
