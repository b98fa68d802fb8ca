#include "admin/services.h"
#include "admin/tables.h"
#include "config/show.h"

namespace hongyan::admin {

namespace {

// The settings were read before any command runs; a mistake in them has been reported by then.
Result<void> check_settings(const Call& call) {
    const auto& settings = call.services.settings;
    call.say(settings.file.empty() ? std::string("no settings file: defaults are in effect")
                                   : fmt::format("{}: ok", settings.file));
    return {};
}

Result<void> show_settings(const Call& call) {
    const auto& settings = call.services.settings;
    call.console.out(call.values.given(json_flag.name) ? config::to_json(settings)
                                                       : config::to_toml(settings));
    return {};
}

constexpr Argument show_arguments[] = {json_flag};

constexpr Command rows[] = {
    {"config",
     "check",
     "Read the settings file and report everything that is wrong with it",
     {},
     Needs::settings,
     &check_settings},
    {"config", "show", "Print every setting in effect and where it comes from", show_arguments,
     Needs::settings, &show_settings},
};

}  // namespace

std::span<const Command> config_commands() { return rows; }

}  // namespace hongyan::admin
