// STAT, LIST, UIDL, DELE, RSET, LAST and NOOP: what needs no message's text (RFC 1939 §5, §7).
#include "pop3/commands/commands.h"
#include "pop3/commands/number.h"
#include "pop3/wire/reply.h"

namespace hongyan::pop3::commands {

namespace {

struct Totals {
    std::size_t messages = 0;
    std::uint64_t octets = 0;
};

// Those marked as deleted do not count (RFC 1939 §5).
Totals totals_of(const Transaction& transaction) {
    Totals totals;
    for (std::size_t i = 0; i < transaction.deleted.size(); ++i) {
        if (transaction.deleted[i]) continue;
        ++totals.messages;
        totals.octets += transaction.maildrop.messages[i].size;
    }
    return totals;
}

// What LIST and UIDL say of one message.
using Line = std::string (*)(const Maildrop& maildrop, MessageNumber number, const Listed& message);

std::string scan_listing(const Maildrop&, MessageNumber number, const Listed& message) {
    return fmt::format("{} {}", number.value(), message.size);
}

// RFC 1939 §7: 1 to 70 characters that no other message of this maildrop ever has, in any session.
std::string unique_id_listing(const Maildrop& maildrop, MessageNumber number, const Listed& message) {
    return fmt::format("{} {}.{}", number.value(), maildrop.uid_validity.value(), message.uid.value());
}

void list_all(Session& session, Line line) {
    const auto& transaction = session.transaction();
    std::string out;
    for (MessageNumber n(1); n.value() <= transaction.maildrop.messages.size(); n = n.next())
        if (const auto* message = transaction.find(n))
            out += line(transaction.maildrop, n, *message) + "\r\n";
    session.say(out + ".\r\n");
}

void list_one(Session& session, std::string_view argument, Line line) {
    Scanner in(argument);
    const auto asked = read_message_number(session, in);
    if (asked) session.accept(line(session.transaction().maildrop, asked->number, asked->message));
}

}  // namespace

void stat(Session& session, std::string_view) {
    const auto totals = totals_of(session.transaction());
    session.accept(fmt::format("{} {}", totals.messages, totals.octets));
}

void list(Session& session, std::string_view argument) {
    if (!argument.empty()) return list_one(session, argument, &scan_listing);
    const auto totals = totals_of(session.transaction());
    session.accept(fmt::format("{} messages ({} octets)", totals.messages, totals.octets));
    list_all(session, &scan_listing);
}

void uidl(Session& session, std::string_view argument) {
    if (!argument.empty()) return list_one(session, argument, &unique_id_listing);
    session.accept("Unique-id listing follows");
    list_all(session, &unique_id_listing);
}

void dele(Session& session, std::string_view argument) {
    Scanner in(argument);
    const auto asked = read_message_number(session, in);
    if (!asked) return;
    session.transaction().deleted[asked->number.value() - 1] = true;
    note_access(session.transaction(), asked->number);
    session.accept(fmt::format("Message {} is marked as deleted", asked->number.value()));
}

void rset(Session& session, std::string_view) {
    auto& transaction = session.transaction();
    transaction.deleted.assign(transaction.deleted.size(), false);
    transaction.highest_accessed = {};
    const auto totals = totals_of(transaction);
    session.accept(fmt::format("The maildrop has {} messages ({} octets)", totals.messages, totals.octets));
}

// RFC 1460: the highest message number accessed. We keep it for one session only, so it begins with 0.
void last(Session& session, std::string_view) {
    session.accept(fmt::format("{}", session.transaction().highest_accessed.value()));
}

void noop(Session& session, std::string_view) { session.accept("Still here"); }

}  // namespace hongyan::pop3::commands
