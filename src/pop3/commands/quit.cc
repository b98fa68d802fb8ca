// QUIT (RFC 1939 §5, §6): what was marked as deleted is removed now, and only now.
#include "pop3/commands/commands.h"
#include "pop3/session.h"
#include "pop3/wire/reply.h"

namespace hongyan::pop3::commands {

namespace {

store::UidSet deleted_uids(const Transaction& transaction) {
    store::UidSet uids;
    for (std::size_t i = 0; i < transaction.deleted.size(); ++i)
        if (transaction.deleted[i]) uids.add(transaction.maildrop.messages[i].uid);
    return uids;
}

void part(Session& session, const Result<void>& updated) {
    if (updated)
        session.accept("Goodbye");
    else
        session.say(negative("SYS/TEMP", "Some deleted messages are not removed"));
    session.end();
}

}  // namespace

void quit(Session& session, std::string_view) {
    if (session.state() == State::authorization) return part(session, {});
    session.ask(UpdateMaildrop{deleted_uids(session.transaction())},
                [](Session& here, const Answer& answer) { part(here, std::get<Result<void>>(answer)); });
}

}  // namespace hongyan::pop3::commands
