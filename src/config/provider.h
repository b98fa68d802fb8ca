// Well-known providers through whose servers people relay mail: what each needs, so that a route names it
// only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace hongyan::config {

// What there must be between us and a host before mail is handed over.
enum class RouteTls {
    none,
    opportunistic,  // STARTTLS where it is offered, whoever the host is (RFC 7435)
    required,       // STARTTLS, and a certificate for the host's name (RFC 9525)
    implicit,       // TLS from the first byte (RFC 8314 §3.3), and such a certificate
};

enum class LogInBy { password, token };

struct Provider {
    std::string_view name;  // as routes name it
    std::string_view host;
    std::uint16_t port;
    RouteTls tls;
    LogInBy log_in;
    bool only_own_sender;         // reverse-path and From must be the address of the log-in
    std::uint64_t connections;    // at most, at once
    std::uint64_t messages;       // at most, in a minute
    std::string_view what_to_do;  // where a log-in is refused
    // Whose mailboxes it keeps, and how much each of these domains is given by servers that are no customers.
    std::span<const std::string_view> domains;
    std::uint64_t connections_from_outside;  // at most, at once
    std::uint64_t messages_from_outside;     // at most, in a minute
};

std::span<const Provider> providers();
// nullptr if there is none of that name.
const Provider* find_provider(std::string_view name);

}  // namespace hongyan::config
