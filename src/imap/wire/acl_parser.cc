#include "imap/wire/acl_parser.h"

#include "imap/wire/writer.h"
#include "message/utf8.h"

namespace hongyan::imap::wire {

AclArguments acl_arguments(Parser& in) {
    AclArguments arguments;
    in.space();
    arguments.mailbox = in.mailbox();
    in.space();
    arguments.identifier = in.astring();
    // RFC 4314 §3: nothing is nobody.
    if (arguments.identifier.empty() || !message::valid_utf8(arguments.identifier)) in.fail("an identifier");
    return arguments;
}

AclArguments set_acl_arguments(Parser& in) {
    auto arguments = acl_arguments(in);
    in.space();
    arguments.rights = in.astring();
    const bool has_sign = arguments.rights.starts_with('+') || arguments.rights.starts_with('-');
    if (!has_sign) return arguments;
    arguments.how = arguments.rights.front();
    arguments.rights.erase(0, 1);
    return arguments;
}

void put(std::string& out, const AclArguments& arguments) {
    out += ' ';
    put_mailbox(out, arguments.mailbox);
    out += ' ';
    put_astring(out, arguments.identifier);
    out += ' ';
    put_astring(out, arguments.how == '=' ? arguments.rights : arguments.how + arguments.rights);
}

}  // namespace hongyan::imap::wire
