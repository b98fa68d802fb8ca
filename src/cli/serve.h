// The server, put together.
#pragma once

#include <functional>

#include "config/load.h"

namespace hongyan::cli {

// Serves until it is told to end; returns the exit code. `read_settings` is asked again at SIGHUP.
int serve(const config::Settings& settings, std::function<Result<config::Settings>()> read_settings);

}  // namespace hongyan::cli
