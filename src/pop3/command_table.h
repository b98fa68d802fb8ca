// The commands of POP3; CAPA and the check of the state are derived from the table.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "pop3/session.h"

namespace hongyan::pop3 {

enum class Valid { in_authorization, in_transaction, always };
enum class Argument { none, optional, required };

struct Row {
    std::string_view verb;
    void (*run)(Session&, std::string_view argument);
    Valid valid;
    Argument argument;
    std::string (*capability)(const Session& session);  // its line in CAPA now, or empty
    std::string_view section;                           // where it is defined
};

std::span<const Row> command_table();
const Row* find_command(std::string_view verb);  // nullptr if there is none

}  // namespace hongyan::pop3
