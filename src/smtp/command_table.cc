#include "smtp/command_table.h"

#include "base/ascii.h"
#include "base/check.h"
#include "message/date.h"
#include "smtp/commands/commands.h"

namespace hongyan::smtp {

namespace {

using enum State;
using enum Argument;

constexpr SetOf<State> any_time{connected, greeted, mail, rcpt, chunks};
constexpr SetOf<State> once_greeted{greeted, mail, rcpt, chunks};
constexpr SetOf<State> no_transaction{greeted};
constexpr SetOf<State> naming_recipients{mail, rcpt};
constexpr SetOf<State> with_recipients{rcpt};
constexpr SetOf<State> with_content{rcpt, chunks};

constexpr SetOf<Service> all{Service::relay, Service::submission, Service::lmtp};
constexpr SetOf<Service> smtp{Service::relay, Service::submission};
constexpr SetOf<Service> lmtp{Service::lmtp};
constexpr SetOf<Service> submission{Service::submission};

// clang-format off
constexpr Row rows[] = {
    {"EHLO", &commands::ehlo, any_time, smtp, may_come, "EHLO host", "RFC 5321 §4.1.1.1"},
    {"HELO", &commands::helo, any_time, smtp, may_come, "HELO host", "RFC 5321 §4.1.1.1"},
    {"LHLO", &commands::lhlo, any_time, lmtp, may_come, "LHLO host", "RFC 2033 §4.1"},
    {"STARTTLS", &commands::starttls, once_greeted, all, none, "STARTTLS", "RFC 3207 §4"},
    {"AUTH", &commands::auth, no_transaction, all, may_come, "AUTH mechanism [initial-response]", "RFC 4954 §4"},
    {"MAIL", &commands::mail, no_transaction, all, may_come, "MAIL FROM:<sender> [parameters]", "RFC 5321 §4.1.1.2"},
    {"RCPT", &commands::rcpt, naming_recipients, all, may_come, "RCPT TO:<recipient> [parameters]", "RFC 5321 §4.1.1.3"},
    {"DATA", &commands::data, with_recipients, all, none, "DATA", "RFC 5321 §4.1.1.4"},
    // A chunk follows whether it is in order or not, so the command has to see to it by itself.
    {"BDAT", &commands::bdat, any_time, all, may_come, "BDAT size [LAST]", "RFC 3030 §2"},
    {"BURL", &commands::burl, with_content, submission, may_come, "BURL url [LAST]", "RFC 4468 §3.2"},
    {"RSET", &commands::rset, any_time, all, none, "RSET", "RFC 5321 §4.1.1.5"},
    {"VRFY", &commands::vrfy, any_time, all, may_come, "VRFY name", "RFC 5321 §4.1.1.6"},
    {"EXPN", &commands::expn, any_time, all, may_come, "EXPN list", "RFC 5321 §4.1.1.7"},
    {"HELP", &commands::help, any_time, all, may_come, "HELP [command]", "RFC 5321 §4.1.1.8"},
    {"NOOP", &commands::noop, any_time, all, may_come, "NOOP [anything]", "RFC 5321 §4.1.1.9"},
    {"QUIT", &commands::quit, any_time, all, none, "QUIT", "RFC 5321 §4.1.1.10"},
    {"ETRN", &commands::etrn, no_transaction, smtp, may_come, "ETRN domain", "RFC 1985 §5"},
};
// clang-format on

using Offer = std::optional<std::string>;

Offer always(const Session& /*session*/) { return ""; }
Offer smtp_only(const Session& session) { return session.is_lmtp() ? Offer() : ""; }

Offer tls(const Session& session) {
    return session.settings().offers_tls && !session.security().circumstances.encrypted ? Offer("")
                                                                                        : std::nullopt;
}

// RFC 4954 §3: the mechanisms that are possible now; none after a log-in or before TLS.
Offer authentication(const Session& session) {
    if (!session.settings().offers_authentication || !session.client().account.empty()) return std::nullopt;
    std::string names;
    for (const auto name : sasl::offered(session.settings().sasl, session.security().circumstances))
        names.append(" ").append(name);
    return names.empty() ? Offer() : names;
}

Offer size(const Session& session) { return fmt::format(" {}", session.settings().limits.message_size); }

Offer limits(const Session& session) {
    const auto& limits = session.settings().limits;
    return fmt::format(" RCPTMAX={} MAILMAX={}", limits.recipients, limits.transactions);
}

// RFC 8689 §2: under TLS only.
Offer require_tls(const Session& session) {
    return session.security().circumstances.encrypted ? Offer("") : std::nullopt;
}

// Priorities are for those we know (RFC 6710 §4.1).
Offer priorities(const Session& session) {
    return session.settings().service == Service::submission ? Offer("") : std::nullopt;
}

// line = "250-FUTURERELEASE" SP max-future-release-interval SP max-future-release-date-time   RFC 4865 §3;
// on submission ports only (§4.2).
Offer future_release(const Session& session) {
    const auto& [settings, longest] = std::tie(session.settings(), session.settings().wishes.longest_hold);
    const bool holds = settings.clock != nullptr && longest.count() > 0;
    if (!holds || settings.service != Service::submission) return std::nullopt;
    return fmt::format(" {} {}", longest.count(), message::format_timestamp(settings.clock->now() + longest));
}

// deliverby-param = min-by-time   RFC 2852 §2. What comes by LMTP is delivered at once or not at all.
Offer deliver_by(const Session& session) {
    if (session.is_lmtp() || session.settings().clock == nullptr) return std::nullopt;
    return fmt::format(" {}", session.settings().wishes.least_deliver_by.count());
}

// RFC 4468 §3.3: URLs with leave ("imap"), of this server's own mail.
Offer urls(const Session& session) { return session.settings().fetches_urls ? Offer(" imap") : std::nullopt; }

constexpr Extension extensions[] = {
    {"PIPELINING", &always, "RFC 2920 §3.2"},
    {"SIZE", &size, "RFC 1870 §4"},
    {"8BITMIME", &always, "RFC 6152 §2"},
    {"SMTPUTF8", &always, "RFC 6531 §3.1"},
    {"CHUNKING", &always, "RFC 3030 §2"},
    {"BINARYMIME", &always, "RFC 3030 §3"},
    {"BURL", &urls, "RFC 4468 §3"},
    {"STARTTLS", &tls, "RFC 3207 §2"},
    {"AUTH", &authentication, "RFC 4954 §3"},
    {"DSN", &always, "RFC 3461 §3"},
    {"ENHANCEDSTATUSCODES", &always, "RFC 2034 §3"},
    {"REQUIRETLS", &require_tls, "RFC 8689 §2"},
    {"MT-PRIORITY", &priorities, "RFC 6710 §3"},
    {"FUTURERELEASE", &future_release, "RFC 4865 §3"},
    {"DELIVERBY", &deliver_by, "RFC 2852 §2"},
    {"LIMITS", &limits, "RFC 9422 §3"},
    {"ETRN", &smtp_only, "RFC 1985 §4"},
    {"VRFY", &always, "RFC 5321 §4.1.1.6"},
    {"HELP", &always, "RFC 5321 §4.1.1.8"},
};

}  // namespace

std::span<const Row> command_table() { return rows; }
std::span<const Extension> extension_table() { return extensions; }

bool is_offered(const Session& session, std::string_view keyword) {
    const auto* const found = std::ranges::find(extensions, keyword, &Extension::keyword);
    check(found != std::end(extensions), "the extension stands in the table");
    return found->offer(session).has_value();
}

const Row* find_command(std::string_view verb, Service service) {
    const auto* const found = std::ranges::find_if(rows, [&](const Row& row) {
        return ascii::iequals(row.verb, verb) && row.services.contains(service);
    });
    return found != std::end(rows) ? found : nullptr;
}

}  // namespace hongyan::smtp
