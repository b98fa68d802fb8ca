#include "pop3/maildrop.h"

#include <algorithm>

#include "message/structure.h"
#include "message/surrogate.h"
#include "message/utf8.h"

namespace hongyan::pop3 {

namespace {

// The "." that ends a message stands on a line of its own (RFC 1939 §3), so the last line must end.
constexpr std::string_view line_end = "\r\n";

// Of what has NUL an entry tells how much IMAP makes of it.
Result<std::uint64_t> octets_of(const store::View& mail, const store::Entry& entry) {
    auto size = entry.size;
    if (entry.has_nul) {
        TRY(const auto message, mail.message(entry.message));
        size = message.size();
    }
    return size + (entry.unended ? line_end.size() : 0);
}

// Read before others get their turn: about a hundred milliseconds' worth.
constexpr std::size_t messages_at_once = 200;
constexpr std::uint64_t octets_at_once = std::uint64_t{4} << 20U;

// What somebody has removed meanwhile keeps the size that it had.
Result<void> measure_one(const store::Account& account, Listed& listed) {
    const auto text = fetch_message(account, listed, Headers::ascii);
    if (text)
        listed.size = text->size();
    else if (text.error().kind != Error::Kind::not_found)
        return std::unexpected(text.error());
    return {};
}

}  // namespace

std::string in_form(std::string text, Headers headers) {
    if (headers == Headers::as_they_stand || message::is_ascii(text)) return text;
    const auto structure = message::parse(text);
    return message::needs_surrogate(text, structure) ? message::surrogate(text, structure) : text;
}

Result<Maildrop> open_maildrop(const store::Account& account) {
    const auto mail = account.view();
    TRY(const auto inbox, mail.mailbox(store::inbox));
    Maildrop maildrop{.uid_validity = inbox.uid_validity, .messages = {}};
    maildrop.messages.reserve(inbox.counts.messages);
    const auto list = [&](const store::Entry& entry) -> Result<void> {
        TRY(const auto octets, octets_of(mail, entry));
        maildrop.messages.push_back({entry.uid, entry.message, octets, entry.unended});
        return {};
    };
    TRY(mail.each_entry(store::inbox, store::UidSet::all(), list));
    return maildrop;
}

Result<std::size_t> measure(const store::Account& account, std::span<Listed> messages) {
    const auto most = std::min(messages.size(), messages_at_once);
    std::size_t done = 0;
    for (std::uint64_t octets = 0; done < most && octets < octets_at_once; ++done) {
        octets += messages[done].size;
        TRY(measure_one(account, messages[done]));
    }
    return done;
}

Result<std::string> fetch_message(const store::Account& account, const Listed& listed, Headers headers) {
    TRY(auto text, account.view().read(listed.message));
    if (listed.unended) text += line_end;
    return in_form(std::move(text), headers);
}

Result<void> remove_messages(const store::Account& account, const store::UidSet& uids) {
    TRY(account.expunge(store::inbox, uids, store::Which::all));
    return {};
}

}  // namespace hongyan::pop3
