// Drives a session with bytes and cuts that a fuzzer has chosen.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "session/action.h"

namespace hongyan::fuzz {

// The world of a session that asks nothing.
struct NoWorld {
    template <typename Question>
    session::Nothing operator()(const Question&) const {
        return {};
    }
};

// Everything the session says while it hears `bytes` in pieces of `piece`. `StartTls` is granted; `world`
// answers questions.
template <typename Session, typename World>
std::string converse(Session& session, std::string_view bytes, std::size_t piece, const World& world) {
    std::string said;
    for (;;) {
        const auto action = session.next();
        if (const auto* const write = std::get_if<session::Write>(&action)) {
            said += write->bytes;
        } else if (std::holds_alternative<session::StartTls>(action)) {
            session.secured({});
        } else if (const auto* const question = std::get_if<typename Session::Question>(&action)) {
            session.answer(world(*question));
        } else if (std::holds_alternative<session::Read>(action) && !bytes.empty()) {
            session.receive(bytes.substr(0, piece));
            bytes.remove_prefix(std::min(piece, bytes.size()));
        } else {
            return said;
        }
    }
}

// The first byte of the input is how the rest is cut. What is said must be the same in one piece; only what
// follows a STARTTLS in the same piece is dropped, so the sessions under test offer none.
template <typename Make, typename World = NoWorld>
int check_cuts(const std::uint8_t* data, std::size_t size, Make make, const World& world = {}) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = make();
    const auto cut = make();
    const auto said = converse(*whole, bytes, bytes.size() + 1, world);
    if (said != converse(*cut, bytes, data[0] % 64 + 1, world)) std::abort();
    return 0;
}

}  // namespace hongyan::fuzz
