// ENABLE (RFC 5161 §3.1): the client says what it understands.
#include <algorithm>

#include "base/ascii.h"
#include "imap/commands/commands.h"

namespace hongyan::imap::commands {
namespace {

struct Extension {
    std::string_view name;
    void (*enable)(Standing& standing);
    std::string_view section;
};

// Whether it is new the job finds out that begins with the account as it is then.
void no_switch(Standing&) {}

constexpr Extension extensions[] = {
    {"CONDSTORE", [](Standing& standing) { standing.condstore = true; }, "RFC 7162 §3.1"},
    {"QRESYNC", [](Standing& standing) { standing.condstore = standing.qresync = true; }, "RFC 7162 §3.2.3"},
    {"METADATA", &no_switch, "RFC 5464 §4.1"},
    {"IMAP4rev2",
     [](Standing& standing) {
         standing.rev2 = true;
         standing.names = wire::MailboxNames::utf8;
     },
     "RFC 9051 §6.3.1"},
    {"UIDONLY", [](Standing& standing) { standing.uid_only = true; }, "RFC 9586 §3"},
    {"UTF8=ACCEPT",
     [](Standing& standing) {
         standing.utf8 = true;
         standing.names = wire::MailboxNames::utf8;
     },
     "RFC 6855 §3"},
};

Step begin_annotations(Desk& desk) {
    TRY(desk.here.annotations.begin(desk.home().view()));
    return ok("Enabled");
}

}  // namespace

// What we do not know is passed over in silence (RFC 5161 §3.1).
Reaction enable(Session& session, const Arguments& arguments) {
    const auto wanted = arguments.in.atoms();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    auto& standing = session.standing();
    const bool counted_before = standing.condstore;
    std::string enabled = "ENABLED";
    for (const auto& extension : extensions) {
        const auto is_it = [&](const auto& word) { return ascii::iequals(word, extension.name); };
        if (std::ranges::none_of(wanted, is_it)) continue;
        extension.enable(standing);
        enabled += fmt::format(" {}", extension.name);
    }
    session.tell(enabled);
    // RFC 7162 §3.1.2.1: the client has to know from where to count.
    if (standing.condstore && !counted_before && standing.mailbox)
        session.tell(fmt::format("OK [HIGHESTMODSEQ {}] Highest", standing.mailbox->highest_modseq()));
    if (enabled.contains(" METADATA")) return Job(&begin_annotations);
    return ok("Enabled");
}

}  // namespace hongyan::imap::commands
