// What a person types, or pipes in.
#pragma once

#include <string>

namespace hongyan::cli {

// One line of standard input; from a terminal it is asked for and not shown.
std::string read_password();

// Standard input to its end.
std::string read_all();

}  // namespace hongyan::cli
