// The one loop that joins a session and a connection, for every protocol.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/asio/post.hpp>

#include "base/log.h"
#include "net/both.h"
#include "net/stream.h"
#include "session/action.h"
#include "session/security.h"

namespace hongyan::server {

// How long the world waits where the session does not say.
struct Patience {
    std::chrono::milliseconds handshake{};
    std::chrono::milliseconds write{std::chrono::minutes(3)};    // for the peer to take an answer
    std::chrono::milliseconds goodbye{std::chrono::seconds(2)};  // for the peer to close after us
};

// One connection's conversation, as the server sees it from outside. Belongs to the thread of its loop.
class Conversation {
public:
    Conversation(net::Stream& stream, const net::TlsContext* tls, Patience patience,
                 net::ClientCertificate certificate = net::ClientCertificate::not_asked)
        : stream_(stream), tls_(tls), patience_(patience), certificate_(certificate) {}
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    net::Stream& stream() { return stream_; }
    const net::TlsContext* tls() const { return tls_; }  // null: no TLS here
    const Patience& patience() const { return patience_; }
    net::ClientCertificate certificate() const { return certificate_; }

    // The session is to end as soon as its protocol allows.
    void ask_to_end() {
        should_end_ = true;
        stream_.interrupt();
    }
    bool should_end() const { return should_end_; }

private:
    net::Stream& stream_;
    const net::TlsContext* tls_;
    Patience patience_;
    net::ClientCertificate certificate_;
    bool should_end_ = false;
};

// Why it was over.
enum class Ending { session_closed, peer_closed, peer_lost, no_handshake };
std::string_view to_string(Ending ending);

// What sessions are told of the TLS under them.
session::Security security_of(const net::Stream& stream);

// Until when the peer may be silent. Who sends a byte now and then may go on for twelve times the patience,
// an hour in SMTP, and no longer: a message is not sent that way, only a place held.
inline net::Deadline deadline_of(const session::Read& read, net::Deadline answered) {
    constexpr int patience_in_all = 12;
    if (read.since == session::Since::last_answer) return answered + read.patience;
    return std::min(net::after(read.patience), answered + patience_in_all * read.patience);
}

// Where a conversation stands between two waits for the peer.
struct Pace {
    net::Deadline answered = std::chrono::steady_clock::now();
    bool in_the_middle = false;  // the peer has been heard, and nothing was said to it since
};

// So many bytes take as long to hand over as a worker needs to begin with the next.
inline constexpr std::size_t worth_not_waiting = std::size_t{64} << 10U;

// True when the peer has taken the bytes.
inline net::Task<bool> write(Conversation& conversation, std::string bytes) {
    const auto deadline = net::after(conversation.patience().write);
    const auto written = co_await conversation.stream().write(bytes, deadline);
    co_return written.has_value();
}

// The same, once what else this thread has to begin has begun.
inline net::Task<bool> write_meanwhile(Conversation& conversation, std::string bytes) {
    co_await net::asio::post(net::asio::use_awaitable_t<net::Executor>{});
    co_return co_await write(conversation, std::move(bytes));
}

// Does what the session says until it wants to hear the peer or all is over. A coroutine of its own: who
// waits for a silent peer does not keep what this needs.
template <typename Session, typename AnswerTo>
net::Task<std::variant<session::Read, Ending>> act(Session& session, Conversation& conversation,
                                                   AnswerTo& answer_to, Pace& pace) {
    using Outcome = std::variant<session::Read, Ending>;
    using Question = typename Session::Question;
    auto& stream = conversation.stream();
    std::string unsent;  // a long answer: while it goes out, the next part of it is made
    for (;;) {
        if (conversation.should_end()) session.shut_down();
        auto action = session.next();
        auto* const question = std::get_if<Question>(&action);
        if (!unsent.empty() && question == nullptr)
            if (!co_await write(conversation, std::exchange(unsent, {})))
                co_return Outcome(Ending::peer_lost);
        if (question != nullptr && !unsent.empty()) {
            auto [answer, written] = co_await net::both(
                answer_to(std::move(*question)), write_meanwhile(conversation, std::exchange(unsent, {})));
            if (!written) co_return Outcome(Ending::peer_lost);
            session.answer(std::move(answer));
        } else if (question != nullptr) {
            auto answer = co_await answer_to(std::move(*question));
            session.answer(std::move(answer));
        } else if (auto* const said = std::get_if<session::Write>(&action)) {
            pace.in_the_middle = false;
            if (said->bytes.size() >= worth_not_waiting)
                unsent = std::move(said->bytes);
            else if (!co_await write(conversation, std::move(said->bytes)))
                co_return Outcome(Ending::peer_lost);
        } else if (const auto* const read = std::get_if<session::Read>(&action)) {
            co_return Outcome(*read);
        } else if (std::holds_alternative<session::StartTls>(action)) {
            const auto deadline = net::after(conversation.patience().handshake);
            const auto secured =
                co_await stream.secure(*conversation.tls(), conversation.certificate(), deadline);
            if (!secured) co_return Outcome(Ending::no_handshake);
            session.secured(security_of(stream));
        } else {
            co_await stream.close(net::after(conversation.patience().goodbye));
            co_return Outcome(Ending::session_closed);
        }
        pace.answered = std::chrono::steady_clock::now();
    }
}

// Carries the session to its end. `answer_to(question)` is a Task that asks the world; it may take its time
// on a worker.
template <typename Session, typename AnswerTo>
net::Task<Ending> carry(Session& session, Conversation& conversation, AnswerTo answer_to) {
    auto& stream = conversation.stream();
    Pace pace;
    for (;;) {
        const auto next = co_await act(session, conversation, answer_to, pace);
        if (const auto* const ending = std::get_if<Ending>(&next)) co_return *ending;
        if (pace.in_the_middle) stream.acknowledge();
        const auto incoming = co_await stream.read(deadline_of(std::get<session::Read>(next), pace.answered));
        if (incoming.kind == net::Incoming::Kind::closed) co_return Ending::peer_closed;
        if (incoming.kind == net::Incoming::Kind::failed) co_return Ending::peer_lost;
        if (incoming.kind == net::Incoming::Kind::timed_out) session.timed_out();
        if (incoming.kind == net::Incoming::Kind::bytes) {
            session.receive(incoming.bytes);
            pace.in_the_middle = true;
        }
    }
}

}  // namespace hongyan::server
