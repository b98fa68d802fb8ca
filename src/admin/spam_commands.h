// The rows of `hongyan spam`; table.cc joins them to the others.
#pragma once

#include <span>

#include "admin/command.h"

namespace hongyan::admin {

std::span<const Command> spam_commands();

}  // namespace hongyan::admin
