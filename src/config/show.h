// The settings in effect and what can be set, for people and programs. All of it comes from the table.
#pragma once

#include <string>

#include "config/load.h"

namespace hongyan::config {

// `hongyan config show`: a TOML file that says the same, with the source of each value beside it.
std::string to_toml(const Settings& settings);
// An object by setting name: {"workers": {"value": 4, "source": "file", "line": 3}, …}.
std::string to_json(const Settings& settings);

// docs/settings.md.
std::string settings_markdown();
// The section SETTINGS of the manual page, in man(7) macros.
std::string settings_man_section();

}  // namespace hongyan::config
