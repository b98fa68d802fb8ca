// From one TOML file to settings in effect, or to everything that is wrong with it.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"

namespace hongyan::config {

// Where the value of a setting comes from.
struct Source {
    enum class Kind { fallback, file, command_line };
    Kind kind = Kind::fallback;
    std::uint32_t line = 0;  // in the file, from 1
    friend bool operator==(const Source&, const Source&) = default;
};

// What is wrong, and where; line and column count from 1, and are 0 where the file as a whole is meant.
struct Problem {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::string text;
    friend bool operator==(const Problem&, const Problem&) = default;
};
// "file:line:column: text"
std::string to_string(const Problem& problem);

// The settings in effect. A plain value; who is to see a reload gets a new one.
struct Settings {
    Config config;
    std::string file;             // empty: none was read
    std::vector<Source> sources;  // in the order of settings()

    static Settings fallbacks();
    // From the command line: `value` in TOML's notation, or a text without its quotes.
    Result<void> set(std::string_view name, std::string_view value);
};

// Never stops at the first problem, except where TOML itself is broken. Relative paths are taken to be beside
// the file.
std::expected<Settings, std::vector<Problem>> parse(std::string_view toml, const std::filesystem::path& file);
// The same for a file; the error's message has a line for each problem.
Result<Settings> load(const std::filesystem::path& file);

struct Reloaded {
    Settings settings;                          // what is to be in effect from now on
    std::vector<std::string_view> not_applied;  // changed in the file, but only a restart applies them
};
Reloaded reload(const Settings& running, const Settings& wanted);

}  // namespace hongyan::config
