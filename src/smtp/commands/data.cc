// DATA (RFC 5321 §4.1.1.4) and BDAT (RFC 3030 §2).
#include <cstdint>

#include "base/scanner.h"
#include "smtp/commands/commands.h"
#include "smtp/replies.h"
#include "smtp/session.h"

namespace hongyan::smtp::commands {

namespace {

struct BdatArgument {
    std::uint64_t size = 0;
    bool last = false;
};

// bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ]   RFC 3030 §2
std::optional<BdatArgument> parse_bdat(std::string_view text) {
    Scanner in(text);
    BdatArgument argument{.size = in.number<std::uint64_t>()};
    if (in.present(" ")) {
        in.skip_blanks();
        in.expect("LAST");
        argument.last = true;
    }
    if (!in.complete()) return std::nullopt;
    return argument;
}

std::optional<StandardReply> complaint(Session& session) {
    switch (session.state()) {
        case State::rcpt:
        case State::chunks:
            return std::nullopt;
        case State::mail:
            if (session.transaction()->refused_recipients) return replies::no_valid_recipients;
            [[fallthrough]];
        default:
            return replies::chunk_without_place;
    }
}

}  // namespace

void data(Session& session, std::string_view /*argument*/) {
    if (session.transaction()->envelope.parameters.body == Body::binary)
        return session.reply(replies::binary_needs_chunks);
    session.read_text();
}

// Where the next command begins is not known if the size is not.
void bdat(Session& session, std::string_view argument) {
    const auto parsed = parse_bdat(argument);
    if (parsed) return session.read_chunk({parsed->size, parsed->size, parsed->last, complaint(session)});
    session.reply(replies::bad_chunk_size);
    session.end();
}

}  // namespace hongyan::smtp::commands
