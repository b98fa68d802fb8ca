#include "pop3/command_table.h"

#include "base/ascii.h"
#include "pop3/commands/commands.h"

namespace hongyan::pop3 {

namespace {

bool always(const Session&) { return true; }
bool may_start_tls(const Session& session) {
    return session.settings().offers_tls && !session.settings().secure;
}
bool takes_passwords(const Session& session) { return session.takes_passwords(); }

constexpr Row rows[] = {
    {"CAPA", &commands::capa, State::authorization, false, "", &always, "RFC 2449 5"},
    {"STLS", &commands::stls, State::authorization, false, "STLS", &may_start_tls, "RFC 2595 4"},
    {"USER", &commands::user, State::authorization, true, "USER", &takes_passwords, "RFC 1939 7"},
    {"PASS", &commands::pass, State::authorization, true, "", &always, "RFC 1939 7"},
    {"QUIT", &commands::quit, State::authorization, false, "", &always, "RFC 1939 5"},
};

}  // namespace

std::span<const Row> command_table() { return rows; }

const Row* find_command(std::string_view verb) {
    const auto* const found =
        std::ranges::find_if(rows, [&](const Row& row) { return ascii::iequals(row.verb, verb); });
    return found != std::end(rows) ? found : nullptr;
}

}  // namespace hongyan::pop3
