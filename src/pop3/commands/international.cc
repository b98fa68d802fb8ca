// UTF8 and LANG (RFC 6856).
#include "base/ascii.h"
#include "pop3/commands/commands.h"
#include "pop3/session.h"
#include "pop3/wire/reply.h"

namespace hongyan::pop3::commands {

// RFC 6856 §2: messages are sent as they came from now on.
void utf8(Session& session, std::string_view) {
    session.begin_utf8();
    session.accept("UTF-8 it is");
}

// RFC 6856 §3.2: our sentences are English, and that is what "*" gets too.
void lang(Session& session, std::string_view argument) {
    if (argument.empty()) {
        session.accept("Language listing follows:");
        return session.say(multi_line({{"en English"}}));
    }
    if (argument != "*" && !ascii::iequals(argument, "en"))
        return session.refuse("", "That language is not spoken here");
    session.accept("en English it is");
}

}  // namespace hongyan::pop3::commands
