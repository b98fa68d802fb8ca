// The words of a command line, understood through the table of commands.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/command.h"

namespace hongyan::cli {

// What stands before the command and holds for all of them.
struct Options {
    std::string config_file;  // empty: the default place, if there is a file
    std::string data_folder;  // empty: as configured
};

// The command line asks for something that needs no command: help, or it is wrong.
struct Ended {
    int exit_code = 0;  // EX_OK or EX_USAGE
    std::string out;
    std::string err;
};

struct Parsed {
    Options options;
    const admin::Command* command = nullptr;  // null: serve
    admin::Values values;
};

// `words` without the program's name.
std::variant<Parsed, Ended> parse(const std::vector<std::string>& words);

}  // namespace hongyan::cli
