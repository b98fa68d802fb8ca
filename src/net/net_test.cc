#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing/scratch_folder.h"
#include "net/both.h"
#include "net/listener.h"
#include "net/loops.h"
#include "net/memory_stream.h"
#include "net/run_for_test.h"
#include "net/socket_stream.h"

namespace hongyan::net {
namespace {

namespace fs = std::filesystem;

// --- Endpoint

TEST(Endpoint, GoesRoundThroughText) {
    for (const char* text : {"127.0.0.1:25", "[::1]:2143", "*:993", "unix:/run/hongyan/lmtp"}) {
        const auto endpoint = Endpoint::parse(text);
        ASSERT_TRUE(endpoint) << text;
        EXPECT_EQ(endpoint->to_string(), text);
    }
}

TEST(Endpoint, WhatIsNoAddressIsRefused) {
    for (const char* text : {"", "25", ":25", "localhost:25", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                             "::1:25", "[::1:25", "1.2.3:25", "*x:25", "127.0.0.1:25 ", "unix:"})
        EXPECT_FALSE(Endpoint::parse(text)) << text;
}

TEST(Endpoint, ConnectionsAreCountedPerSite) {
    const auto site = [](const char* text) { return Endpoint::parse(text)->site(); };
    EXPECT_EQ(site("192.0.2.7:1"), "192.0.2.7");
    EXPECT_EQ(site("[::ffff:192.0.2.7]:1"), "192.0.2.7");
    EXPECT_EQ(site("[2001:db8:1:2:3:4:5:6]:1"), site("[2001:db8:1:2:ffff::1]:9"));
    EXPECT_NE(site("[2001:db8:1:2::1]:1"), site("[2001:db8:1:3::1]:1"));
}

// --- SocketStream

TEST(SocketStream, ReadsWhatThePeerSent) {
    auto [ours, theirs] = socket_pair();
    ASSERT_EQ(::write(theirs.number(), "hello", 5), 5);
    EXPECT_EQ(run(read_from(std::move(ours), after(patience))), (Read{Incoming::Kind::bytes, "hello"}));
}

TEST(SocketStream, TellsThatThePeerHasClosed) {
    auto [ours, theirs] = socket_pair();
    theirs.close();
    EXPECT_EQ(run(read_from(std::move(ours), after(patience))), (Read{Incoming::Kind::closed, ""}));
}

Task<std::vector<bool>> look_whether_gone(Descriptor ours, Descriptor theirs) {
    SocketStream stream(co_await asio::this_coro::executor, std::move(ours));
    std::vector<bool> gone{stream.is_gone()};
    check(::write(theirs.number(), "bye", 3) == 3, "a socket takes three bytes");
    theirs.close();
    gone.push_back(stream.is_gone());  // last words may matter
    (void)co_await stream.read(after(patience));
    gone.push_back(stream.is_gone());
    co_return gone;
}

TEST(SocketStream, KnowsWithoutReadingThatThePeerHasGone) {
    auto [ours, theirs] = socket_pair();
    EXPECT_THAT(run(look_whether_gone(std::move(ours), std::move(theirs))),
                testing::ElementsAre(false, false, true));
}

TEST(SocketStream, AWaitEndsAtItsDeadline) {
    auto [ours, theirs] = socket_pair();
    EXPECT_EQ(run(read_from(std::move(ours), after(1ms))), (Read{Incoming::Kind::timed_out, ""}));
}

Task<std::string> read_all(SocketStream& stream, std::size_t size) {
    std::string heard;
    while (heard.size() < size) {
        const auto incoming = co_await stream.read(after(patience));
        if (incoming.kind != Incoming::Kind::bytes) break;
        heard += incoming.bytes;
    }
    co_return heard;
}

Task<Result<std::string>> write_and_read_all(Descriptor ours, Descriptor theirs, std::size_t size) {
    const auto executor = co_await asio::this_coro::executor;
    SocketStream writer(executor, std::move(ours));
    SocketStream reader(executor, std::move(theirs));
    const std::string bytes(size, 'x');
    auto [written, heard] = co_await both(writer.write(bytes, after(patience)), read_all(reader, size));
    if (!written) co_return std::unexpected(written.error());
    co_return std::move(heard);
}

TEST(SocketStream, AWriteLargerThanTheBuffersGoesOnInParts) {
    auto [ours, theirs] = socket_pair();
    const auto heard = run(write_and_read_all(std::move(ours), std::move(theirs), 5'000'000));
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->size(), 5'000'000U);
}

Task<Result<void>> write_to_the_deaf(Descriptor ours, Deadline deadline) {
    SocketStream writer(co_await asio::this_coro::executor, std::move(ours));
    const std::string bytes(5'000'000, 'x');
    co_return co_await writer.write(bytes, deadline);
}

TEST(SocketStream, AWriteToWhoDoesNotReadEndsAtItsDeadline) {
    auto [ours, theirs] = socket_pair();
    const auto written = run(write_to_the_deaf(std::move(ours), after(20ms)));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().kind, Error::Kind::unavailable);
}

