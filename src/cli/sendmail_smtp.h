// `sendmail -bs`: an SMTP session on standard input and output, for programs that know no other way.
#pragma once

#include <functional>
#include <string>

#include "config/load.h"
#include "drop/letter.h"

namespace hongyan::cli {

// Speaks until QUIT or the end of input. Every sender and recipient is taken: whoever takes the letters in
// decides about them. `leave` is called for each message before its 250. The parameters of RFC 3461 go along
// for the message as a whole: NOTIFY as the first recipient has it. Errors: io.
Result<void> serve_smtp_here(const config::Settings& settings, const std::string& host,
                             const std::function<Result<void>(const drop::Letter&)>& leave);

}  // namespace hongyan::cli
