// SELECT, EXAMINE, CLOSE, UNSELECT (RFC 3501 §6.3.1, §6.3.2, §6.4.2; RFC 3691; RFC 7162 §3.2.5).
#include "engine/without_waiting.h"
#include "imap/commands/commands.h"
#include "imap/commands/fetch.h"
#include "imap/commands/list_line.h"
#include "imap/commands/names.h"
#include "imap/object_id.h"
#include "imap/wire/writer.h"

namespace hongyan::imap::commands {
namespace {

void put_ok(std::string& out, wire::Code code, std::string arguments, std::string text) {
    wire::put_status(out, wire::untagged, wire::Condition::ok, {code, std::move(arguments), std::move(text)});
}

// Whether there are children is not known when one mailbox is looked for.
wire::FlagNames use_of(const store::Mailbox& mailbox) {
    const auto* const row = store::row_of(mailbox.use);
    return row != nullptr ? wire::FlagNames{std::string(row->attribute)} : wire::FlagNames{};
}

// RFC 3501 §6.3.1 says which responses there must be, RFC 7162 §3.1.2.1 adds HIGHESTMODSEQ.
// RFC 8474 §4.2 MAILBOXID; RFC 9051 §6.3.2 has LIST, but neither RECENT nor UNSEEN.
void describe(Desk& desk, const Place& place, std::string_view asked) {
    auto& out = desk.out;
    const auto& mailbox = desk.mailbox();
    out += "* FLAGS ";
    wire::put_flags(out, mailbox.flags());
    out += "\r\n";
    mailbox.put_permanent_flags(out);
    wire::put_numbered(out, mailbox.view().size(), "EXISTS");
    if (desk.here.tells_recent()) wire::put_numbered(out, mailbox.recent(), "RECENT");
    if (const auto unseen = mailbox.first_unseen(); unseen && !desk.here.rev2)
        put_ok(out, wire::Code::unseen, fmt::format("{}", *unseen), "The first that is not seen");
    put_ok(out, wire::Code::uid_validity, fmt::format("{}", mailbox.uid_validity()), "UIDs are valid");
    put_ok(out, wire::Code::uid_next, fmt::format("{}", mailbox.uid_next()), "The next UID");
    put_ok(out, wire::Code::highest_modseq, fmt::format("{}", mailbox.highest_modseq()), "Highest");
    put_ok(out, wire::Code::mailbox_id, fmt::format("({})", object_id(mailbox.account(), mailbox.id())),
           "It is this one");
    if (!desk.here.rev2) return;
    const bool is_own = place.account.id() == desk.here.account;
    const auto name = is_own ? place.mailbox.name.text() : std::string(asked);
    put_line(desk, "LIST", use_of(place.mailbox), name, old_name(desk, asked, name));
}

// What the client has missed, as "UID FETCH known-uids (FLAGS) (CHANGEDSINCE n VANISHED)" would tell it
// (RFC 7162 §3.2.5.1).
Job catching_up(const wire::Resynchronisation& known, const Selected& mailbox) {
    ToFetch missed;
    missed.messages = {known.known_uids, SetOf::uids};
    if (known.known_uids.empty() && mailbox.uid_next() > Uid(1))
        missed.messages.set = {{wire::SetNumber(1), wire::SetNumber(mailbox.uid_next().value() - 1)}};
    missed.arguments.items = {wire::MessageItem::flags};
    missed.arguments.changed_since = known.modseq;
    missed.arguments.vanished = true;
    missed.has_limit = false;
    missed.known_removals = mailbox.view().agrees_up_to(known.matched_numbers, known.matched_uids);
    return fetching(std::move(missed));
}

// A SELECT or EXAMINE under way.
class Opening {
public:
    Opening(wire::SelectArguments wanted, Access access) : wanted_(std::move(wanted)), access_(access) {}

    Step operator()(Desk& desk) {
        if (!catching_up_) {
            TRY(open(desk));
            if (!is_known(desk.mailbox())) return opened(desk.mailbox());
            catching_up_ = catching_up(*wanted_.resynchronisation, desk.mailbox());
        }
        desk.account = desk.store.account(desk.mailbox().account());
        TRY(const auto caught_up, (*catching_up_)(desk));
        if (!caught_up) return std::nullopt;
        return opened(desk.mailbox());
    }

private:
    // The mailbox before is left whatever comes of it (RFC 3501 §6.3.1), but not by a glance in vain.
    Result<void> open(Desk& desk) const {
        std::optional<engine::WithoutWaiting> here;
        if (engine::WithoutWaiting::is_asked_for()) here.emplace();
        auto opened = opened_anew(desk);
        if (here && here->missed()) return fail(Error::Kind::unavailable, "not in memory");
        leave(desk);
        desk.here.condstore |= wanted_.condstore;
        TRY(opened);
        desk.here.mailbox = std::move(opened->mailbox);
        describe(desk, opened->place, wanted_.mailbox);
        return {};
    }
    struct Opened {
        Place place;
        Selected mailbox;
    };
    Result<Opened> opened_anew(Desk& desk) const {
        TRY(auto place, find_selectable(desk, wanted_.mailbox, {Right::read}));
        TRY(auto mailbox, Selected::open(place.account, place.mailbox, access_, place.rights));
        return Opened{std::move(place), std::move(mailbox)};
    }
    // What a client knew of another mailbox with this name helps it nothing (RFC 7162 §3.2.5).
    bool is_known(const Selected& mailbox) const {
        const auto& known = wanted_.resynchronisation;
        return known && known->uid_validity == mailbox.uid_validity().value();
    }
    static Completion opened(const Selected& mailbox) {
        return mailbox.is_read_only() ? ok(wire::Code::read_only, "", "Examined")
                                      : ok(wire::Code::read_write, "", "Selected");
    }

    wire::SelectArguments wanted_;
    Access access_;
    std::optional<Job> catching_up_;
};

Reaction open(Session& session, const Arguments& arguments, Access access) {
    auto wanted = arguments.in.select_arguments();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    // RFC 7162 §3.2.5
    if (wanted.resynchronisation && !session.standing().qresync) return bad("ENABLE QRESYNC comes first");
    const bool names_numbers = wanted.resynchronisation && !wanted.resynchronisation->matched_numbers.empty();
    if (names_numbers && session.standing().uid_only) return uid_required();
    if (wanted.resynchronisation) return Job(Opening(std::move(wanted), access));
    return Glance{[wanted = std::move(wanted), access] { return Job(Opening(wanted, access)); }};
}

}  // namespace

Reaction select(Session& session, const Arguments& arguments) {
    return open(session, arguments, Access::read_write);
}
Reaction examine(Session& session, const Arguments& arguments) {
    return open(session, arguments, Access::read_only);
}

// Expunges, but in silence (RFC 3501 §6.4.2).
Reaction close(Session&, const Arguments& arguments) {
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([](Desk& desk) -> Step {
        const auto& mailbox = desk.mailbox();
        if (!mailbox.is_read_only() && mailbox.rights().contains(Right::expunge)) {
            TRY(const auto gone,
                desk.account.expunge(mailbox.id(), mailbox.view().uids(), store::Which::marked_deleted));
            if (!gone.uids.empty()) desk.note_own_messages(mailbox.account(), mailbox.id(), gone.uids);
        }
        desk.here.mailbox.reset();
        return ok("Closed");
    });
}

Reaction unselect(Session& session, const Arguments& arguments) {
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    session.standing().mailbox.reset();
    return ok("Unselected");
}

}  // namespace hongyan::imap::commands