Task<Read> interrupted_read(Descriptor ours) {
    const auto executor = co_await asio::this_coro::executor;
    SocketStream stream(executor, std::move(ours));
    stream.interrupt();  // nobody waits yet, so this one is lost
    asio::post(executor, [&stream] { stream.interrupt(); });
    co_return co_await read_once(stream, never);
}

TEST(SocketStream, AnInterruptionEndsTheWait) {
    auto [ours, theirs] = socket_pair();
    EXPECT_EQ(run(interrupted_read(std::move(ours))), (Read{Incoming::Kind::interrupted, ""}));
}

// A connection over loopback; ours as the listener gives it.
std::pair<Descriptor, Descriptor> tcp_pair() {
    auto bound = BoundSocket::bind(*Endpoint::parse("127.0.0.1:0"));
    check(bound.has_value(), "a port can be had");
    Descriptor theirs(::socket(AF_INET, SOCK_STREAM, 0));
    const auto& at = bound->endpoint();
    check(::connect(theirs.number(), at.data(), at.size()) == 0, "a connection can be had");
    return {Descriptor(::accept4(bound->descriptor(), nullptr, nullptr, SOCK_NONBLOCK)), std::move(theirs)};
}

int option_of(const Descriptor& socket, int option) {
    int value = -1;
    socklen_t size = sizeof value;
    ::getsockopt(socket.number(), IPPROTO_TCP, option, &value, &size);
    return value;
}

// Whether acknowledgments go out at once: before it is asked for, and then. Who answers in time gets into the
// habit of waiting for the answer, and out of it where one comes too late, as on a busy machine.
Task<std::vector<int>> talk_and_acknowledge(Descriptor ours, Descriptor theirs) {
    constexpr int most_rounds = 1'000;
    const Descriptor watched(::dup(ours.number()));
    SocketStream stream(co_await asio::this_coro::executor, std::move(ours));
    std::array<char, 8> answer{};
    std::vector<int> at_once{1};
    for (int i = 0; i < most_rounds && at_once.back() != 0; ++i) {
        check(::write(theirs.number(), "ask", 3) == 3, "the peer can write");
        co_await stream.read(after(patience));
        co_await stream.write("say", after(patience));
        check(::read(theirs.number(), answer.data(), answer.size()) == 3, "the peer can read");
        at_once.back() = option_of(watched, TCP_QUICKACK);
    }
    stream.acknowledge();
    at_once.push_back(option_of(watched, TCP_QUICKACK));
    co_return at_once;
}

TEST(SocketStream, AnAcknowledgmentIsNotHeldBack) {
    auto [ours, theirs] = tcp_pair();
    EXPECT_THAT(run(talk_and_acknowledge(std::move(ours), std::move(theirs))), testing::ElementsAre(0, 1));
}

// --- Listener

// Listens on `endpoint` on a loop of its own; counts who comes.
struct Door {
    explicit Door(BoundSocket socket) {
        listener = Listener::start(
            loops[0], std::move(socket),
            [](const Connection& connection) {
                ::send(connection.socket.number(), "welcome", 7, MSG_NOSIGNAL);
            },
            [](const Error&) {});
    }
    Loops loops{1};
    std::shared_ptr<Listener> listener;
};

