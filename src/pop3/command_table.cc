#include "pop3/command_table.h"

#include <algorithm>

#include "base/ascii.h"
#include "pop3/commands/commands.h"
#include "sasl/mechanisms.h"

namespace hongyan::pop3 {

namespace {

std::string none(const Session&) { return {}; }
std::string top(const Session&) { return "TOP"; }
std::string uidl(const Session&) { return "UIDL"; }
std::string lang(const Session&) { return "LANG"; }
// The names and passwords of USER and PASS may be UTF-8 (RFC 6856 §2.2).
std::string utf8(const Session&) { return "UTF8 USER"; }

// RFC 2595 §4: only where it would be accepted.
std::string stls(const Session& session) {
    const bool useful = session.settings().offers_tls && !session.security().is_encrypted();
    return useful && session.state() == State::authorization ? "STLS" : "";
}

std::string user(const Session& session) { return session.takes_passwords() ? "USER" : ""; }

std::string sasl_mechanisms(const Session& session) {
    std::string line;
    for (const auto name : sasl::offered(session.settings().sasl, session.security().circumstances))
        line += fmt::format(" {}", name);
    return line.empty() ? line : "SASL" + line;
}

using enum Valid;

constexpr Row rows[] = {
    {"CAPA", &commands::capa, always, Argument::none, &none, "RFC 2449 5"},
    {"STLS", &commands::stls, in_authorization, Argument::none, &stls, "RFC 2595 4"},
    {"USER", &commands::user, in_authorization, Argument::required, &user, "RFC 1939 7"},
    {"PASS", &commands::pass, in_authorization, Argument::required, &none, "RFC 1939 7"},
    {"APOP", &commands::apop, in_authorization, Argument::required, &none, "RFC 1939 7"},
    {"AUTH", &commands::auth, in_authorization, Argument::required, &sasl_mechanisms, "RFC 5034 4"},
    {"UTF8", &commands::utf8, in_authorization, Argument::none, &utf8, "RFC 6856 2"},
    {"LANG", &commands::lang, always, Argument::optional, &lang, "RFC 6856 3"},
    {"STAT", &commands::stat, in_transaction, Argument::none, &none, "RFC 1939 5"},
    {"LIST", &commands::list, in_transaction, Argument::optional, &none, "RFC 1939 5"},
    {"UIDL", &commands::uidl, in_transaction, Argument::optional, &uidl, "RFC 1939 7"},
    {"RETR", &commands::retr, in_transaction, Argument::required, &none, "RFC 1939 5"},
    {"TOP", &commands::top, in_transaction, Argument::required, &top, "RFC 1939 7"},
    {"DELE", &commands::dele, in_transaction, Argument::required, &none, "RFC 1939 5"},
    {"RSET", &commands::rset, in_transaction, Argument::none, &none, "RFC 1939 5"},
    {"LAST", &commands::last, in_transaction, Argument::none, &none, "RFC 1460"},
    {"NOOP", &commands::noop, in_transaction, Argument::none, &none, "RFC 1939 5"},
    {"QUIT", &commands::quit, always, Argument::none, &none, "RFC 1939 5, 6"},
};

}  // namespace

std::span<const Row> command_table() { return rows; }

const Row* find_command(std::string_view verb) {
    const auto* const found =
        std::ranges::find_if(rows, [&](const Row& row) { return ascii::iequals(row.verb, verb); });
    return found != std::end(rows) ? found : nullptr;
}

}  // namespace hongyan::pop3
