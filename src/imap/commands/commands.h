// The functions of the command table. Each reads its arguments and says what is to be done.
#pragma once

#include "imap/command_table.h"

namespace hongyan::imap::commands {

using Function = Reaction(Session& session, const Arguments& arguments);

Function append;
Function authenticate;
Function cancel_update;
Function capability;
Function close;
Function comparator;
Function language;
Function compress;
Function copy;
Function create;
Function delete_acl;
Function enable;
Function esearch;
Function examine;
Function expunge;
Function fetch;
Function gen_url_auth;
Function get_jmap_access;
Function get_acl;
Function get_metadata;
Function get_quota;
Function get_quota_root;
Function id;
Function idle;
Function list;
Function list_rights;
Function login;
Function logout;
Function lsub;
Function move;
Function my_rights;
Function name_space;
Function noop;
Function notify;
Function remove;
Function rename;
Function reset_key;
Function replace;
Function search;
Function select;
Function set_acl;
Function set_metadata;
Function set_quota;
Function sort;
Function starttls;
Function status;
Function store_flags;
Function subscribe;
Function thread;
Function uid_expunge;
Function unauthenticate;
Function unselect;
Function unsubscribe;
Function url_fetch;

}  // namespace hongyan::imap::commands
