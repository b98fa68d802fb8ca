// The commands of IMAP. CAPABILITY, the check of the state and what may be told when are derived from the
// table.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "imap/session.h"

namespace hongyan::imap {

class States {
public:
    constexpr States(std::initializer_list<State> states) {
        for (const auto state : states) bits_ |= 1U << static_cast<unsigned>(state);
    }
    constexpr bool contains(State state) const { return (bits_ >> static_cast<unsigned>(state) & 1U) != 0; }

private:
    unsigned bits_ = 0;
};

// What a command's function is given.
struct Arguments {
    wire::Parser& in;  // what follows the verb, its space included
    SetOf of;          // "UID FETCH" means its set of UIDs, "FETCH" of sequence numbers
};

struct Row {
    std::string_view verb;
    Reaction (*run)(Session& session, const Arguments& arguments);
    States states;
    Numbers numbers;              // of messages, while the command runs
    std::string_view capability;  // what its being there adds to CAPABILITY
    std::string_view section;

    SetOf of() const { return verb.starts_with("UID ") ? SetOf::uids : SetOf::numbers; }
    // What can only be done to a selected mailbox is done to that.
    Subject subject() const {
        return states.contains(State::authenticated) ? Subject::account : Subject::mailbox;
    }
};

std::span<const Row> command_table();
// `verb` with "UID " before it where the client said so; null if there is none.
const Row* find_command(std::string_view verb);

// Names messages by sequence numbers, which a client that has enabled UIDONLY may not (RFC 9586 §3): has a
// twin with "UID " that names them by UIDs.
bool takes_numbers(const Row& row);

// "IMAP4rev1 …": what holds in the session's state (RFC 3501 §6.1.1).
std::string capabilities(const Session& session);

}  // namespace hongyan::imap
