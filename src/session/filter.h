// What stands between a session and its connection: bytes become other bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hongyan::session {

// Belongs to one session. What is received becomes readable piece by piece, so that a few bytes that stand
// for very many take no memory.
class Filter {
public:
    virtual ~Filter() = default;

    // What the session says, as the peer expects it: all of it can be read when it has arrived.
    virtual std::string outgoing(std::string_view bytes) = 0;
    // The same of what it says last through this filter.
    virtual std::string last(std::string_view bytes) = 0;

    // The peer sent these.
    virtual void receive(std::string_view bytes) = 0;
    // The next piece of what they mean, 64 KB at the most; empty until more is received.
    virtual std::string next_piece() = 0;
    // The peer does not keep to the format; there will be nothing more.
    virtual bool is_broken() const = 0;
    // The peer has ended its side with a command, which next_piece() has given: the bytes that have come
    // behind that end. Nothing as long as none have; it can be asked again then.
    virtual std::optional<std::string> behind_end() = 0;
};

}  // namespace hongyan::session
