// The functions of the command table. Each reads its arguments and says what is to be done.
#pragma once

#include "imap/command_table.h"

namespace hongyan::imap::commands {

using Function = Reaction(Session& session, const Arguments& arguments);

Function append;
Function authenticate;
Function capability;
Function close;
Function copy;
Function create;
Function enable;
Function examine;
Function expunge;
Function fetch;
Function get_quota;
Function get_quota_root;
Function id;
Function idle;
Function list;
Function login;
Function logout;
Function lsub;
Function move;
Function name_space;
Function noop;
Function remove;
Function rename;
Function search;
Function select;
Function set_quota;
Function starttls;
Function status;
Function store_flags;
Function subscribe;
Function uid_expunge;
Function unselect;
Function unsubscribe;

}  // namespace hongyan::imap::commands
