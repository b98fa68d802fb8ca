// Settings: mail for elsewhere, and reports.
#include "config/settings_sections.h"
#include "config/units.h"

namespace hongyan::config {

namespace {

using namespace std::chrono_literals;
using kind::Boolean, kind::Bytes, kind::Choice, kind::Duration, kind::Integer, kind::LimitList,
    kind::NetworkList, kind::Path, kind::RouteList, kind::ServerList, kind::Text, kind::TextList;
using enum Reload;

// In the order of the enumerations they name.
constexpr std::string_view outward_tls[] = {"never", "may", "must", "verified"};

constexpr Setting dns_rows[] = {
    {"dns.servers", ServerList{at<&Config::dns, &Dns::servers>}, needs_restart,
     "Which name servers are asked, each as 192.0.2.53 or 127.0.0.1@5353, or \"system\" for those of "
     "/etc/resolv.conf. They must pass signatures on (DNSSEC), unless dns.trust_anchor is empty. An empty "
     "list asks the servers of the domains themselves, from the root on, which lists of bad senders prefer "
     "too."},
    {"dns.trust_anchor", Path{at<&Config::dns, &Dns::trust_anchor>, "/usr/share/dns/root.key"}, needs_restart,
     "The keys from which signatures of names are checked (RFC 4033 §5), here those of Debian's package "
     "dns-root-data. Without signatures that are checked there is no DANE. Empty: nothing is checked."},
    {"dns.hosts", Path{at<&Config::dns, &Dns::hosts>, "/etc/hosts"}, needs_restart,
     "A file of names whose addresses are known without asking; what mail hosts and texts they have is asked "
     "for, and a name that DNS does not know has none of them. Empty: no file."},
    {"dns.cache", Bytes{at<&Config::dns, &Dns::cache>, 32 * MiB, 1 * MiB, 16 * GiB}, needs_restart,
     "Memory for answers that may be asked for again."},
    {"dns.patience", Duration{at<&Config::dns, &Dns::patience>, 20s, 1s, 5min}, applies,
     "How long an answer is waited for. What waits for it is tried again later."},
};

constexpr Setting bounce_rows[] = {
    {"bounce.from", Text{at<&Config::bounce, &Bounce::from>, ""}, applies,
     "The address that notifications of failed and delayed mail come from, say MAILER-DAEMON@example.org. "
     "Empty: postmaster at the hostname, who gets what people answer, be that a domain here or not."},
    {"bounce.returned_size", Bytes{at<&Config::bounce, &Bounce::returned_size>, 50 * KiB, 0, 1 * GiB},
     applies,
     "Up to which size an undeliverable message is returned whole with the notification, unless its sender "
     "wants the header only (RFC 3461 §4.3). Of larger ones the header is returned."},
};

constexpr Setting forward_rows[] = {
    {"forward.srs", Boolean{at<&Config::forward, &Forward::srs>, true}, applies,
     "Whether mail that an alias passes on to another server goes under a sender of ours (SRS), if its "
     "sender's domain is not ours. Otherwise that server finds that we may not send for that domain (SPF). "
     "Bounces come back to us and go on to the sender. `hongyan alias add --keep-sender` makes an "
     "exception."},
};

constexpr Setting outbound_rows[] = {
    {"outbound.enabled", Boolean{at<&Config::outbound, &Outbound::enabled>, true}, needs_restart,
     "Whether what waits in the queue is sent. Without it mail for elsewhere is taken and stays."},
    {"outbound.suppress", Boolean{at<&Config::outbound, &Outbound::suppress>, true}, applies,
     "Whether an account sends nothing more to an address of which another server has said that it does not "
     "exist: who tries is refused at once (550 5.1.1). `hongyan suppression` lists such addresses and takes "
     "them off; those that people have put on the list are refused in any case."},
    {"outbound.routes", RouteList{at<&Config::outbound, &Outbound::routes>}, applies,
     "Where mail goes instead of the servers of its domain, each as \"WHO WHERE\". WHO is example.org, "
     ".example.org (all names below it), * or, by the sender, from:ann@example.org or from:@example.org; the "
     "first of these kinds that there is counts, in the order domain, names below, sender, sender's domain, "
     "*. WHERE is relay.example.net:25 (its MX, or itself), [relay.example.net]:25 (itself), lmtp:HOST:PORT, "
     "lmtp:unix:/path, direct (as without a route), or a provider and the name to log in with: "
     "gmail:me@gmail.com, qq:…, 163:…, 126:…, outlook:…. Behind it may stand tls=none, opportunistic, "
     "required or implicit, user=NAME, secret=FILE (its first line is the password), token=FILE (an OAuth "
     "token, read anew each time), connections=N, and messages=N for each minute."},
    {"outbound.secrets", Path{at<&Config::outbound, &Outbound::secrets>, ""}, applies,
     "The file with the passwords of routes that name none: a line \"NAME PASSWORD\" for each user. Nobody "
     "but the server's user may read it (mode 0600). Empty: the file secrets in the data folder."},
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
     "such as 10.0.0.0/8 where servers of one's own have MX records there. To all other such addresses "
     "nobody is called, neither for mail nor for policies and reports: who owns a domain could else reach "
     "what only this machine may. Public addresses of this machine itself are asked for policies and reports "
     "only if they are named here too. Routes may lead anywhere."},
    {"outbound.https_port", Integer{at<&Config::outbound, &Outbound::https_port>, 443, 1, 65'535}, applies,
     "The same for web servers, from which policies of MTA-STS come and to which reports go."},
    {"outbound.tls", Choice::of<&Config::outbound, &Outbound::tls>(outward_tls, OutwardTls::may), applies,
     "What is demanded of other servers. never: plain text, unless their domain demands more. may: TLS where "
     "it is offered. must: mail waits where it is not. verified: it also waits where the certificate is not "
     "good for the server's name. DANE, MTA-STS and senders (REQUIRETLS) may demand more, and a message "
     "whose header says \"TLS-Required: No\" goes in any case."},
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
     "The address in whose name reports go out and that they name for questions. Its domain needs keys "
     "(`hongyan dkim add`): by mail no report goes out without a signature (RFC 8460 §3). Empty: postmaster "
     "at the domain of the hostname or the nearest one above it that has keys, else at the first domain that "
     "has some."},
    {"outbound.authorities", Path{at<&Config::outbound, &Outbound::authorities>, ""}, needs_restart,
     "A file of certificates (PEM) of the authorities that are believed about other servers. Empty: those of "
     "the system."},
};

constexpr Setting reports_rows[] = {
    {"reports.dmarc", Boolean{at<&Config::reports, &Reports::dmarc>, true}, applies,
     "Whether mail that is judged (verify.enabled) is counted for domains whose DMARC record asks for it "
     "(rua), and reported to them after each day (RFC 7489 §7.2). Needs outbound.enabled."},
    {"reports.from", Text{at<&Config::reports, &Reports::from>, ""}, applies,
     "The address in whose name these reports go out. Its domain should have keys (`hongyan dkim add`), "
     "since others ignore reports that are not signed. Empty: postmaster at the domain of the hostname or "
     "the nearest one above it that has keys, else at the first domain that has some, else at the first "
     "domain."},
    {"reports.failures", Integer{at<&Config::reports, &Reports::failures>, 0, 0, 10'000}, applies,
     "How many single messages that have failed a domain is told of in a day, each as soon as it came, if "
     "its DMARC record asks for that (ruf, fo; RFC 6591). Such a report shows the header of the message to "
     "others. 0: none."},
    {"reports.addresses", TextList{at<&Config::reports, &Reports::addresses>}, applies,
     "The addresses to which others send reports on our domains: those that our records name (rua of DMARC, "
     "RFC 7489; of TLS-RPT, RFC 8460). Reports in mail to them are read, kept for `hongyan report` and stay "
     "in the mailbox too. Mail to nobody else is never reported on."},
    {"reports.keep", Duration{at<&Config::reports, &Reports::keep>, 24h * 400, 24h, 24h * 3650}, applies,
     "How long reports of others are kept. Those that are older are removed once a day, if "
     "outbound.enabled."},
};

}  // namespace

std::span<const Setting> sections::dns() { return dns_rows; }
std::span<const Setting> sections::bounce() { return bounce_rows; }
std::span<const Setting> sections::forward() { return forward_rows; }
std::span<const Setting> sections::outbound() { return outbound_rows; }
std::span<const Setting> sections::reports() { return reports_rows; }

}  // namespace hongyan::config
