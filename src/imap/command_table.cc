#include "imap/command_table.h"

#include "base/ascii.h"
#include "imap/commands/commands.h"

namespace hongyan::imap {

namespace {

bool always(const Session&) { return true; }
bool may_start_tls(const Session& session) {
    return session.settings().offers_tls && !session.settings().secure;
}
bool refuses_passwords(const Session& session) { return !session.takes_passwords(); }

constexpr States any_state{State::not_authenticated};
constexpr States before_log_in{State::not_authenticated};

constexpr Row rows[] = {
    {"CAPABILITY", &commands::capability, any_state, "", &always, "RFC 9051 6.1.1"},
    {"NOOP", &commands::noop, any_state, "", &always, "RFC 9051 6.1.2"},
    {"LOGOUT", &commands::logout, any_state, "", &always, "RFC 9051 6.1.3"},
    {"ID", &commands::id, any_state, "ID", &always, "RFC 2971 3.1"},
    {"STARTTLS", &commands::starttls, before_log_in, "STARTTLS", &may_start_tls, "RFC 9051 6.2.1"},
    {"AUTHENTICATE", &commands::authenticate, before_log_in, "", &always, "RFC 9051 6.2.2"},
    {"LOGIN", &commands::login, before_log_in, "LOGINDISABLED", &refuses_passwords, "RFC 9051 6.2.3"},
};

}  // namespace

std::span<const Row> command_table() { return rows; }

const Row* find_command(std::string_view name) {
    const auto* const found =
        std::ranges::find_if(rows, [&](const Row& row) { return ascii::iequals(row.name, name); });
    return found != std::end(rows) ? found : nullptr;
}

std::string capabilities(const Session& session) {
    std::string words = "IMAP4rev1 LITERAL+";
    for (const auto& row : rows)
        if (!row.capability.empty() && row.states.contains(session.state()) && row.is_offered(session))
            words += fmt::format(" {}", row.capability);
    return words;
}

}  // namespace hongyan::imap
