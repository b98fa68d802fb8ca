#include "config/settings.h"

#include "base/ascii.h"
#include "config/units.h"

namespace hongyan::config {

namespace {

using namespace std::chrono_literals;
using kind::Boolean, kind::Bytes, kind::CertificateList, kind::Choice, kind::DomainList, kind::Duration,
    kind::DurationList, kind::FilterAt, kind::Integer, kind::LimitList, kind::ListenAt, kind::MilterList,
    kind::NetworkList, kind::Path, kind::Permissions, kind::RouteList, kind::ServerList, kind::Text,
    kind::TextList;
using enum Reload;

// In the order of the enumerations they name.
constexpr std::string_view languages[] = {"en", "zh-CN"};
constexpr std::string_view log_levels[] = {"debug", "info", "warning", "error"};
constexpr std::string_view log_formats[] = {"human", "json"};
constexpr std::string_view stray_line_ends[] = {"refuse", "keep"};
constexpr std::string_view outward_tls[] = {"never", "may", "must", "verified"};
constexpr std::chrono::milliseconds retries[] = {5min, 10min, 20min, 40min, 1h, 2h, 4h};
constexpr std::string_view dmarc_handlings[] = {"enforce", "junk", "report"};
constexpr std::string_view spf_failures[] = {"accept", "junk", "reject"};
constexpr std::string_view sender_domains[] = {"accept", "score", "reject"};
constexpr std::string_view hello_handlings[] = {"score", "reject"};
constexpr std::string_view outgoing_checks[] = {"off", "refuse", "hold"};
// Loopback, and what no other domain's mail comes from: private (RFC 1918, RFC 4193) and link-local
// addresses.
constexpr std::string_view not_outside[] = {"127.0.0.0/8",    "::1",      "10.0.0.0/8", "172.16.0.0/12",
                                            "192.168.0.0/16", "fc00::/7", "fe80::/10",  "169.254.0.0/16"};
constexpr std::string_view without_filter[] = {"defer", "accept", "reject", "quarantine"};
constexpr std::string_view treatments[] = {"accept", "junk", "quarantine", "discard", "defer", "reject"};
constexpr std::string_view shown_mail[] = {"incoming", "all"};
constexpr std::string_view loopback[] = {"127.0.0.0/8", "::1"};

constexpr Setting rows[] = {
    {"hostname", Text{at<&Config::hostname>, ""}, applies,
     "The name this server gives in greetings and Received lines. Empty: the system's full name."},
    {"data", Path{at<&Config::data>, "/var/lib/hongyan"}, needs_restart,
     "The folder that holds everything that is kept: mail, accounts, the certificate the server makes."},
    {"user", Text{at<&Config::user>, "", 32}, needs_restart,
     "The user to become once the ports are bound, if the server is started as root. Empty: stay."},
    {"workers", Integer{at<&Config::workers>, 0, 0, 256}, needs_restart,
     "Threads for work that may block: disk, passwords, searches. 0: two for each core."},
    {"language", Choice::of<&Config::language>(languages, Language::english), applies,
     "The language of an account that has chosen none, for notifications that the server writes."},
    {"drain_time", Duration{at<&Config::drain_time>, 30s, 0s, 1h}, applies,
     "How long SIGTERM lets sessions finish what they are doing before they are closed."},

    {"listen.smtp", ListenAt{at<&Config::listen, &Listen::smtp>, "*:25"}, applies,
     "Where mail from other servers is received (RFC 5321). An empty list turns a service off."},
    {"listen.submission", ListenAt{at<&Config::listen, &Listen::submission>, "*:587"}, applies,
     "Where users submit mail, with STARTTLS (RFC 6409)."},
    {"listen.submissions", ListenAt{at<&Config::listen, &Listen::submissions>, "*:465"}, applies,
     "Where users submit mail over TLS from the first byte (RFC 8314 §3.3)."},
    {"listen.lmtp", ListenAt{at<&Config::listen, &Listen::lmtp>}, applies,
     "Where another mailer hands over mail for our accounts (RFC 2033); also as unix:/path."},
    {"listen.imap", ListenAt{at<&Config::listen, &Listen::imap>, "*:143"}, applies,
     "Where mail is read by IMAP, with STARTTLS (RFC 9051)."},
    {"listen.imaps", ListenAt{at<&Config::listen, &Listen::imaps>, "*:993"}, applies,
     "Where mail is read by IMAP over TLS from the first byte (RFC 8314 §3.2)."},
    {"listen.pop3", ListenAt{at<&Config::listen, &Listen::pop3>, "*:110"}, applies,
     "Where mail is fetched by POP3, with STLS (RFC 1939, RFC 2595)."},
    {"listen.pop3s", ListenAt{at<&Config::listen, &Listen::pop3s>, "*:995"}, applies,
     "Where mail is fetched by POP3 over TLS from the first byte (RFC 8314 §3.1)."},

    {"tls.certificate", Path{at<&Config::tls, &Tls::certificate>, ""}, applies,
     "PEM file with the certificate and those between it and its root. Empty: the server makes one at its "
     "first start."},
    {"tls.key", Path{at<&Config::tls, &Tls::key>, ""}, applies, "PEM file with the key of tls.certificate."},
    {"tls.others", CertificateList{at<&Config::tls, &Tls::others>}, applies,
     "Further certificates, each as CERTIFICATE:KEY or as one file with both. A client that asks for a name "
     "(SNI) gets the first that is for it; all others get tls.certificate, which must be there too."},
    {"tls.client_authorities", Path{at<&Config::tls, &Tls::client_authorities>, ""}, applies,
     "PEM file with the authorities whose certificates let people log in by EXTERNAL, over submission, IMAP "
     "and POP3: as the account that `hongyan certificate add` binds the certificate to, or else the one "
     "whose name is a mail address in it, so name no authority that certifies addresses of yours for "
     "others. Empty: nobody is asked for a certificate."},

    {"limits.message_size", Bytes{at<&Config::limits, &Limits::message_size>, 50 * MiB, 64 * KiB, 1 * GiB},
     applies, "The largest message that is taken, as SIZE announces it (RFC 1870)."},
    {"limits.memory", Bytes{at<&Config::limits, &Limits::memory>, 256 * MiB, 1 * MiB, 64 * GiB}, applies,
     "How much of messages that are coming in all SMTP, LMTP and IMAP sessions together may hold. When it is "
     "held, an SMTP client waits, and after a minute is told to come back (452 4.3.1); the message of an "
     "APPEND "
     "is refused (UNAVAILABLE). One session at a time may hold more, so that somebody always gets done."},
    {"limits.connections", Integer{at<&Config::limits, &Limits::connections>, 10'000, 1, 1'000'000}, applies,
     "Connections open at once, over all services."},
    {"limits.connections_per_address",
     Integer{at<&Config::limits, &Limits::connections_per_address>, 50, 1, 1'000'000}, applies,
     "Connections open at once from one address; for IPv6 from one /64."},
    {"limits.exempt_networks", NetworkList{at<&Config::limits, &Limits::exempt_networks>, loopback}, applies,
     "Networks to which limits.connections_per_address does not apply."},
    {"limits.imap_per_account", Integer{at<&Config::limits, &Limits::imap_per_account>, 500, 1, 1'000'000},
     applies, "IMAP sessions of one account at once; further ones are told so ([UNAVAILABLE])."},
    {"limits.pop3_per_account", Integer{at<&Config::limits, &Limits::pop3_per_account>, 10, 1, 1'000'000},
     applies, "The same for POP3 ([SYS/TEMP]); only one of them has the maildrop."},
    {"limits.smtp_per_account", Integer{at<&Config::limits, &Limits::smtp_per_account>, 50, 1, 1'000'000},
     applies, "The same for SMTP, when the session begins with a message (421 4.7.0)."},
    {"limits.smtp_patience", Duration{at<&Config::limits, &Limits::smtp_patience>, 5min, 1s, 1h}, applies,
     "How long an SMTP client may be silent. RFC 5321 §4.5.3.2.7 asks for 5 minutes at least."},
    {"limits.imap_patience", Duration{at<&Config::limits, &Limits::imap_patience>, 30min, 1s, 24h}, applies,
     "How long an IMAP client that has logged in may be silent. RFC 9051 §5.4 asks for 30 minutes at least."},
    {"limits.pop3_patience", Duration{at<&Config::limits, &Limits::pop3_patience>, 10min, 1s, 1h}, applies,
     "How long a POP3 client that has logged in may be silent. RFC 1939 §3 asks for 10 minutes at least."},
    {"limits.login_patience", Duration{at<&Config::limits, &Limits::login_patience>, 1min, 1s, 1h}, applies,
     "How long an IMAP or POP3 client may be silent before it has logged in."},
    {"limits.handshake_patience", Duration{at<&Config::limits, &Limits::handshake_patience>, 30s, 1s, 10min},
     applies, "How long a TLS handshake may take."},

    {"imap.raw_headers", Boolean{at<&Config::imap, &Imap::raw_headers>, true}, applies,
     "Whether clients that have enabled neither UTF8=ACCEPT nor IMAP4rev2 may add mail with header fields "
     "beyond ASCII and get such mail as it stands, octet for octet, as programs need that keep copies of "
     "mail or carry it: mbsync, OfflineIMAP, imapsync. false: as RFC 6855 §4 and §8 have it such mail is "
     "refused, and what is here is shown without what these clients cannot read (RFC 6858). So it is for "
     "POP3 clients that have not said UTF8 (RFC 6856 §2.1)."},
    {"imap.message_limit", Integer{at<&Config::imap, &Imap::message_limit>, 0, 0, 4'294'967'295}, applies,
     "How many messages one IMAP command may be about (MESSAGELIMIT, RFC 9738): FETCH, SEARCH, STORE and "
     "MOVE do the newest of them and say how far they have come, COPY and APPEND refuse more. The RFC asks "
     "for 1000 at least. 0: no limit. Clients that do not know of it take a part for the whole."},
    {"imap.save_limit", Integer{at<&Config::imap, &Imap::save_limit>, 0, 0, 4'294'967'295}, applies,
     "The same for COPY and APPEND alone (SAVELIMIT); counts where imap.message_limit is 0."},

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
     "while (ban.length). The same wrong password tried again counts once. IMAP, POP3 and SMTP count "
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

    {"ban.failures", Integer{at<&Config::ban, &Ban::failures>, 30, 0, 1'000'000}, applies,
     "After how many failed log-ins within an hour, to any accounts, an address (of IPv6: a /64) is not "
     "served any "
     "more for a while. Five times as many where somebody has logged in of late (login.known_for), as many "
     "people "
     "may be behind it. 0: never."},
    {"ban.unknown_recipients", Integer{at<&Config::ban, &Ban::unknown_recipients>, 50, 0, 1'000'000}, applies,
     "The same for recipients that do not exist; each that does makes up for one. 0: never."},
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

    {"spam.lists", TextList{at<&Config::spam, &Spam::lists>}, applies,
     "Lists in DNS of clients that send junk, or that do not (RFC 5782), each as \"ZONE weight=N "
     "codes=127.0.0.2-127.0.0.11,127.0.0.20 refuse timeout=2s\"; all but the zone may be left out. weight is "
     "what "
     "being on it adds to a message's score (3), below 0 for lists of good clients, which are then refused "
     "by no "
     "other list; codes are the answers that count (all); refuse turns clients away at once (550 5.7.1, with "
     "the "
     "list's words). A list that does not hold its test entries counts for nothing."},
    {"spam.link_lists", TextList{at<&Config::spam, &Spam::link_lists>}, applies,
     "The same of lists of domains, for those that the links of a message lead to (20 at most)."},
    {"spam.exempt_networks", NetworkList{at<&Config::spam, &Spam::exempt_networks>, loopback}, applies,
     "Clients there are asked about nowhere, never wait because of greylisting, and may say what they like "
     "in HELO. "
     "So are smtp.relay_networks."},
    {"spam.junk_score", Integer{at<&Config::spam, &Spam::junk_score>, 6, 0, 1'000}, applies,
     "From which score on a message goes into the mailbox for junk. 0: never for its score."},
    {"spam.reject_score", Integer{at<&Config::spam, &Spam::reject_score>, 0, 0, 1'000}, applies,
     "From which score on a message is refused (550 5.7.1). 0: never for its score."},
    {"spam.greeting_delay", Duration{at<&Config::spam, &Spam::greeting_delay>, 0s, 0s, 1min}, applies,
     "How long a stranger waits on port 25 for the greeting. Who speaks meanwhile has 2 points more: RFC "
     "5321 §4.3.1 "
     "wants him to wait."},
    {"spam.hello", Choice::of<&Config::spam, &Spam::hello>(hello_handlings, HelloHandling::score), applies,
     "What is made of strangers that say in HELO that they are this server or a domain of ours: \"score\", 3 "
     "points; \"reject\", they are refused at MAIL (550 5.7.1). Other names are only scored: RFC 5321 §4.1.4 "
     "forbids to refuse a name that does not fit the address."},
    {"spam.greylisting", Boolean{at<&Config::spam, &Spam::greylisting>, false}, applies,
     "Whether a stranger's first message from a sender to a recipient is put off (451 4.7.1, RFC 6647): a "
     "server "
     "comes back, most senders of junk do not. Mail from whom the recipient has written to is never put "
     "off."},
    {"spam.greylisting_delay", Duration{at<&Config::spam, &Spam::greylisting_delay>, 1min, 1s, 1h}, applies,
     "How soon a client may come back; within 24 hours it must."},
    {"spam.greylisting_trust", Integer{at<&Config::spam, &Spam::greylisting_trust>, 1, 0, 1'000}, applies,
     "After how many senders and recipients of whom a client has come back its whole network (IPv4 /24, IPv6 "
     "/48) "
     "passes, for 36 days after the last message. 0: never. A good message counts too, and one that is "
     "refused or junk takes back what was earned."},
    {"spam.greylisting_spf", Boolean{at<&Config::spam, &Spam::greylisting_spf>, true}, applies,
     "Whether domains whose mail was good pass at once from any client that their SPF names."},

    {"classifier.enabled", Boolean{at<&Config::classifier, &Classifier::enabled>, true}, applies,
     "Whether the server's own classifier judges mail and learns from what people do with theirs."},
    {"classifier.shared", Boolean{at<&Config::classifier, &Classifier::shared>, true}, applies,
     "Whether all accounts have a model together, which each teaches and is judged by, beside its own. "
     "Without it an account's mail is judged only by what that account has taught."},
    {"classifier.lessons_per_day",
     Integer{at<&Config::classifier, &Classifier::lessons_of_a_day>, 200, 0, 1'000'000}, applies,
     "From how many of its messages in a day an account teaches the shared model; what it teaches beyond "
     "that is learned by its own model only. 0: no limit."},

    {"sending.messages_per_hour", Integer{at<&Config::sending, &Sending::messages>, 0, 0, 1'000'000}, applies,
     "How many messages an account may send in an hour; more are put off (450 4.7.1). 0: no limit."},
    {"sending.recipients_per_hour", Integer{at<&Config::sending, &Sending::recipients>, 0, 0, 10'000'000},
     applies, "The same for recipients."},
    {"sending.recipients_per_day",
     Integer{at<&Config::sending, &Sending::recipients_of_a_day>, 0, 0, 10'000'000}, applies,
     "The same for recipients in a day."},
    {"sending.strangers_per_day",
     Integer{at<&Config::sending, &Sending::strangers_of_a_day>, 0, 0, 10'000'000}, applies,
     "The same for recipients to whom the account has not written within a year: whoever has stolen a "
     "password "
     "writes to strangers."},
    {"sending.checks", Choice::of<&Config::sending, &Sending::checks>(outgoing_checks, OutgoingChecks::off),
     applies,
     "Whether what accounts submit is judged as strangers' mail is: by spam.link_lists, the classifier, "
     "Rspamd and "
     "ClamAV. What is found to be junk is then refused (\"refuse\", 550 5.7.1) or waits in the queue until "
     "somebody releases or cancels it (\"hold\"). Mail with a virus is sent in no case."},
    {"sending.check_score", Integer{at<&Config::sending, &Sending::check_score>, 8, 1, 1'000}, applies,
     "From which score on what an account submits is taken for junk."},

    {"proxy.networks", NetworkList{at<&Config::proxy, &Proxy::networks>, {}}, applies,
     "Networks of proxies whose connections begin with a PROXY header (version 1 or 2), which names the "
     "client. Limits per address count the client, not the proxy."},

    {"dns.servers", ServerList{at<&Config::dns, &Dns::servers>}, needs_restart,
     "Which name servers are asked, each as 192.0.2.53 or 127.0.0.1@5353, or \"system\" for those of "
     "/etc/resolv.conf. They must pass signatures on (DNSSEC), unless dns.trust_anchor is empty. An empty "
     "list "
     "asks the servers of the domains themselves, from the root on, which lists of bad senders prefer too."},
    {"dns.trust_anchor", Path{at<&Config::dns, &Dns::trust_anchor>, "/usr/share/dns/root.key"}, needs_restart,
     "The keys from which signatures of names are checked (RFC 4033 §5), here those of Debian's package "
     "dns-root-data. Without signatures that are checked there is no DANE. Empty: nothing is checked."},
    {"dns.hosts", Path{at<&Config::dns, &Dns::hosts>, "/etc/hosts"}, needs_restart,
     "A file of addresses and names that are known without asking. Empty: none."},
    {"dns.cache", Bytes{at<&Config::dns, &Dns::cache>, 32 * MiB, 1 * MiB, 16 * GiB}, needs_restart,
     "Memory for answers that may be asked for again."},
    {"dns.patience", Duration{at<&Config::dns, &Dns::patience>, 20s, 1s, 5min}, applies,
     "How long an answer is waited for. What waits for it is tried again later."},

    {"verify.enabled", Boolean{at<&Config::verify, &Verify::enabled>, true}, applies,
     "Whether mail from outside is checked: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), ARC (RFC "
     "8617) and the "
     "name of the client's address. What is found stands in the field Authentication-Results and in `hongyan "
     "trace`."},
    {"verify.dmarc", Choice::of<&Config::verify, &Verify::dmarc>(dmarc_handlings, DmarcHandling::enforce),
     applies,
     "What is done with mail that fails DMARC. \"enforce\": as the author's domain asks, which may be to "
     "reject it or "
     "to put it into the mailbox for junk; \"junk\": nothing is rejected, but goes there; \"report\": it is "
     "only told."},
    {"verify.spf_fail", Choice::of<&Config::verify, &Verify::spf_fail>(spf_failures, SpfFailures::accept),
     applies,
     "What is done with mail for whose domain SPF says that the client may not send it, unless DMARC vouches "
     "for it: "
     "forwarders look like that too."},
    {"verify.sender_domains",
     Choice::of<&Config::verify, &Verify::sender_domains>(sender_domains, SenderDomains::score), applies,
     "What is made of senders to whom nobody can reply. \"score\": a domain that takes no mail (null MX, RFC "
     "7505) is "
     "refused (550 5.7.27), one that does not exist has 3 points; \"reject\": that, and one without MX and "
     "address, "
     "is refused too (550 5.1.8), and put off while DNS does not answer (451 4.4.3); \"accept\": nobody "
     "asks. An author (From) whose domain takes no mail has 3 points, or with \"reject\" is refused as "
     "well."},
    {"verify.exempt", NetworkList{at<&Config::verify, &Verify::exempt>, not_outside}, applies,
     "Networks whose mail is not checked, beside smtp.relay_networks and accounts that have logged in. If a "
     "proxy or a "
     "gateway in such a network stands before the server, let it say who the client is (proxy.networks)."},
    {"verify.lmtp", Boolean{at<&Config::verify, &Verify::lmtp>, false}, applies,
     "Whether mail that comes by LMTP is checked too. The mailer that hands it over knows more of the "
     "client."},
    {"verify.forwarders", NetworkList{at<&Config::verify, &Verify::forwarders>, {}}, applies,
     "Networks of forwarders that users of ours have set up elsewhere: mail from there is not held to what "
     "SPF and "
     "DMARC say of it."},
    {"verify.trusted_sealers", DomainList{at<&Config::verify, &Verify::trusted_sealers>}, applies,
     "Domains, with all below them, that are believed if they seal mail with ARC: it then passes although it "
     "fails "
     "DMARC, if all that have sealed it are among them, and it had passed DMARC with the first."},
    {"verify.patience", Duration{at<&Config::verify, &Verify::patience>, 10s, 1s, 1min}, applies,
     "How long the answers of name servers about one message are waited for. What is not known by then is "
     "neither a "
     "pass nor a failure."},

    {"log.level", Choice::of<&Config::log, &Logging::level>(log_levels, log::Level::info), applies,
     "The least important lines that are written."},
    {"log.format", Choice::of<&Config::log, &Logging::format>(log_formats, log::Format::human), applies,
     "Lines for a person, or a JSON object each."},
    {"log.file", Path{at<&Config::log, &Logging::file>, ""}, applies,
     "Where the lines go; opened again by a reload. Empty: standard error."},

    {"store.block_cache", Bytes{at<&Config::store, &Store::block_cache>, 64 * MiB, 1 * MiB, 64 * GiB},
     needs_restart, "Memory for the parts of the metadata that are read most."},
    {"store.pack_size", Bytes{at<&Config::store, &Store::pack_size>, 128 * MiB, 1 * MiB, 256 * MiB},
     needs_restart, "How large a pack of messages becomes before the next is begun."},
    {"store.wal_size", Bytes{at<&Config::store, &Store::wal_size>, 128 * MiB, 4 * MiB, 4 * GiB},
     needs_restart, "How much metadata is read again at most when the store opens after a crash."},
    {"store.reserve", Bytes{at<&Config::store, &Store::reserve>, 128 * MiB, 0, 16 * TiB}, needs_restart,
     "How much of the disk stays free: with less, new mail is refused for the time being (452 4.3.1, NO "
     "[UNAVAILABLE]), while all that is there can be read and removed. It is taken again as soon as there is "
     "room."},
    {"store.history", Integer{at<&Config::store, &Store::history>, 100'000, 1'000, 100'000'000},
     needs_restart,
     "How many changes of an account are remembered; a client that was away for more synchronises anew."},

    {"directory.separator", Text{at<&Config::directory, &Directory::separator>, "+", 1}, applies,
     "What divides a local part into account and detail: user+detail@example.org (RFC 5233). Empty: "
     "nothing does."},
    {"directory.quota_bytes", Bytes{at<&Config::directory, &Directory::quota_bytes>, 0, 0, 1024 * TiB},
     applies, "The size of the mail of an account that has no limit of its own. 0: no limit."},
    {"directory.quota_messages",
     Integer{at<&Config::directory, &Directory::quota_messages>, 0, 0, 1'000'000'000}, applies,
     "The number of messages of an account that has no limit of its own. 0: no limit."},
    {"directory.postmaster", Text{at<&Config::directory, &Directory::postmaster>, ""}, applies,
     "The account that gets mail to postmaster of a domain that says nothing else (RFC 5321 §4.5.1). Empty: "
     "the domain's first account."},

    {"queue.retry", DurationList{at<&Config::queue, &Queue::retry>, retries, 1s, 24h * 7, 50}, applies,
     "How long after each attempt that another server put off the next one is made; the last time stands for "
     "all further ones. Each is varied by a tenth, so that not all come back together."},
    {"queue.lifetime", Duration{at<&Config::queue, &Queue::lifetime>, 24h * 5, 1s, 24h * 365}, applies,
     "After how long a message is given up and its sender told. RFC 5321 §4.5.4.1 asks for 4 to 5 days."},
    {"queue.notification_lifetime",
     Duration{at<&Config::queue, &Queue::notification_lifetime>, 24h, 1s, 24h * 365}, applies,
     "The same for notifications, of which nobody is told."},
    {"queue.delay_warning", Duration{at<&Config::queue, &Queue::delay_warning>, 4h, 0s, 24h * 365}, applies,
     "After how long the sender is told that a message is still waiting. 0: never."},
    {"queue.history", Duration{at<&Config::queue, &Queue::history>, 24h * 30, 0s, 24h * 3650}, applies,
     "How long what became of messages is remembered, for `hongyan trace`. 0: not at all."},
    {"queue.messages", Integer{at<&Config::queue, &Queue::messages>, 0, 0, 1'000'000'000}, applies,
     "How many messages the queue may hold; more are refused for the time being (452 4.3.1). 0: no limit."},
    {"queue.bytes", Bytes{at<&Config::queue, &Queue::bytes>, 0, 0, 1024 * TiB}, applies,
     "The same for the size of all of them."},
    {"queue.account_messages", Integer{at<&Config::queue, &Queue::account_messages>, 0, 0, 1'000'000'000},
     applies,
     "How many messages of one account the queue may hold; more are refused for the time being (452 4.2.2). "
     "0: no limit."},
    {"queue.account_bytes", Bytes{at<&Config::queue, &Queue::account_bytes>, 0, 0, 1024 * TiB}, applies,
     "The same for their size."},

    {"drop.folder", Path{at<&Config::drop, &Drop::folder>, ""}, needs_restart,
     "Where `hongyan sendmail` leaves mail for the server, which takes it from there at once or when it next "
     "runs. Empty: the folder drop in the data folder, where only the server's user and root can leave any. "
     "For all programs of the machine (cron, PHP) name a folder that they can reach, say "
     "/var/spool/hongyan/drop, and say drop.everybody."},
    {"drop.everybody", Boolean{at<&Config::drop, &Drop::everybody>, false}, needs_restart,
     "Whether every user of this machine may leave mail there, to anybody (mode 1733 instead of 0700: to "
     "leave mail, not to see that of others)."},

    {"bounce.from", Text{at<&Config::bounce, &Bounce::from>, ""}, applies,
     "The address that notifications of failed and delayed mail come from, say MAILER-DAEMON@example.org. "
     "Empty: postmaster at the hostname."},
    {"bounce.returned_size", Bytes{at<&Config::bounce, &Bounce::returned_size>, 50 * KiB, 0, 1 * GiB},
     applies,
     "Up to which size an undeliverable message is returned whole with the notification, unless its sender "
     "wants the header only (RFC 3461 §4.3). Of larger ones the header is returned."},

    {"forward.srs", Boolean{at<&Config::forward, &Forward::srs>, true}, applies,
     "Whether mail that an alias passes on to another server goes under a sender of ours (SRS), if its "
     "sender's "
     "domain is not ours. Otherwise that server finds that we may not send for that domain (SPF). Bounces "
     "come "
     "back to us and go on to the sender. `hongyan alias add --keep-sender` makes an exception."},

    {"outbound.enabled", Boolean{at<&Config::outbound, &Outbound::enabled>, true}, needs_restart,
     "Whether what waits in the queue is sent. Without it mail for elsewhere is taken and stays."},
    {"outbound.suppress", Boolean{at<&Config::outbound, &Outbound::suppress>, true}, applies,
     "Whether an account sends nothing more to an address of which another server has said that it does not "
     "exist: who tries is refused at once (550 5.1.1). `hongyan suppression` lists such addresses and takes "
     "them "
     "off; those that people have put on the list are refused in any case."},
    {"outbound.routes", RouteList{at<&Config::outbound, &Outbound::routes>}, applies,
     "Where mail goes instead of the servers of its domain, each as \"WHO WHERE\". WHO is example.org, "
     ".example.org (all names below it), * or, by the sender, from:ann@example.org or from:@example.org; the "
     "first of these kinds that there is counts, in the order domain, names below, sender, sender's domain, "
     "*. "
     "WHERE is relay.example.net:25 (its MX, or itself), [relay.example.net]:25 (itself), lmtp:HOST:PORT, "
     "lmtp:unix:/path, direct (as without a route), or a provider and the name to log in with: "
     "gmail:me@gmail.com, qq:…, 163:…, 126:…, outlook:…. Behind it may stand tls=none, opportunistic, "
     "required or implicit, user=NAME, secret=FILE (its first line is the password), token=FILE (an OAuth "
     "token, read anew each time), connections=N, and messages=N for each minute."},
    {"outbound.secrets", Path{at<&Config::outbound, &Outbound::secrets>, ""}, applies,
     "The file with the passwords of routes that name none: a line \"NAME PASSWORD\" for each user. Nobody "
     "but "
     "the server's user may read it (mode 0600). Empty: the file secrets in the data folder."},
    {"outbound.connections", Integer{at<&Config::outbound, &Outbound::connections>, 300, 1, 20'000}, applies,
     "How many connections to other servers there may be at once."},
    {"outbound.connections_per_destination",
     Integer{at<&Config::outbound, &Outbound::connections_per_destination>, 20, 1, 1'000}, applies,
     "The same for one domain. A few are opened at first, more as long as all goes well."},
    {"outbound.limits", LimitList{at<&Config::outbound, &Outbound::limits>}, applies,
     "How much single domains are given, each as \"WHO connections=N messages=N\": so many connections at "
     "once, so many messages in a minute, to each of them by itself. WHO is example.org, .example.org (every "
     "name below it) or *, and the most exact one counts; or qq:, 163:, 126:, gmail: or outlook:, which "
     "stand for the domains of those providers and have cautious numbers of their own. Where a route leads "
     "its own numbers count instead."},
    {"outbound.messages_per_connection",
     Integer{at<&Config::outbound, &Outbound::messages_per_connection>, 100, 1, 100'000}, applies,
     "After how many messages a connection is closed."},
    {"outbound.idle", Duration{at<&Config::outbound, &Outbound::idle>, 2s, 0s, 5min}, applies,
     "How long a connection waits for one more message for its domain."},
    {"outbound.connect_patience", Duration{at<&Config::outbound, &Outbound::connect_patience>, 30s, 1s, 5min},
     applies, "How long one address may take to answer a call."},
    {"outbound.destination_rests",
     Duration{at<&Config::outbound, &Outbound::destination_rests>, 5min, 1s, 24h}, applies,
     "For how long nobody tries a domain of which no server could be reached, or which puts off every "
     "message (then longer each time, up to an hour); what comes for it meanwhile is put off for the same "
     "reason. A server that has failed is called after the others of its domain for as long."},
    {"outbound.port", Integer{at<&Config::outbound, &Outbound::port>, 25, 1, 65'535}, applies,
     "The port of other servers: another than 25 only in a network for tests."},
    {"outbound.private_networks", NetworkList{at<&Config::outbound, &Outbound::private_networks>, {}},
     applies,
     "Networks of loopback, private and link-local addresses to which the names of other domains may lead, "
     "such "
     "as 10.0.0.0/8 where servers of one's own have MX records there. To all other such addresses nobody is "
     "called, neither for mail nor for policies and reports: who owns a domain could else reach what only "
     "this "
     "machine may. Public addresses of this machine itself are asked for policies and reports only if they "
     "are named here too. Routes may lead anywhere."},
    {"outbound.https_port", Integer{at<&Config::outbound, &Outbound::https_port>, 443, 1, 65'535}, applies,
     "The same for web servers, from which policies of MTA-STS come and to which reports go."},
    {"outbound.tls", Choice::of<&Config::outbound, &Outbound::tls>(outward_tls, OutwardTls::may), applies,
     "What is demanded of other servers. never: plain text, unless their domain demands more. may: TLS where "
     "it "
     "is offered. must: mail waits where it is not. verified: it also waits where the certificate is not "
     "good "
     "for the server's name. DANE, MTA-STS and senders (REQUIRETLS) may demand more, and a message whose "
     "header "
     "says \"TLS-Required: No\" goes in any case."},
    {"outbound.source_ipv4", Text{at<&Config::outbound, &Outbound::source_ipv4>, ""}, applies,
     "The address of this machine from which connections are made. Empty: as the system chooses."},
    {"outbound.source_ipv6", Text{at<&Config::outbound, &Outbound::source_ipv6>, ""}, applies,
     "The same for IPv6."},
    {"outbound.dane", Boolean{at<&Config::outbound, &Outbound::dane>, true}, applies,
     "Whether certificates must fit the TLSA records of servers that have some (DANE, RFC 7672)."},
    {"outbound.mta_sts", Boolean{at<&Config::outbound, &Outbound::mta_sts>, true}, applies,
     "Whether the MTA-STS policies of domains are asked for and obeyed (RFC 8461)."},
    {"outbound.tls_reports", Boolean{at<&Config::outbound, &Outbound::tls_reports>, true}, applies,
     "Whether sessions with other servers are counted by how their TLS went, and domains that ask for it get "
     "a report of each day (TLS-RPT, RFC 8460)."},
    {"outbound.tls_reports_from", Text{at<&Config::outbound, &Outbound::tls_reports_from>, ""}, applies,
     "The address in whose name reports go out and that they name for questions. Empty: postmaster at the "
     "hostname."},
    {"outbound.authorities", Path{at<&Config::outbound, &Outbound::authorities>, ""}, needs_restart,
     "A file of certificates (PEM) of the authorities that are believed about other servers. Empty: those of "
     "the system."},

    {"reports.dmarc", Boolean{at<&Config::reports, &Reports::dmarc>, true}, applies,
     "Whether mail that is judged (verify.enabled) is counted for domains whose DMARC record asks for it "
     "(rua), and reported to them after each day (RFC 7489 §7.2). Needs outbound.enabled."},
    {"reports.from", Text{at<&Config::reports, &Reports::from>, ""}, applies,
     "The address in whose name these reports go out. Its domain should have keys (`hongyan dkim add`), "
     "since "
     "others ignore reports that are not signed. Empty: postmaster at the first domain that has keys, or at "
     "the first domain."},
    {"reports.failures", Integer{at<&Config::reports, &Reports::failures>, 0, 0, 10'000}, applies,
     "How many single messages that have failed a domain is told of in a day, each as soon as it came, if "
     "its "
     "DMARC record asks for that (ruf, fo; RFC 6591). Such a report shows the header of the message to "
     "others. 0: none."},
    {"reports.addresses", TextList{at<&Config::reports, &Reports::addresses>}, applies,
     "The addresses to which others send reports on our domains: those that our records name (rua of DMARC, "
     "RFC 7489; of TLS-RPT, RFC 8460). Reports in mail to them are read, kept for `hongyan report` and stay "
     "in the mailbox too. Mail to nobody else is never reported on."},
    {"reports.keep", Duration{at<&Config::reports, &Reports::keep>, 24h * 400, 24h, 24h * 3650}, applies,
     "How long reports of others are kept. Those that are older are removed once a day, if "
     "outbound.enabled."},

    {"filters.milters", MilterList{at<&Config::filters, &Filters::milters>}, applies,
     "Filters that speak the milter protocol, asked in this order, each as \"ADDRESS OPTION…\". ADDRESS is "
     "unix:/path or inet:HOST:PORT. Options: name=NAME (for logs and the trace); default=defer, accept, "
     "reject or quarantine: what becomes of mail while the filter cannot be asked (defer if nothing is "
     "said); for=relay,submission,lmtp: mail from other servers, of people who have logged in, and handed "
     "over by LMTP (relay,submission); connect=30s, command=30s, content=1min, end=5min: how long a "
     "connection, and the answers to a command, to a piece of the message and to its end may take."},
    {"filters.rest", Duration{at<&Config::filters, &Filters::rest>, 30s, 0s, 1h}, applies,
     "For how long a milter, Rspamd or ClamAV that could not be asked is not tried again; meanwhile mail is "
     "treated as its default says at once. 0: it is tried each time."},

    {"rspamd.address", FilterAt{at<&Config::rspamd, &Rspamd::address>}, applies,
     "Where Rspamd's worker takes messages (HTTP, /checkv2), as inet:127.0.0.1:11333 or unix:/path. Empty: "
     "it is not asked."},
    {"rspamd.patience", Duration{at<&Config::rspamd, &Rspamd::patience>, 30s, 100ms, 9min}, applies,
     "How long its answer may take, all in all."},
    {"rspamd.size", Bytes{at<&Config::rspamd, &Rspamd::size>, 50 * MiB, 1 * KiB, 1 * GiB}, applies,
     "Messages that are larger are not shown to it."},
    {"rspamd.default", Choice::of<&Config::rspamd, &Rspamd::otherwise>(without_filter, WithoutFilter::defer),
     applies, "What becomes of mail while it cannot be asked."},
    {"rspamd.mail", Choice::of<&Config::rspamd, &Rspamd::shown>(shown_mail, Shown::all), applies,
     "Which mail it is shown: incoming is what comes from others, all is also that of people who have logged "
     "in."},
    {"rspamd.greylist", Choice::of<&Config::rspamd, &Rspamd::greylist>(treatments, Treatment::accept),
     applies,
     "What becomes of mail for which it says \"greylist\". Its own greylisting says \"soft reject\" once "
     "mail "
     "is to come again."},
    {"rspamd.add_header", Choice::of<&Config::rspamd, &Rspamd::add_header>(treatments, Treatment::junk),
     applies, "The same for \"add header\"."},
    {"rspamd.rewrite_subject",
     Choice::of<&Config::rspamd, &Rspamd::rewrite_subject>(treatments, Treatment::junk), applies,
     "The same for \"rewrite subject\"; the subject becomes what it says."},
    {"rspamd.soft_reject", Choice::of<&Config::rspamd, &Rspamd::soft_reject>(treatments, Treatment::defer),
     applies, "The same for \"soft reject\"."},
    {"rspamd.reject", Choice::of<&Config::rspamd, &Rspamd::reject>(treatments, Treatment::reject), applies,
     "The same for \"reject\"."},

    {"clamd.address", FilterAt{at<&Config::clamd, &Clamd::address>}, applies,
     "Where ClamAV's daemon listens, as unix:/run/clamav/clamd.ctl or inet:127.0.0.1:3310. Empty: it is not "
     "asked."},
    {"clamd.patience", Duration{at<&Config::clamd, &Clamd::patience>, 1min, 100ms, 9min}, applies,
     "How long its answer may take, all in all."},
    {"clamd.size", Bytes{at<&Config::clamd, &Clamd::size>, 25 * MiB, 1 * KiB, 1 * GiB}, applies,
     "Messages that are larger are not shown to it, as if nothing had been found in them; no more than its "
     "own StreamMaxLength."},
    {"clamd.default", Choice::of<&Config::clamd, &Clamd::otherwise>(without_filter, WithoutFilter::defer),
     applies, "What becomes of mail while it cannot be asked."},
    {"clamd.mail", Choice::of<&Config::clamd, &Clamd::shown>(shown_mail, Shown::all), applies,
     "Which mail it is shown, as for rspamd.mail."},
    {"clamd.infected", Choice::of<&Config::clamd, &Clamd::infected>(treatments, Treatment::reject), applies,
     "What becomes of mail in which it has found a virus."},

    {"control.socket", Path{at<&Config::control, &Control::socket>, ""}, needs_restart,
     "Where a running server listens for the command line. Empty: control.sock in the data folder."},
    {"control.mode", Permissions{at<&Config::control, &Control::mode>, 0600}, needs_restart,
     "Who may use the control socket."},
};

// How many letters must be changed, added or left out to make one name of the other (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const auto changed = diagonal + (ascii::lower(a[i]) == ascii::lower(b[j]) ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

std::string_view last_part(std::string_view name) {
    const auto dot = name.rfind('.');
    return dot == name.npos ? name : name.substr(dot + 1);
}

// A right word in the wrong table is nearly right.
std::size_t strangeness(std::string_view unknown, std::string_view name) {
    return std::min(distance(unknown, name), 1 + distance(last_part(unknown), last_part(name)));
}

}  // namespace

std::span<const Setting> settings() { return rows; }

const Setting* find_setting(std::string_view name) {
    const auto* const found = std::ranges::find(rows, name, &Setting::name);
    return found == std::end(rows) ? nullptr : found;
}

std::string_view nearest_setting(std::string_view unknown) {
    constexpr std::size_t longest_worth_comparing = 100;
    if (unknown.size() > longest_worth_comparing) return {};
    const auto& nearest = *std::ranges::min_element(
        rows, {}, [&](const Setting& row) { return strangeness(unknown, row.name); });
    const auto limit = std::max<std::size_t>(2, last_part(unknown).size() / 3);
    return strangeness(unknown, nearest.name) <= limit ? nearest.name : std::string_view();
}

}  // namespace hongyan::config
