// The program as a function: words in, exit code out.
#pragma once

#include <string>
#include <vector>

namespace hongyan::cli {

// `words` without the program's name. Never throws.
int run_program(const std::vector<std::string>& words);

}  // namespace hongyan::cli
