// Settings: IMAP, SMTP, and who may log in.
#include "config/settings_sections.h"
#include "config/units.h"

namespace hongyan::config {

namespace {

using namespace std::chrono_literals;
using kind::Boolean, kind::Choice, kind::Duration, kind::Integer, kind::NetworkList, kind::Path, kind::Text;
using enum Reload;

// In the order of the enumerations they name.
constexpr std::string_view stray_line_ends[] = {"refuse", "keep"};

constexpr Setting imap_rows[] = {
    {"imap.raw_headers", Boolean{at<&Config::imap, &Imap::raw_headers>, true}, applies,
     "Whether clients that have enabled neither UTF8=ACCEPT nor IMAP4rev2 may add mail with header fields "
     "beyond ASCII and get such mail as it stands, octet for octet, as programs need that keep copies of "
     "mail or carry it: mbsync, OfflineIMAP, imapsync. false: as RFC 6855 §4 and §8 have it such mail is "
     "refused, and what is here is shown without what these clients cannot read (RFC 6858). So it is for "
     "POP3 clients that have not said UTF8 (RFC 6856 §2.1); since LIST tells them what RETR sends, their "
     "log-in then reads the whole maildrop, some megabytes at a time."},
    {"imap.message_limit", Integer{at<&Config::imap, &Imap::message_limit>, 0, 0, 4'294'967'295}, applies,
     "How many messages one IMAP command may be about (MESSAGELIMIT, RFC 9738): FETCH, SEARCH, STORE and "
     "MOVE do the newest of them and say how far they have come, COPY and APPEND refuse more. The RFC asks "
     "for 1000 at least. 0: no limit. Clients that do not know of it take a part for the whole."},
    {"imap.save_limit", Integer{at<&Config::imap, &Imap::save_limit>, 0, 0, 4'294'967'295}, applies,
     "The same for COPY and APPEND alone (SAVELIMIT); counts where imap.message_limit is 0."},
};

constexpr Setting smtp_rows[] = {
    {"smtp.recipients", Integer{at<&Config::smtp, &Smtp::recipients>, 1000, 100, 50'000}, applies,
     "How many recipients a message may have; RFC 5321 §4.5.3.1.8 asks for 100 at least."},
    {"smtp.transactions", Integer{at<&Config::smtp, &Smtp::transactions>, 1000, 1, 1'000'000}, applies,
     "How many messages may come in one session (MAILMAX of RFC 9422)."},
    {"smtp.commands", Integer{at<&Config::smtp, &Smtp::commands>, 100'000, 100, 100'000'000}, applies,
     "How many commands may come in one session."},
    {"smtp.errors", Integer{at<&Config::smtp, &Smtp::errors>, 20, 1, 10'000}, applies,
     "After how many refusals (5xx) a session is ended."},
    {"smtp.hops", Integer{at<&Config::smtp, &Smtp::hops>, 100, 10, 1000}, applies,
     "How many Received fields a message may have before it is taken to go in circles (RFC 5321 §6.3)."},
    {"smtp.relay_networks", NetworkList{at<&Config::smtp, &Smtp::relay_networks>, {}}, applies,
     "Networks whose clients may send mail to any domain without a log-in."},
    {"smtp.own_senders", Boolean{at<&Config::smtp, &Smtp::own_senders>, true}, applies,
     "Whether those who have logged in may send under addresses of their own only (RFC 6409 §6.1)."},
    {"smtp.log_in", Boolean{at<&Config::smtp, &Smtp::log_in>, false}, applies,
     "Whether users may log in and submit mail where other servers deliver theirs (listen.smtp) too, for "
     "programs that know port 25 only. Under TLS, without exception."},
    {"smtp.highest_priority", Integer{at<&Config::smtp, &Smtp::highest_priority>, 9, 0, 9}, applies,
     "The highest priority that who has logged in may give a message (MT-PRIORITY, RFC 6710); a higher one "
     "becomes this. It orders the messages of one sender, and does not put them before those of others. "
     "Whoever has not logged in may only lower it."},
    {"smtp.longest_hold", Duration{at<&Config::smtp, &Smtp::longest_hold>, 24h * 30, 0s, 24h * 365}, applies,
     "For how long users may have a message held before it is sent (FUTURERELEASE, RFC 4865). 0: it is not "
     "offered."},
    {"smtp.least_delivery_time", Duration{at<&Config::smtp, &Smtp::least_delivery_time>, 1min, 1s, 24h},
     applies,
     "The shortest time that a message which otherwise goes back to its sender may be given for its delivery "
     "(DELIVERBY, RFC 2852)."},
    {"smtp.verify", Boolean{at<&Config::smtp, &Smtp::verify>, false}, applies,
     "Whether VRFY and EXPN say what they know (RFC 5321 §7.3), or always 252."},
    {"smtp.stray_line_ends",
     Choice::of<&Config::smtp, &Smtp::stray_line_ends>(stray_line_ends, StrayLineEnds::refuse), applies,
     "What is done with a message in which a CR or LF stands alone. It never ends a line here, but the next "
     "program may think that it does."},
    {"smtp.lmtp_stray_line_ends",
     Choice::of<&Config::smtp, &Smtp::lmtp_stray_line_ends>(stray_line_ends, StrayLineEnds::keep), applies,
     "The same for messages that come by LMTP, from a mailer that has decided about it already."},
};

constexpr Setting login_rows[] = {
    {"login.plain_networks", NetworkList{at<&Config::login, &Login::plain_networks>, {}}, applies,
     "Networks from which people may log in without TLS, say those of loopback for a try."},
    {"login.attempts", Integer{at<&Config::login, &Login::attempts>, 3, 1, 100}, applies,
     "After how many log-ins that failed a session is ended."},
    {"login.recoverable_passwords", Boolean{at<&Config::login, &Login::recoverable_passwords>, false},
     applies,
     "Whether CRAM-MD5 (RFC 2195) and APOP (RFC 1939 §7) are offered. They work for accounts whose password "
     "was set with --recoverable, and fail for all others."},
    {"login.memory_time", Duration{at<&Config::login, &Login::memory_time>, 5min, 0s, 24h}, applies,
     "How long a password that was right need not be checked anew by Argon2 (a keyed hash of it is "
     "remembered, in memory only). A changed password and a disabled account count at once. 0: not at all."},
    {"login.memory_size", Integer{at<&Config::login, &Login::memory_size>, 100'000, 1, 10'000'000}, applies,
     "How many log-ins are remembered so; each takes some 100 bytes."},
    {"login.oauth.keys", Path{at<&Config::login, &Login::oauth, &OAuth::keys>, ""}, applies,
     "A file of public keys (JWK Set, RFC 7517) of the server that gives people tokens; read again by a "
     "reload. Who shows a token signed with one of them (JWT by RS256, ES256 or EdDSA) logs in by "
     "OAUTHBEARER "
     "(RFC 7628) or XOAUTH2, under TLS only. Empty: neither is offered."},
    {"login.oauth.issuer", Text{at<&Config::login, &Login::oauth, &OAuth::issuer>, ""}, applies,
     "Who must have issued a token, as its \"iss\" says."},
    {"login.oauth.audience", Text{at<&Config::login, &Login::oauth, &OAuth::audience>, ""}, applies,
     "For whom a token must be, as its \"aud\" says: what that server calls this one."},
    {"login.oauth.account_claim", Text{at<&Config::login, &Login::oauth, &OAuth::account_claim>, "email", 64},
     applies,
     "Which claim of a token is the name of the account: email, preferred_username, sub or another. An email "
     "counts only where email_verified does not deny it."},
    {"login.oauth.scope", Text{at<&Config::login, &Login::oauth, &OAuth::scope>, ""}, applies,
     "A scope that a token must have; clients are told of it. Empty: none."},
    {"login.oauth.configuration", Text{at<&Config::login, &Login::oauth, &OAuth::configuration>, ""}, applies,
     "The address (https) of the OpenID configuration of the server that gives tokens, which clients without "
     "a "
     "good one are told (RFC 7628 §3.2.2). Empty: nothing is said."},
    {"login.oauth.leeway", Duration{at<&Config::login, &Login::oauth, &OAuth::leeway>, 1min, 0s, 10min},
     applies, "How much the clocks of the two servers may differ."},
    {"login.failures", Integer{at<&Config::login, &Login::failures>, 10, 1, 1'000'000}, applies,
     "After how many failed log-ins to an account from one address that account cannot log in from there for "
     "a "
     "while (ban.length). The same wrong password tried again counts once, except with SCRAM, CRAM-MD5 and "
     "APOP, which do not tell. IMAP, POP3 and SMTP count "
     "together; "
     "ban.exempt_networks do not count. From the second on each attempt waits longer, up to 8 seconds."},
    {"login.failure_time", Duration{at<&Config::login, &Login::failure_time>, 10min, 1s, 24h}, applies,
     "Within which time."},
    {"login.failures_from_everywhere",
     Integer{at<&Config::login, &Login::failures_from_everywhere>, 200, 1, 1'000'000}, applies,
     "After how many failed log-ins to an account within an hour, from all addresses together, it logs in "
     "only from "
     "addresses where it has of late (login.known_for), with an app password or with a certificate, for a "
     "while."},
    {"login.known_for", Duration{at<&Config::login, &Login::known_for>, 24h * 30, 1h, 24h * 365}, applies,
     "For how long an address is known as one from which an account has logged in."},
    {"login.history", Duration{at<&Config::login, &Login::history>, 24h * 30, 0s, 24h * 365}, applies,
     "For how long log-ins and attempts are told of by `hongyan account log`. 0: none is kept."},
};

constexpr Setting ban_rows[] = {
    {"ban.failures", Integer{at<&Config::ban, &Ban::failures>, 30, 0, 1'000'000}, applies,
     "After how many failed log-ins within an hour, to any accounts, an address (of IPv6: a /64) is not "
     "served any "
     "more for a while. Five times as many where somebody has logged in of late (login.known_for), as many "
     "people "
     "may be behind it. 0: never."},
    {"ban.unknown_recipients", Integer{at<&Config::ban, &Ban::unknown_recipients>, 50, 0, 1'000'000}, applies,
     "The same for recipients that do not exist; each that gets mail makes up for one. 0: never."},
    {"ban.length", Duration{at<&Config::ban, &Ban::length>, 15min, 1s, 24h * 365}, applies,
     "How long the first ban is. Each further one is twice as long."},
    {"ban.longest", Duration{at<&Config::ban, &Ban::longest>, 24h * 7, 1s, 24h * 365}, applies,
     "How long any ban is at most, and for how long after its end it is remembered."},
    {"ban.neighbours", Integer{at<&Config::ban, &Ban::neighbours>, 8, 0, 256}, applies,
     "How many addresses of a network (IPv4 /24, IPv6 /48) must be banned at once for all of it to be. 0: "
     "never."},
    {"ban.exempt_networks", NetworkList{at<&Config::ban, &Ban::exempt_networks>, loopback}, applies,
     "Networks that are never banned but by hand, and whose failed log-ins are not counted. So are "
     "smtp.relay_networks and proxy.networks."},
};

}  // namespace

std::span<const Setting> sections::imap() { return imap_rows; }
std::span<const Setting> sections::smtp() { return smtp_rows; }
std::span<const Setting> sections::login() { return login_rows; }
std::span<const Setting> sections::ban() { return ban_rows; }

}  // namespace hongyan::config
