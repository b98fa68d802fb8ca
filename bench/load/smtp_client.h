// Speaks SMTP and LMTP as a client (RFC 5321, RFC 2033).
#pragma once

#include <span>

#include "bench/load/connection.h"
#include "bench/load/target.h"

namespace hongyan::load {

enum class Delivery { smtp, lmtp };

class SmtpClient {
public:
    // Greeted, and in TLS where the target wants it. The tls must outlive the client.
    static net::Task<SmtpClient> open(const Target& target, Delivery delivery, const TlsClient& tls,
                                      net::Deadline deadline);

    net::Task<> log_in(std::string_view user, std::string_view password);
    // One message, as Deck::data gives it; returns when the server has taken it for every recipient.
    net::Task<> send(std::string_view sender, std::span<const std::string> recipients, std::string_view data);
    net::Task<> quit();

private:
    SmtpClient(Connection connection, Delivery delivery)
        : connection_(std::move(connection)), delivery_(delivery) {}

    net::Task<> hello();
    net::Task<> command(std::string_view line, std::string_view expected);
    // Reads one reply, which must begin so.
    net::Task<> expect(std::string_view beginning);

    Connection connection_;
    Delivery delivery_;
    bool pipelining_ = false;  // RFC 2920
};

}  // namespace hongyan::load
