// `hongyan sendmail`, and the program under the name sendmail: leaves mail for the server, whether it runs or
// not.
#pragma once

#include <functional>

#include "cli/sendmail_call.h"
#include "config/load.h"

namespace hongyan::cli {

// Reads standard input. `run` runs another command of ours, for -bp. Exit codes are those of sysexits: 0 when
// the message is on stable storage, EX_USAGE, EX_DATAERR for an address that is none, EX_TEMPFAIL and others
// by the kind of error.
int sendmail(const SendmailCall& call, const config::Settings& settings,
             const std::function<int(const std::vector<std::string>&)>& run);

}  // namespace hongyan::cli
