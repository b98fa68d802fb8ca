#include "imap/commands/finding.h"

#include <algorithm>

#include "imap/commands/messages.h"
#include "imap/wire/writer.h"
#include "message/charset.h"

namespace hongyan::imap::commands {
namespace {

// Messages looked at before others get a turn: text costs about a millisecond each.
constexpr std::size_t texts_at_once = 200;
constexpr std::size_t summaries_at_once = 10'000;
constexpr std::size_t entries_at_once = 50'000;
std::size_t portion_of(Cost cost) {
    return cost == Cost::entry ? entries_at_once : cost == Cost::summary ? summaries_at_once : texts_at_once;
}

// NO [BADCHARSET (…)] lists what we know; other trouble with what was asked is BAD.
Completion search_refusal(const Error& error) {
    if (error.kind == Error::Kind::invalid) return bad("Not possible: " + error.message);
    if (error.kind != Error::Kind::unsupported) return refusal(error);
    std::string names;
    for (const auto name : message::supported_charsets()) {
        if (!names.empty()) names += ' ';
        wire::put_astring(names, name);
    }
    return {wire::Condition::no, {wire::Code::bad_charset, "(" + names + ")", "That charset is not known"}};
}

// Since this portion began; who is gone is not looked for.
Result<void> unless_expunged(const Error& error) {
    if (error.kind == Error::Kind::not_found) return {};
    return std::unexpected(error);
}

}  // namespace

std::optional<Completion> Finding::begin(Desk& desk, const Selected& mailbox) {
    auto prepared = prepare(program_, mailbox, desk.store.clock().now());
    if (!prepared) return search_refusal(prepared.error());
    search_ = *std::move(prepared);
    if (search_->asks_modseq) count_on_modseq(desk);
    // UID SEARCH 1:10 speaks of numbers too (RFC 7162 §3.2.10.2).
    if (search_->names_numbers) desk.numbers = Numbers::must_hold_still;
    left_ = mailbox.view().uids();
    return std::nullopt;
}

UidSet Finding::take_portion() {
    auto most = portion_of(search_->cost);
    UidSet portion;
    for (const auto& range : left_.ranges()) {
        const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(range.size(), most));
        if (count == 0) break;
        portion.add(store::UidRange{range.first, Uid(range.first.value() + count - 1)});
        most -= count;
    }
    left_.remove(portion);
    return portion;
}

Result<bool> Finding::look(Desk& desk, const Selected& mailbox) {
    const auto mail = desk.account.view();
    const auto uids = take_portion();
    if (search_->cost == Cost::entry) {
        TRY(mail.each_entry(mailbox.id(), uids,
                            [&](const store::Entry& entry) { return test(mail, mailbox, entry, nullptr); }));
    } else {
        TRY(mail.each_message(mailbox.id(), uids,
                              [&](const store::Entry& entry, const store::MessageView& message) {
                                  return test(mail, mailbox, entry, &message);
                              }));
    }
    return left_.empty();
}

Result<void> Finding::test(const store::View& mail, const Selected& mailbox, const store::Entry& entry,
                           const store::MessageView* message) {
    Candidate candidate(mail, mailbox, entry, message);
    const auto matches = search_->matches(candidate);
    if (!matches) return unless_expunged(matches.error());
    const auto number = mailbox.view().number_of(entry.uid);
    if (*matches && number) found_.push_back({entry.uid, number->value(), entry.modseq});
    return {};
}

}  // namespace hongyan::imap::commands
