// What a session asks of the world around it. Sessions know no sockets, clocks or threads: they are given
// bytes and answers, and say what they want next.
#pragma once

#include <chrono>
#include <string>
#include <variant>

namespace hongyan::session {

// From when a patience is counted. Who sends a command a byte a minute does not get more time for it; who
// sends a large message may need long for the whole as long as it goes on.
enum class Since { last_answer, last_bytes };

// Give me bytes with receive(), or tell me with timed_out() that none came.
struct Read {
    std::chrono::milliseconds patience{};
    Since since = Since::last_answer;
    friend bool operator==(const Read&, const Read&) = default;
};

// Send these.
struct Write {
    std::string bytes;
    friend bool operator==(const Write&, const Write&) = default;
};

// Do the server's part of a TLS handshake, then call secured().
struct StartTls {
    friend bool operator==(const StartTls&, const StartTls&) = default;
};

// It is over: close the connection.
struct Close {
    friend bool operator==(const Close&, const Close&) = default;
};

// The question of a session that has none.
struct Nothing {
    friend bool operator==(const Nothing&, const Nothing&) = default;
};
inline std::string to_text(const Nothing&) { return "nothing"; }

// A Question is the protocol's own type; the world answers it with answer().
template <typename Question>
using Action = std::variant<Read, Write, StartTls, Close, Question>;

}  // namespace hongyan::session
