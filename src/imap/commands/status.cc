#include "imap/commands/status.h"

#include <algorithm>
#include <iterator>

#include "imap/commands/commands.h"
#include "imap/commands/messages.h"
#include "imap/commands/names.h"
#include "imap/object_id.h"
#include "imap/wire/writer.h"

namespace hongyan::imap::commands {
namespace {

Result<std::uint64_t> count_recent(const store::View& mail, const store::Mailbox& mailbox) {
    std::uint64_t count = 0;
    if (mailbox.first_recent == mailbox.uid_next) return count;
    TRY(mail.each_entry(mailbox.id, store::UidSet::of({mailbox.first_recent, store::last_uid}),
                        [&count](const store::Entry&) -> Result<void> {
                            ++count;
                            return {};
                        }));
    return count;
}

// Octets that EXPUNGE would free, those counted too that another mailbox keeps: RFC 9208 §4.1.4 permits it.
Result<std::uint64_t> size_of_deleted(const store::View& mail, const store::Mailbox& mailbox) {
    std::uint64_t octets = 0;
    if (mailbox.counts.deleted == 0) return octets;
    TRY(mail.each_entry(mailbox.id, store::UidSet::all(),
                        [&octets](const store::Entry& entry) -> Result<void> {
                            if (entry.flags.contains(store::Flag::deleted)) octets += entry.size;
                            return {};
                        }));
    return octets;
}

Result<std::uint64_t> number_of(wire::StatusItem item, const Desk& desk, const store::View& mail,
                                const store::Mailbox& mailbox) {
    using enum wire::StatusItem;
    switch (item) {
        case messages:
            return mailbox.counts.messages;
        case recent:
            return count_recent(mail, mailbox);
        case uid_next:
            return mailbox.uid_next.value();
        case uid_validity:
            return mailbox.uid_validity.value();
        case unseen:
            return mailbox.counts.unseen;
        case highest_modseq:
            return mailbox.highest_modseq.value();
        case deleted:
            return mailbox.counts.deleted;
        case deleted_storage:
            return size_of_deleted(mail, mailbox);
        case size:
            return mailbox.counts.bytes;
        case append_limit:
            return desk.here.append_limit;
        case mailbox_id:
            return mailbox.id.value();
    }
    return 0;
}

Result<std::string> value_of(wire::StatusItem item, const Desk& desk, const store::View& mail,
                             const store::Mailbox& mailbox) {
    if (item == wire::StatusItem::mailbox_id)
        return fmt::format("({})", object_id(mail.account(), mailbox.id));
    TRY(const auto number, number_of(item, desk, mail, mailbox));
    return fmt::format("{}", number);
}

Step run(const wire::StatusArguments& wanted, Desk& desk) {
    TRY(const auto place, find_selectable(desk, wanted.mailbox, {Right::read}));
    TRY(put_status(desk, place.account.view(), place.mailbox, wanted.mailbox, wanted.items));
    return ok("That is all");
}

}  // namespace

Result<void> put_status(Desk& desk, const store::View& mail, const store::Mailbox& mailbox,
                        std::string_view name, std::span<const wire::StatusItem> items) {
    std::string values;
    for (const auto item : items) {
        TRY(const auto value, value_of(item, desk, mail, mailbox));
        if (!values.empty()) values += ' ';
        wire::put_status_item(values, item);
        fmt::format_to(std::back_inserter(values), " {}", value);
        if (item == wire::StatusItem::highest_modseq) count_on_modseq(desk);
    }
    desk.out += "* STATUS ";
    wire::put_mailbox(desk.out, name, desk.here.names);
    fmt::format_to(std::back_inserter(desk.out), " ({})\r\n", values);
    return {};
}

// Who asks for HIGHESTMODSEQ for the first time is another client from then on (RFC 7162 §3.1).
Reaction status(Session& session, const Arguments& arguments) {
    auto wanted = arguments.in.status_arguments();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    const bool counts_on_modseq =
        std::ranges::find(wanted.items, wire::StatusItem::highest_modseq) != wanted.items.end();
    const bool leaves_standing = session.standing().condstore || !counts_on_modseq;
    const auto afresh = [wanted = std::move(wanted)] {
        return Job([wanted](Desk& desk) { return run(wanted, desk); });
    };
    if (leaves_standing) return Glance{afresh};
    return afresh();
}

}  // namespace hongyan::imap::commands
