// Speaks IMAP as a client (RFC 3501), one command at a time.
#pragma once

#include "bench/load/connection.h"
#include "bench/load/target.h"

namespace hongyan::load {

// What the untagged responses to a command came to.
struct ImapAnswer {
    std::uint64_t exists = 0;    // of the last EXISTS
    std::uint64_t messages = 0;  // of STATUS
    std::uint64_t fetched = 0;   // FETCH responses
    std::uint64_t found = 0;     // numbers in SEARCH
    std::uint64_t bytes = 0;     // in literals
};

class ImapClient {
public:
    // Greeted, in TLS where the target wants it, and logged in. The tls must outlive the client.
    static net::Task<ImapClient> open(const Target& target, std::string_view user, const TlsClient& tls,
                                      net::Deadline deadline);

    // Without tag and CRLF; anything but OK is a Failure.
    net::Task<ImapAnswer> command(std::string_view words);
    // Makes the mailbox where there is none; how many messages it has.
    net::Task<std::uint64_t> prepare(std::string_view mailbox);
    net::Task<> append(std::string_view mailbox, std::string_view message);
    // Returns when the server has begun to wait with us (RFC 2177).
    net::Task<> idle();

private:
    explicit ImapClient(Connection connection) : connection_(std::move(connection)) {}

    // Reads up to the tagged response, and whether it is OK.
    net::Task<bool> answered(ImapAnswer& answer);
    // Reads over what follows a line that ends with a literal.
    net::Task<> rest_of(std::string_view line, ImapAnswer& answer);

    Connection connection_;
    bool literal_plus_ = false;  // RFC 7888
    std::string refusal_;        // the last NO or BAD
};

}  // namespace hongyan::load
