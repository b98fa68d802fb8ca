// The program as a function: words in, exit code out.
#pragma once

#include <string>
#include <vector>

namespace hongyan::cli {

// `name` is how the program was called, `words` what follows. As sendmail, mailq or newaliases it is what
// Unix programs expect of these (sendmail_call.h). Never throws.
int run_program(const std::string& name, const std::vector<std::string>& words);

}  // namespace hongyan::cli
