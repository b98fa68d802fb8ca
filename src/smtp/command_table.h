// The commands of SMTP and LMTP, and the extensions that EHLO lists. What can be derived from the tables
// (HELP, EHLO, the checks of state, service and argument) is.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "smtp/session.h"

namespace hongyan::smtp {

template <typename Value>
class SetOf {
public:
    constexpr SetOf(std::initializer_list<Value> values) {
        for (const auto value : values) bits_ |= 1U << static_cast<unsigned>(value);
    }
    constexpr bool contains(Value value) const { return (bits_ >> static_cast<unsigned>(value) & 1U) != 0; }

private:
    unsigned bits_ = 0;
};

enum class Argument { none, may_come };

struct Row {
    std::string_view verb;
    void (*run)(Session&, std::string_view argument);
    SetOf<State> states;
    SetOf<Service> services;
    Argument argument;
    std::string_view syntax;   // as HELP shows it
    std::string_view section;  // where it is defined
};

std::span<const Row> command_table();
// nullptr if the service has no such command.
const Row* find_command(std::string_view verb, Service service);

struct Extension {
    std::string_view keyword;
    // What follows the keyword, with a space before it; nothing where the extension is not offered now.
    std::optional<std::string> (*offer)(const Session&);
    std::string_view section;
};

std::span<const Extension> extension_table();
// Whether the extension of that keyword, one of the table, is offered now.
bool is_offered(const Session& session, std::string_view keyword);

}  // namespace hongyan::smtp
