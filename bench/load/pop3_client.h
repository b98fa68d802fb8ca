// Speaks POP3 as a client (RFC 1939).
#pragma once

#include "bench/load/connection.h"
#include "bench/load/target.h"

namespace hongyan::load {

class Pop3Client {
public:
    // Greeted, in TLS where the target wants it, and logged in. The tls must outlive the client.
    static net::Task<Pop3Client> open(const Target& target, std::string_view user, const TlsClient& tls,
                                      net::Deadline deadline);

    // How many messages the maildrop has.
    net::Task<std::uint64_t> count();
    // A command whose answer has many lines: LIST, UIDL.
    net::Task<> listing(std::string_view command);
    // Asks without waiting for the answer, as pipelining permits (RFC 2449 §6.8).
    net::Task<> ask_for(std::uint64_t message);
    // The answer to the oldest ask_for(): the bytes of the message as they came.
    net::Task<std::size_t> message();
    net::Task<> quit();

private:
    explicit Pop3Client(Connection connection) : connection_(std::move(connection)) {}

    net::Task<std::string_view> command(std::string_view words);
    net::Task<std::string_view> positive();
    // The lines behind a positive answer, through the final dot.
    net::Task<std::size_t> text();

    Connection connection_;
};

}  // namespace hongyan::load
