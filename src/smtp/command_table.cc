#include "smtp/command_table.h"

#include "base/ascii.h"
#include "smtp/commands/commands.h"

namespace hongyan::smtp {

namespace {

constexpr SetOf<State> any_time{State::connected, State::greeted};
constexpr SetOf<State> once_greeted{State::greeted};

constexpr SetOf<Service> all{Service::relay, Service::submission, Service::lmtp};
constexpr SetOf<Service> smtp{Service::relay, Service::submission};
constexpr SetOf<Service> lmtp{Service::lmtp};

constexpr Row rows[] = {
    {"EHLO", &commands::ehlo, any_time, smtp, "EHLO host", "RFC 5321 4.1.1.1"},
    {"HELO", &commands::helo, any_time, smtp, "HELO host", "RFC 5321 4.1.1.1"},
    {"LHLO", &commands::lhlo, any_time, lmtp, "LHLO host", "RFC 2033 4.1"},
    {"STARTTLS", &commands::starttls, once_greeted, all, "STARTTLS", "RFC 3207"},
    {"MAIL", &commands::mail, once_greeted, all, "MAIL FROM:<sender>", "RFC 5321 4.1.1.2"},
    {"RCPT", &commands::out_of_order, once_greeted, all, "RCPT TO:<recipient>", "RFC 5321 4.1.1.3"},
    {"DATA", &commands::out_of_order, once_greeted, all, "DATA", "RFC 5321 4.1.1.4"},
    {"RSET", &commands::rset, any_time, all, "RSET", "RFC 5321 4.1.1.5"},
    {"VRFY", &commands::vrfy, any_time, all, "VRFY name", "RFC 5321 4.1.1.6"},
    {"EXPN", &commands::expn, any_time, all, "EXPN list", "RFC 5321 4.1.1.7"},
    {"HELP", &commands::help, any_time, all, "HELP [command]", "RFC 5321 4.1.1.8"},
    {"NOOP", &commands::noop, any_time, all, "NOOP", "RFC 5321 4.1.1.9"},
    {"QUIT", &commands::quit, any_time, all, "QUIT", "RFC 5321 4.1.1.10"},
};

}  // namespace

std::span<const Row> command_table() { return rows; }

const Row* find_command(std::string_view verb, Service service) {
    const auto* const found = std::ranges::find_if(rows, [&](const Row& row) {
        return ascii::iequals(row.verb, verb) && row.services.contains(service);
    });
    return found != std::end(rows) ? found : nullptr;
}

}  // namespace hongyan::smtp
