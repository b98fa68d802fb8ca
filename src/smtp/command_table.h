// The commands of SMTP and LMTP; what can be derived from the table (HELP, the checks of state and service)
// is.
#pragma once

#include <initializer_list>
#include <span>
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

struct Row {
    std::string_view verb;
    void (*run)(Session&, std::string_view argument);
    SetOf<State> states;
    SetOf<Service> services;
    std::string_view syntax;   // as HELP shows it
    std::string_view section;  // where it is defined
};

std::span<const Row> command_table();
// nullptr if the service has no such command.
const Row* find_command(std::string_view verb, Service service);

}  // namespace hongyan::smtp
