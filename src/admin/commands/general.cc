#include "admin/manual.h"
#include "admin/tables.h"

namespace hongyan::admin {

namespace {

Result<void> version(const Call& call) {
    call.say("hongyan " HONGYAN_VERSION);
    return {};
}

Result<void> manual(const Call& call) {
    call.console.out(call.values.given("settings") ? manual_of_settings() : manual_of_commands());
    return {};
}

constexpr Argument manual_arguments[] = {
    {"settings", Argument::Kind::flag, "The page of the settings file, hongyan.toml(5)"},
};

constexpr Command rows[] = {
    {"", "manual", "Print the manual page, for man(1)", manual_arguments, Needs::settings, &manual},
    {"", "version", "Print the version", {}, Needs::settings, &version},
};

}  // namespace

std::span<const Command> general_commands() { return rows; }

}  // namespace hongyan::admin
