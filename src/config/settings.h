// The table of settings, from which parsing, `config show`, the manual and the reload are derived. A new
// setting is a row in the part of its section (settings_sections.h) and a member of Config.
#pragma once

#include <span>
#include <string_view>

#include "config/kinds.h"

namespace hongyan::config {

enum class Reload { applies, needs_restart };  // whether SIGHUP is enough for a changed value

struct Setting {
    std::string_view name;  // dotted TOML key
    Kind kind;
    Reload reload;
    std::string_view meaning;  // sentences for the manual

    // What stands before the first dot, or nothing.
    std::string_view group() const {
        return name.substr(0, name.find('.') == name.npos ? 0 : name.find('.'));
    }
};

std::span<const Setting> settings();
// nullptr if there is none of that name.
const Setting* find_setting(std::string_view name);
// The setting whose name was probably meant, or nothing if none is near.
std::string_view nearest_setting(std::string_view unknown);

}  // namespace hongyan::config
