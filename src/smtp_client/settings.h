// How one session speaks to a peer. Shared by sessions; never changes while they live.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "sasl/client.h"

namespace hongyan::smtp_client {

// SMTP (RFC 5321), also to a submission server (RFC 6409), and LMTP (RFC 2033).
enum class Service { smtp, lmtp };

// TLS from the first byte is the shell's business: the session is then told so when it is made.
enum class StartTls { never, if_offered, required };

// Whether a message goes out in chunks (RFC 3030): only one that DATA cannot carry, or any where the peer
// can.
enum class Chunking { when_needed, when_offered };

// What a peer may make us hold and read; beyond it he does not speak SMTP.
struct Limits {
    std::size_t line = 4096;         // bytes kept of a reply's line; RFC 5321 §4.5.3.1.5 allows 512
    std::size_t lines = 200;         // of one reply
    std::size_t reply = 64 * 1024;   // bytes of one reply, as they come
    std::size_t outstanding = 100;   // commands without a reply yet: both ends buffer them (RFC 2920 §3.1)
    std::size_t chunk = 256 * 1024;  // bytes of the message in one Write, or one BDAT
};

// RFC 5321 §4.5.3.2
struct TimeOuts {
    std::chrono::milliseconds greeting{std::chrono::minutes(5)};
    std::chrono::milliseconds command{std::chrono::minutes(5)};  // EHLO, STARTTLS, AUTH, RSET
    std::chrono::milliseconds mail{std::chrono::minutes(5)};
    std::chrono::milliseconds recipient{std::chrono::minutes(5)};
    std::chrono::milliseconds data_begins{std::chrono::minutes(2)};  // until 354
    std::chrono::milliseconds data_block{std::chrono::minutes(3)};   // for the shell: of one Write
    std::chrono::milliseconds data_ends{std::chrono::minutes(10)};   // less makes duplicates (RFC 1047)
    std::chrono::milliseconds farewell{std::chrono::seconds(5)};     // ours: nothing hangs on it any more
};

struct Settings {
    std::string hostname = "localhost";  // what we call ourselves (RFC 5321 §4.1.1.1)
    Service service = Service::smtp;
    StartTls starttls = StartTls::if_offered;
    Chunking chunking = Chunking::when_needed;
    // With which we log in before the first message, or send none. Under TLS, unless they say otherwise.
    std::optional<sasl::Credentials> credentials = {};
    std::string peer_name = {};  // the peer's host, as we looked for it; for mechanisms that name it
    Limits limits = {};
    TimeOuts time_outs = {};
};

}  // namespace hongyan::smtp_client
