// Settings: what the server is and where it listens.
#include "config/settings_sections.h"
#include "config/units.h"

namespace hongyan::config {

namespace {

using namespace std::chrono_literals;
using kind::Bytes, kind::CertificateList, kind::Choice, kind::Duration, kind::Integer, kind::ListenAt,
    kind::NetworkList, kind::Path, kind::Permissions, kind::Text;
using enum Reload;

// In the order of the enumerations they name.
constexpr std::string_view languages[] = {"en", "zh-CN"};
constexpr std::string_view log_levels[] = {"debug", "info", "warning", "error"};
constexpr std::string_view log_formats[] = {"human", "json"};

constexpr Setting server_rows[] = {
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
};

constexpr Setting listen_rows[] = {
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
};

constexpr Setting tls_rows[] = {
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
};

constexpr Setting limits_rows[] = {
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
     applies, "IMAP sessions of one account at once; further ones are told so ([LIMIT])."},
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
};

constexpr Setting proxy_rows[] = {
    {"proxy.networks", NetworkList{at<&Config::proxy, &Proxy::networks>, {}}, applies,
     "Networks of proxies whose connections begin with a PROXY header (version 1 or 2), which names the "
     "client. Limits per address count the client, not the proxy."},
};

constexpr Setting log_rows[] = {
    {"log.level", Choice::of<&Config::log, &Logging::level>(log_levels, log::Level::info), applies,
     "The least important lines that are written."},
    {"log.format", Choice::of<&Config::log, &Logging::format>(log_formats, log::Format::human), applies,
     "Lines for a person, or a JSON object each."},
    {"log.file", Path{at<&Config::log, &Logging::file>, ""}, applies,
     "Where the lines go; opened again by a reload. Empty: standard error."},
};

constexpr Setting control_rows[] = {
    {"control.socket", Path{at<&Config::control, &Control::socket>, ""}, needs_restart,
     "Where a running server listens for the command line. Empty: control.sock in the data folder."},
    {"control.mode", Permissions{at<&Config::control, &Control::mode>, 0600}, needs_restart,
     "Who may use the control socket."},
};

}  // namespace

std::span<const Setting> sections::server() { return server_rows; }
std::span<const Setting> sections::listen() { return listen_rows; }
std::span<const Setting> sections::tls() { return tls_rows; }
std::span<const Setting> sections::limits() { return limits_rows; }
std::span<const Setting> sections::proxy() { return proxy_rows; }
std::span<const Setting> sections::log() { return log_rows; }
std::span<const Setting> sections::control() { return control_rows; }

}  // namespace hongyan::config
