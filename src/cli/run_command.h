// One command, run on what is kept.
#pragma once

#include <memory>

#include "admin/data_folder.h"
#include "cli/parse.h"

namespace hongyan::cli {

// Does the command, as it was called, take a password from standard input, or all of it?
bool takes_password(const Parsed& parsed);
bool takes_everything(const Parsed& parsed);

// Returns its exit code. `kept` is null for commands that need settings only.
int run_here(const Parsed& parsed, const admin::Console& console, const config::Settings& settings,
             const admin::Kept* kept);

// Waits for a command that is at work in the data folder; conflict if it does not end soon, or if it is no
// longer wanted, which is asked before each attempt.
Result<std::unique_ptr<admin::DataFolder>> open_patiently(
    const config::Config& config, const Clock& clock, Random& random,
    const std::function<bool()>& is_still_wanted = [] { return true; },
    const admin::DataFolder::Complain& complain = {});

}  // namespace hongyan::cli
