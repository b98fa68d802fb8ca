// The grounds on which mail is refused here: by those who judge it, by limits that are set, or for who may
// write to whom. docs/refusals.md tells of the other replies, which have none (replies.h).
#pragma once

#include <string_view>

#include <fmt/format.h>

#include "smtp/wire/reply.h"

namespace hongyan::smtp {

// A row of the table. docs/refusals.md is made of it.
struct Ground {
    std::string_view code;      // stable: ends the sentence of a judge, and stands in the trace
    int reply;                  // RFC 5321 §4.2.3
    std::string_view status;    // RFC 3463 §3 and the registry of RFC 5248
    std::string_view sentence;  // printable ASCII; `{}` is what is known only when it happens
    std::string_view by;        // who refuses, and the settings that have it so

    // `known` takes the places of the `{}`.
    template <typename... Known>
    Reply because(const Known&... known) const {
        Reply made(reply, status, fmt::vformat(sentence, fmt::make_format_args(known...)));
        made.ground = code;
        return made;
    }
    // What somebody else has said, as it is.
    Reply in_words_of(Reply said) const {
        said.ground = code;
        return said;
    }
    // For sentences without a `{}`.
    constexpr StandardReply plain() const { return {reply, status, sentence, code}; }
};

// clang-format off
inline constexpr Ground grounds[] = {
    // Who the client is.
    {"banned", 421, "4.7.0", "{} (banned)",
     "bans (`ban.*`, `hongyan ban`)"},
    {"hello-own-name", 550, "5.7.1", "It says that it is {}, which is us (hello-own-name)",
     "the name in HELO (`spam.hello`)"},
    {"dnsbl", 550, "5.7.1", "{} is on the list {}{} (dnsbl)",
     "lists in DNS (`spam.lists` with `refuse`)"},
    {"greylisting", 451, "4.7.1",
     "You have not been here before: please come back in {} seconds (greylisting)",
     "greylisting (`spam.greylisting`)"},

    // Who sends. RFC 7505 §4.1 has the status 5.7.27, RFC 7372 §3.2 and §3.4 have 5.7.23 and 5.7.26.
    {"null-mx", 550, "5.7.27",
     "{} takes no mail, so nobody could tell you of a failure (null-mx)",
     "the sender's domain, and with `verify.sender_domains` an author's"},
    {"sender-domain", 550, "5.1.8",
     "There is no domain {} to which a reply could go (sender-domain)",
     "the sender's domain (`verify.sender_domains`)"},
    {"sender-domain-unknown", 451, "4.4.3",
     "DNS does not tell for now whether {} exists (sender-domain-unknown)",
     "the sender's domain (`verify.sender_domains`)"},
    {"spf-fail", 550, "5.7.23", "{} (spf-fail)",
     "SPF (`verify.spf_fail`)"},
    {"dmarc-reject", 550, "5.7.26",
     "{} asks to reject mail from it for which neither SPF nor DKIM vouch (dmarc-reject)",
     "DMARC (`verify.dmarc`)"},
    {"dmarc-unknown", 451, "4.4.3",
     "DNS does not tell for now whether {} vouches for this, which asks that nothing else be taken (dmarc-unknown)",
     "DMARC (`verify.dmarc`), where SPF or DKIM could not be checked"},
    {"unclear-author", 550, "5.6.0",
     "Nobody can tell who has written this: {} (unclear-author)",
     "the From field (`verify.unclear_author`)"},

    // What the message holds.
    {"link-list", 550, "5.7.1", "{} is on the list {}{} (link-list)",
     "lists of links in DNS (`spam.link_lists` with `refuse`)"},
    {"score", 550, "5.7.1", "This looks like junk: {} (score)",
     "the sum of all scores (`spam.reject_score`)"},
    {"milter", 550, "5.7.1", "A filter of mail does not want this",
     "a milter (`filters.milters`); its own words, if it has any"},
    {"milter-later", 451, "4.7.1", "A filter of mail asks you to try again later",
     "a milter (`filters.milters`); its own words, if it has any"},
    {"rspamd", 550, "5.7.1", "The message was taken for spam",
     "Rspamd (`rspamd.reject` and its like); its own words, if it has any"},
    {"rspamd-later", 451, "4.7.1", "Please try again later",
     "Rspamd (`rspamd.soft_reject` and its like); its own words, if it has any"},
    {"clamd", 550, "5.7.1", "The message holds a virus ({})",
     "ClamAV (`clamd.infected`)"},
    {"clamd-later", 451, "4.7.1", "The message holds a virus ({})",
     "ClamAV (`clamd.infected`)"},
    {"filter-away", 451, "4.7.1",
     "A filter of mail cannot be asked now, please try again later",
     "a filter that does not answer (`default=` of a milter, `rspamd.default`, `clamd.default`)"},
    {"filter-missing", 550, "5.7.1", "A filter of mail cannot be asked",
     "a filter that does not answer (`default=` of a milter, `rspamd.default`, `clamd.default`)"},
    {"filter-astray", 451, "4.3.5",
     "A filter of mail sends this to nobody whom there is, please try again later",
     "a filter that puts addresses that there are not in place of all recipients"},

    // What an account sends.
    {"sending-limit", 450, "4.7.1", "{} (sending-limit)",
     "what an account may send (`sending.*`)"},
    {"outgoing-virus", 550, "5.7.1",
     "What you send holds a virus, and is not sent (outgoing-virus)",
     "checks of what accounts send"},
    {"outgoing-junk", 550, "5.7.1",
     "What you send looks like junk; your postmaster can tell why (outgoing-junk)",
     "checks of what accounts send (`sending.checks`)"},

    // The judges themselves.
    {"unwanted", 550, "5.7.1", "The message is not wanted here",
     "a judge that gives no reason"},
    {"unwanted-now", 451, "4.7.1",
     "The message cannot be taken now, please try again later",
     "a judge that gives no reason"},
    {"judged-too-long", 451, "4.7.1",
     "The message cannot be taken now, please try again later",
     "the time for all judges together"},
    {"judge-broken", 451, "4.3.0", "Something failed here, please try again later",
     "a fault in a judge"},
    {"judge-busy", 451, "4.3.2", "Too much to do, please try again later",
     "a judge for which there is no time now"},

    // Limits of a session and of a message.
    {"account-sessions", 421, "4.7.0", "{}",
     "sessions of an account (`limits.smtp_per_account`)"},
    {"too-many-messages", 421, "4.7.0", "Too many messages in one session, closing",
     "messages of a session (`smtp.transactions`)"},
    {"too-many-recipients", 452, "4.5.3",
     "Too many recipients, send the rest in another transaction",
     "recipients of a message (`smtp.recipients`)"},
    {"too-large", 552, "5.3.4", "The message is too large",
     "the size of a message (`limits.message_size`)"},
    {"too-many-hops", 554, "5.4.6",
     "The message goes in circles: too many Received fields",
     "hosts that a message has passed (`smtp.hops`)"},
    {"stray-line-ends", 554, "5.6.0",
     "Lines of a message end in CR LF; one CR or LF stands alone",
     "line ends of a message (`smtp.stray_line_ends`)"},

    // Who may write to whom.
    {"not-your-address", 550, "5.7.1", "That sender is not an address of yours",
     "senders of an account (`smtp.own_senders`)"},
    {"relaying-denied", 550, "5.7.1", "Relaying denied",
     "mail for elsewhere (`smtp.relay_networks`)"},
    {"unknown-recipient", 550, "5.1.1", "There is nobody of that name here",
     "the directory"},
    {"disabled", 550, "5.2.1", "The mailbox takes no mail at present",
     "the directory (`hongyan account disable`)"},
    {"over-quota", 452, "4.2.2", "The mailbox is full",
     "an account's quota"},
    {"suppressed", 550, "5.1.1", "Nothing is sent to this address since {}: {}",
     "addresses to which an account sends no more (`hongyan suppression`)"},
};
// clang-format on

// The row of that code, which is there, or it does not compile.
consteval const Ground& ground(std::string_view code) {
    for (const auto& row : grounds)
        if (row.code == code) return row;
    throw "there is no such ground";
}

}  // namespace hongyan::smtp