std::string connect_and_read(const Endpoint& endpoint) {
    const Descriptor socket(::socket(endpoint.family(), SOCK_STREAM, 0));
    if (::connect(socket.number(), endpoint.data(), endpoint.size()) != 0) return "refused";
    std::array<char, 100> buffer{};
    const auto count = ::recv(socket.number(), buffer.data(), buffer.size(), MSG_WAITALL);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
}

TEST(Listener, AcceptsOnEveryKindOfAddress) {
    const ScratchFolder scratch;
    for (const auto& text : {std::string("127.0.0.1:0"), std::string("[::1]:0"),
                             "unix:" + (scratch.path() / "socket").string()}) {
        auto bound = BoundSocket::bind(*Endpoint::parse(text));
        ASSERT_TRUE(bound) << bound.error().message;
        const auto endpoint = bound->endpoint();
        const Door door(*std::move(bound));
        EXPECT_EQ(connect_and_read(endpoint), "welcome") << text;
    }
}

TEST(Listener, AnAddressInUseIsRefusedWithItsName) {
    const auto first = BoundSocket::bind(*Endpoint::parse("127.0.0.1:0"));
    ASSERT_TRUE(first);
    const auto second = BoundSocket::bind(first->endpoint());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, Error::Kind::conflict);
    EXPECT_THAT(second.error().message, testing::HasSubstr(first->endpoint().to_string()));
}

TEST(Listener, TheFileOfADeadUnixSocketIsReplacedThatOfALivingOneIsNot) {
    const ScratchFolder scratch;
    const auto endpoint = *Endpoint::parse("unix:" + (scratch.path() / "socket").string());
    ASSERT_TRUE(BoundSocket::bind(endpoint));  // and closed at once, as by a crash
    const auto living = BoundSocket::bind(endpoint);
    ASSERT_TRUE(living) << living.error().message;
    EXPECT_FALSE(BoundSocket::bind(endpoint));
}

TEST(Listener, AfterStopNobodyIsAccepted) {
    auto bound = BoundSocket::bind(*Endpoint::parse("127.0.0.1:0"));
    ASSERT_TRUE(bound);
    const auto endpoint = bound->endpoint();
    std::optional<Door> door(std::in_place, *std::move(bound));
    ASSERT_EQ(connect_and_read(endpoint), "welcome");
    std::atomic<bool> stopped = false;
    door->listener->stop();
    door->loops[0].post([&] {
        door->loops[0].post([&] {
            stopped = true;
            stopped.notify_all();
        });
    });
    stopped.wait(false);
    EXPECT_EQ(connect_and_read(endpoint), "refused");
}

TEST(InheritedSockets, AreNamedAndTakenOnce) {
    auto bound = BoundSocket::bind(*Endpoint::parse("127.0.0.1:0"));
    ASSERT_TRUE(bound);
    const auto endpoint = bound->endpoint();
    EXPECT_TRUE(inherited_sockets().empty());
    // The protocol fixes the numbers of the descriptors, so a child takes the part of the server.
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(bound->descriptor(), 3);
        ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
        ::setenv("LISTEN_FDS", "1", 1);
        ::setenv("LISTEN_FDNAMES", "smtp", 1);
        auto sockets = inherited_sockets();
        const bool well = sockets.size() == 1 && sockets[0].name == "smtp" &&
                          BoundSocket::adopt(std::move(sockets[0].descriptor))->endpoint() == endpoint &&
                          inherited_sockets().empty();
        ::_exit(well ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

// --- MemoryStream

Task<std::string> converse(MemoryStream& stream) {
    std::string heard;
    for (;;) {
        const auto incoming = co_await stream.read(never);
        if (incoming.kind != Incoming::Kind::bytes) break;
        heard += incoming.bytes;
    }
    const std::string goodbye = "goodbye";
    co_await stream.write(goodbye, never);
    co_return heard;
}

TEST(MemoryStream, GivesThePiecesInTheirOrderAndKeepsWhatIsWritten) {
    MemoryStream stream({"EH", "LO"});
    EXPECT_EQ(run(converse(stream)), "EHLO");
    EXPECT_EQ(stream.written(), "goodbye");
}

}  // namespace
}  // namespace hongyan::net
