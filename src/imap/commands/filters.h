// Searches kept under a name, as annotations of the server (RFC 5466).
#pragma once

#include <optional>

#include "imap/completion.h"
#include "imap/task.h"
#include "imap/wire/search.h"

namespace hongyan::imap::commands {

// Puts what each FILTER stands for in its place: the user's own before the one that all share (RFC 5466
// §3.1). The refusal, where one is not there, is no search, or leads to itself; or where the texts are not of
// UTF-8.
std::optional<Completion> put_filters_in_place(Desk& desk, wire::SearchProgram& program);

}  // namespace hongyan::imap::commands
