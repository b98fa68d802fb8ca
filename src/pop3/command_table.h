// The commands of POP3; CAPA and the check of the state are derived from the table.
#pragma once

#include <span>
#include <string_view>

#include "pop3/session.h"

namespace hongyan::pop3 {

struct Row {
    std::string_view verb;
    void (*run)(Session&, std::string_view argument);
    State state;
    bool takes_argument;
    std::string_view capability;                 // its line in CAPA, or empty
    bool (*is_offered)(const Session& session);  // whether the capability is there now
    std::string_view section;                    // where it is defined
};

std::span<const Row> command_table();
const Row* find_command(std::string_view verb);  // nullptr if there is none

}  // namespace hongyan::pop3
