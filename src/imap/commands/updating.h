// Results that a client is kept up to date with (RFC 5267 §4.3).
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "imap/command_table.h"
#include "imap/commands/found.h"
#include "imap/contexts.h"

namespace hongyan::imap::commands {

// BAD where UPDATE is wanted under a tag that already has it.
std::optional<Completion> tag_refusal(const Desk& desk, const wire::ResultOptions& wanted,
                                      std::string_view tag);

// From now on; says NO [NOUPDATE …] where there are too many.
void keep_up_to_date(Desk& desk, Context context);
std::vector<Uid> results_of(std::span<const FoundMessage> found);

}  // namespace hongyan::imap::commands
