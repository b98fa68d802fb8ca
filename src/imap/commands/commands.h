// The functions of the command table. Each reads its arguments, does what is asked, and says how it ended.
#pragma once

#include "imap/session.h"

namespace hongyan::imap::commands {

Completion capability(Session& session, wire::Parser& arguments);
Completion noop(Session& session, wire::Parser& arguments);
Completion logout(Session& session, wire::Parser& arguments);
Completion id(Session& session, wire::Parser& arguments);
Completion starttls(Session& session, wire::Parser& arguments);
Completion authenticate(Session& session, wire::Parser& arguments);
Completion login(Session& session, wire::Parser& arguments);

// For arguments that break the grammar: BAD, and nothing has been done.
Completion syntax_error();

}  // namespace hongyan::imap::commands
