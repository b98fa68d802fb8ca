// The commands of IMAP; CAPABILITY and the check of the state are derived from the table.
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

struct Row {
    std::string_view name;
    Completion (*run)(Session&,
                      wire::Parser& arguments);  // arguments: what follows the name, its space included
    States states;
    std::string_view capability;  // what it adds to CAPABILITY while it is allowed, or empty
    bool (*is_offered)(const Session& session);
    std::string_view section;  // where it is defined
};

std::span<const Row> command_table();
const Row* find_command(std::string_view name);  // nullptr if there is none

// "IMAP4rev1 …": what holds in the session's state (RFC 9051 §6.1.1).
std::string capabilities(const Session& session);

}  // namespace hongyan::imap
