// CANCELUPDATE, and what UPDATE begins (RFC 5267 §4.3).
#include "imap/contexts.h"

#include "imap/commands/commands.h"
#include "imap/commands/finding.h"
#include "imap/commands/updating.h"
#include "imap/wire/writer.h"

namespace hongyan::imap::commands {
namespace {

constexpr std::size_t most_tags = 100;

Completion cancel(Selected& mailbox, const std::vector<std::string>& tags) {
    bool all_known = true;
    for (const auto& tag : tags) all_known = mailbox.contexts().cancel(tag) && all_known;
    return all_known ? ok("No further updates") : bad("There are no updates under such a tag");
}

}  // namespace

std::optional<Completion> tag_refusal(const Desk& desk, const wire::ResultOptions& wanted,
                                      std::string_view tag) {
    if (!wanted.update || !desk.mailbox().contexts().is_known(tag)) return std::nullopt;
    return bad("Tag reuse: there are updates under it");
}

void keep_up_to_date(Desk& desk, Context context) {
    auto& contexts = desk.mailbox().contexts();
    if (contexts.has_room()) return contexts.add(std::move(context));
    put_no_update(desk.out, context.tag, "There are too many contexts");
}

std::vector<Uid> results_of(std::span<const FoundMessage> found) {
    std::vector<Uid> uids;
    uids.reserve(found.size());
    for (const auto& message : found) uids.push_back(message.uid);
    return uids;
}

// 1*(SP quoted)
Reaction cancel_update(Session& session, const Arguments& arguments) {
    std::vector<std::string> tags;
    do {
        arguments.in.space();
        tags.push_back(arguments.in.astring());
        if (tags.size() > most_tags) arguments.in.fail("fewer tags");
    } while (!arguments.in.failed() && !arguments.in.at_end());
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return cancel(*session.standing().mailbox, tags);
}

}  // namespace hongyan::imap::commands
