// BURL (RFC 4468 §3.2): a message, or a part of one, that lies on an IMAP server already.
#include "base/scanner.h"
#include "smtp/commands/commands.h"
#include "smtp/replies.h"
#include "smtp/session.h"

namespace hongyan::smtp::commands {

namespace {

struct BurlArgument {
    std::string_view url;
    bool last = false;
};

// burl-cmd = "BURL" SP absolute-URI [SP end-marker]   RFC 4468 §4
std::optional<BurlArgument> parse_burl(std::string_view text) {
    Scanner in(text);
    BurlArgument argument{.url = in.take_some([](char c) { return c > ' ' && c < '\x7f'; })};
    if (in.present(" ")) {
        in.skip_blanks();
        in.expect("LAST");
        argument.last = true;
    }
    if (!in.complete()) return std::nullopt;
    return argument;
}

}  // namespace

// It stands in the place of DATA, so what is wrong with it is answered as there; the transaction goes on
// where nothing was fetched.
void burl(Session& session, std::string_view argument) {
    if (!session.settings().fetches_urls) return session.reply(replies::no_urls);
    if (session.client().account.empty()) return session.reply(replies::authentication_first);
    const auto parsed = parse_burl(argument);
    if (!parsed) return session.reply(replies::bad_url);
    session.fetch(std::string(parsed->url), parsed->last);
}

}  // namespace hongyan::smtp::commands
