// The arguments of SETACL, DELETEACL and LISTRIGHTS (RFC 4314 §7).
#pragma once

#include <string>

#include "imap/wire/parser.h"

namespace hongyan::imap::wire {

struct AclArguments {
    std::string mailbox;
    std::string identifier;  // never empty
    // Of SETACL: the rights to add ('+'), to remove ('-'), or all there are to be ('=').
    char how = '=';
    std::string rights;

    friend bool operator==(const AclArguments&, const AclArguments&) = default;
};

// SP mailbox SP identifier
AclArguments acl_arguments(Parser& in);
// SP mailbox SP identifier SP mod-rights
AclArguments set_acl_arguments(Parser& in);
// Of SETACL.
void put(std::string& out, const AclArguments& arguments);

}  // namespace hongyan::imap::wire
