// What the server offers: a row for each kind of listener.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/config.h"
#include "net/endpoint.h"
#include "server/carry.h"
#include "server/mail.h"

namespace hongyan::server {

// What a new session is made of; lasts as long as the session.
struct Circumstances {
    const config::Config& config;
    const std::string& hostname;
    const net::Endpoint& peer;
    session::Security security;  // of TLS from the first byte
    const Mail& mail;
    const log::Log& log;  // of the session
    net::Executor executor;

    // Empty for one on a unix socket.
    std::string client_address() const { return peer.is_unix() ? std::string() : peer.address(); }
};

struct Service {
    std::string_view name;  // as in listen.NAME, and the name of a socket from systemd
    config::Addresses config::Listen::* addresses;
    bool implicit_tls;
    net::ClientCertificate certificate;  // asked for where people log in
    net::Task<Ending> (*serve)(Conversation& conversation, const Circumstances& circumstances);
    // What a client hears instead of a greeting.
    std::string (*refuse)(const std::string& hostname, const Error& reason);
};

std::span<const Service> services();

}  // namespace hongyan::server
