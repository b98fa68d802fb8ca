#include <fstream>
#include <future>

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/testing/scratch_folder.h"
#include "engine/memory_engine.h"
#include "net/memory_stream.h"
#include "server/account_sessions.h"
#include "server/admission.h"
#include "server/carry.h"
#include "server/control.h"
#include "server/doors.h"
#include "server/frame.h"
#include "server/mail.h"
#include "server/service_manager.h"
#include "server/watchers.h"
#include "session/dialogue.h"
#include "store/store.h"

namespace hongyan::server {
namespace {

namespace fs = std::filesystem;

// --- the lasting secret

TEST(LastingSecret, IsMadeOnceAndADamagedOneIsNotReplacedInSilence) {
    const ScratchFolder scratch;
    const auto made = lasting_secret(scratch.path()).value();
    EXPECT_EQ(lasting_secret(scratch.path()).value(), made);
    ASSERT_TRUE(write_file(scratch.path() / "secret", "short", Mode::secret));
    EXPECT_EQ(lasting_secret(scratch.path()).error().kind, Error::Kind::corrupt);
}

// --- carry

// Asks the world how to say each line.
class Asking final : public session::Dialogue<std::string, std::string> {
public:
    Asking() : Dialogue(100) { say("hello\n"); }

private:
    bool advance() override {
        const auto line = input().next();
        if (!line) return false;
        if (line->text == "QUIT")
            end();
        else
            ask(std::string(line->text));
        return true;
    }
    void answered(std::string answer) override { say(answer + "\n"); }
    void became_secure(session::Security) override {}
    void say_goodbye(session::Farewell why) override {
        say(why == session::Farewell::timed_out ? "too slow\n" : "shutting down\n");
    }
    session::Read wish() const override { return {.patience = std::chrono::minutes(1)}; }
};

struct Carried {
    Ending ending{};
    std::string said;
    bool closed = false;
    int writes = 0;
    int acknowledgments = 0;
};

Carried carry_all(std::deque<std::string> pieces, net::Incoming::Kind at_end, bool end_at_once = false) {
    net::MemoryStream stream(std::move(pieces), at_end);
    Conversation conversation(stream, nullptr, {});
    if (end_at_once) conversation.ask_to_end();
    Asking session;
    Carried carried;
    auto shout = [](const std::string& question) -> net::Task<std::string> { co_return question + "!"; };
    net::asio::io_context context;
    net::asio::co_spawn(context.get_executor(), carry(session, conversation, shout),
                        [&](const std::exception_ptr&, Ending ending) { carried.ending = ending; });
    context.run();
    carried.said = stream.written();
    carried.closed = stream.is_closed();
    carried.writes = stream.writes();
    carried.acknowledgments = stream.acknowledgments();
    return carried;
}

TEST(Carry, BytesGoInAnswersComeOutAndTheEndIsPolite) {
    const auto carried = carry_all({"on", "e\r\ntwo\r\nQUIT\r\n"}, net::Incoming::Kind::closed);
    EXPECT_EQ(carried.said, "hello\none!\ntwo!\n");
    EXPECT_EQ(carried.ending, Ending::session_closed);
    EXPECT_TRUE(carried.closed);
}

// A segment for each answer, and an acknowledgment where there is none to carry it.
TEST(Carry, WhoIsInTheMiddleOfACommandIsAcknowledgedAtOnce) {
    using enum net::Incoming::Kind;
    const auto whole = carry_all({"one\r\n", "two\r\n"}, closed);
    EXPECT_EQ(whole.writes, 3);
    EXPECT_EQ(whole.acknowledgments, 0);
    const auto halves = carry_all({"on", "e\r", "\n", "two\r\n"}, closed);
    EXPECT_EQ(halves.writes, 3);
    EXPECT_EQ(halves.acknowledgments, 2);
}

TEST(Carry, APeerThatGoesEndsIt) {
    EXPECT_EQ(carry_all({"one\r\n"}, net::Incoming::Kind::closed).ending, Ending::peer_closed);
    EXPECT_EQ(carry_all({}, net::Incoming::Kind::failed).ending, Ending::peer_lost);
}

TEST(Carry, ASilentPeerHearsWhy) {
    const auto carried = carry_all({}, net::Incoming::Kind::timed_out);
    EXPECT_EQ(carried.said, "hello\ntoo slow\n");
    EXPECT_EQ(carried.ending, Ending::session_closed);
}

TEST(Carry, AServerThatEndsSaysSo) {
    EXPECT_EQ(carry_all({"never read"}, net::Incoming::Kind::closed, true).said, "hello\nshutting down\n");
}

// The world is asked before a long answer goes out, and is heard after it.
TEST(Carry, WhileALongAnswerGoesOutTheNextIsMade) {
    const std::string long_answer(worth_not_waiting, 'x');
    net::MemoryStream stream({"long\r\nshort\r\nQUIT\r\n"});
    Conversation conversation(stream, nullptr, {});
    Asking session;
    std::size_t written_when_asked = 0;
    auto answer = [&](const std::string& question) -> net::Task<std::string> {
        if (question == "long") co_return long_answer;
        written_when_asked = stream.written().size();
        co_return question;
    };
    net::asio::io_context context;
    auto ending = Ending::peer_lost;
    net::asio::co_spawn(context.get_executor(), carry(session, conversation, answer),
                        [&](const std::exception_ptr&, Ending how) { ending = how; });
    context.run();
    EXPECT_EQ(written_when_asked, std::string_view("hello\n").size());
    EXPECT_EQ(stream.written(), "hello\n" + long_answer + "\nshort\n");
    EXPECT_EQ(ending, Ending::session_closed);
}

// --- ServiceManager

// Where systemd would listen.
class Manager {
public:
    explicit Manager(std::string_view path, bool is_abstract = false) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        if (is_abstract) address.sun_path[0] = '\0';
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
        check(::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&address), size) == 0,
              "a socket can be bound");
    }
    std::string hears() const {
        std::array<char, 200> buffer{};
        const auto count = ::recv(socket_.number(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
    }

private:
    Descriptor socket_{::socket(AF_UNIX, SOCK_DGRAM, 0)};
};

TEST(ServiceManager, IsToldWhatBecomesOfUs) {
    const ScratchFolder scratch;
    const auto path = (scratch.path() / "notify").string();
    const auto abstract = fmt::format("@hongyan-test-{}", ::getpid());
    const std::pair<std::string, Manager> managers[] = {{path, Manager(path)},
                                                        {abstract, Manager(abstract, true)}};
    for (const auto& [socket, manager] : managers) {
        const ServiceManager told(socket);
        ASSERT_TRUE(told.ready("smtp 127.0.0.1:25"));
        EXPECT_EQ(manager.hears(), "READY=1\nSTATUS=smtp 127.0.0.1:25");
        ASSERT_TRUE(told.reloading());
        EXPECT_THAT(manager.hears(), testing::MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
        ASSERT_TRUE(told.stopping());
        EXPECT_EQ(manager.hears(), "STOPPING=1");
    }
}

TEST(ServiceManager, WhereThereIsNoneNothingHappensAndOneThatIsGoneIsAnError) {
    const ScratchFolder scratch;
    EXPECT_TRUE(ServiceManager("").ready("ok"));
    EXPECT_FALSE(ServiceManager((scratch.path() / "gone").string()).ready("ok"));
    EXPECT_FALSE(ServiceManager("relative").ready("ok"));
    EXPECT_FALSE(ServiceManager("/" + std::string(200, 'x')).ready("ok"));
}

TEST(ServiceManager, ChildrenDoNotLearnOfIt) {
    const ScratchFolder scratch;
    const auto path = (scratch.path() / "notify").string();
    const Manager manager(path);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    const auto told = ServiceManager::of_environment();
    EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
    ASSERT_TRUE(told.stopping());
    EXPECT_EQ(manager.hears(), "STOPPING=1");
}

// --- Carry, and time

// RFC 5321 §4.5.3.2.5: minutes for each piece of a message, but not for ever.
TEST(Carry, WhoTricklesAMessageHasTwelveTimesThePatience) {
    using session::Since;
    constexpr std::chrono::seconds patience(10);
    const auto now = std::chrono::steady_clock::now();
    EXPECT_EQ(deadline_of({patience, Since::last_answer}, now - 7 * patience), now - 6 * patience);
    EXPECT_GE(deadline_of({patience, Since::last_bytes}, now - 7 * patience), now + patience);
    EXPECT_EQ(deadline_of({patience, Since::last_bytes}, now - 11 * patience - patience / 2),
              now + patience / 2);
    EXPECT_EQ(deadline_of({patience, Since::last_bytes}, now - 20 * patience), now - 8 * patience);
}

// --- Admission

TEST(Admission, CountsInAllAndPerSite) {
    config::Limits limits;
    limits.connections = 3;
    limits.connections_per_address = 2;
    limits.exempt_networks = {*config::Network::parse("127.0.0.0/8")};
    const auto peer = [](const char* text) { return *net::Endpoint::parse(text); };
    Admission admission;
    {
        const auto first = admission.admit(peer("192.0.2.1:1"), limits);
        const auto second = admission.admit(peer("192.0.2.1:2"), limits);
        ASSERT_TRUE(first && second);
        EXPECT_FALSE(admission.admit(peer("192.0.2.1:3"), limits));
        const auto other = admission.admit(peer("127.0.0.1:1"), limits);
        ASSERT_TRUE(other);
        EXPECT_EQ(admission.inside(), 3U);
        const auto full = admission.admit(peer("192.0.2.2:1"), limits);
        ASSERT_FALSE(full);
        EXPECT_EQ(full.error().kind, Error::Kind::unavailable);
    }
    EXPECT_EQ(admission.inside(), 0U);
    EXPECT_TRUE(admission.admit(peer("192.0.2.1:1"), limits));
}

TEST(Admission, ExemptNetworksAreOnlyCountedInAll) {
    config::Limits limits;
    limits.connections = 10;
    limits.connections_per_address = 1;
    limits.exempt_networks = {*config::Network::parse("::1")};
    Admission admission;
    const auto first = admission.admit(*net::Endpoint::parse("[::1]:1"), limits);
    EXPECT_TRUE(admission.admit(*net::Endpoint::parse("[::1]:2"), limits));
}

TEST(Admission, WhomAProxyNamesIsCountedWhereHeIsFrom) {
    config::Limits limits;
    limits.connections = 3;
    limits.connections_per_address = 1;
    const auto peer = [](const char* text) { return *net::Endpoint::parse(text); };
    Admission admission;
    {
        auto first = admission.admit_unnamed(limits);
        auto second = admission.admit_unnamed(limits);
        auto third = admission.admit_unnamed(limits);
        ASSERT_TRUE(first && second && third);
        EXPECT_FALSE(admission.admit_unnamed(limits));
        EXPECT_TRUE(admission.name(*first, peer("192.0.2.1:1"), limits));
        EXPECT_TRUE(first->is_named());
        const auto again = admission.name(*second, peer("192.0.2.1:2"), limits);
        ASSERT_FALSE(again);
        EXPECT_EQ(again.error().kind, Error::Kind::unavailable);
        EXPECT_TRUE(admission.name(*third, peer("192.0.2.2:1"), limits));
    }
    EXPECT_EQ(admission.inside(), 0U);
    EXPECT_TRUE(admission.admit(peer("192.0.2.1:1"), limits));
}

// --- Doors

TEST(Doors, EveryAddressThatCannotBeBoundIsNamed) {
    const auto taken = net::BoundSocket::bind(*net::Endpoint::parse("127.0.0.1:0"));
    ASSERT_TRUE(taken);
    config::Listen listen;
    listen.smtp = {*config::ListenAddress::parse("127.0.0.1:0")};
    listen.imap = {*config::ListenAddress::parse(taken->endpoint().to_string())};
    listen.pop3 = {*config::ListenAddress::parse(taken->endpoint().to_string())};
    std::vector<net::InheritedSocket> none;
    const auto bound = bind_doors(listen, none, [](const auto&, const auto&) { return false; });
    ASSERT_EQ(bound.doors.size(), 1U);
    EXPECT_EQ(bound.doors[0].service->name, "smtp");
    ASSERT_EQ(bound.failures.size(), 2U);
    EXPECT_THAT(bound.failures[0].message, testing::StartsWith("imap: cannot listen on 127.0.0.1:"));
    EXPECT_THAT(bound.failures[1].message, testing::StartsWith("pop3: cannot listen on 127.0.0.1:"));
}

TEST(Doors, AnInheritedSocketStandsForTheAddressesOfItsService) {
    auto given = net::BoundSocket::bind(*net::Endpoint::parse("127.0.0.1:0"));
    ASSERT_TRUE(given);
    const auto endpoint = given->endpoint();
    std::vector<net::InheritedSocket> inherited;
    inherited.push_back({"smtp", std::move(*given).release()});
    config::Listen listen;
    listen.smtp = {*config::ListenAddress::parse("127.0.0.1:0")};
    const auto bound = bind_doors(listen, inherited, [](const auto&, const auto&) { return false; });
    ASSERT_EQ(bound.doors.size(), 1U);
    EXPECT_EQ(bound.doors[0].sockets[0].endpoint(), endpoint);
}

// --- Control

struct Heard {
    Result<int> code = 0;
    std::string out;
    std::string err;
};

Heard call(const fs::path& socket, const Request& request, std::vector<std::string> input = {}) {
    Heard heard;
    std::size_t next = 0;
    heard.code =
        run_remotely(socket, request,
                     {.in = [&]() -> Result<std::string> { return next < input.size() ? input[next++] : ""; },
                      .out = [&](std::string_view bytes) { heard.out += bytes; },
                      .err = [&](std::string_view bytes) { heard.err += bytes; }});
    return heard;
}

class Control : public testing::Test {
protected:
    std::unique_ptr<ControlServer> serve(Command command) {
        auto bound = ControlSocket::bind(socket_, 0600);
        check(bound.has_value(), "the control socket can be made");
        return std::make_unique<ControlServer>(*std::move(bound), std::move(command), log::Log(output_));
    }

    ScratchFolder scratch_;
    fs::path socket_ = scratch_.path() / "control.sock";
    SystemClock clock_;
    log::Output output_{clock_};
};

// Says what it was called with and its whole input.
int repeat(const Request& request, const Streams& streams) {
    streams.out(request.folder.string());
    for (const auto& argument : request.arguments) streams.out(fmt::format(" <{}>", argument));
    for (;;) {
        const auto piece = streams.in();
        if (!piece || piece->empty()) break;
        streams.out(*piece);
    }
    streams.err("done");
    return 75;
}

TEST_F(Control, ArgumentsInputOutputAndExitCodeComeThrough) {
    const auto server = serve(repeat);
    const auto heard = call(socket_, {{"mailbox", "list", ""}, "/somewhere"}, {"in", "put"});
    EXPECT_EQ(heard.code, 75);
    EXPECT_EQ(heard.out, "/somewhere <mailbox> <list> <>input");
    EXPECT_EQ(heard.err, "done");
}

TEST_F(Control, WhatIsLargerThanAFrameComesInSeveral) {
    const auto server = serve(repeat);
    const std::string large(3 * max_frame + 17, 'x');
    const auto heard = call(socket_, {{}, ""}, {large});
    EXPECT_EQ(heard.code, 75);
    EXPECT_EQ(heard.out, large);
}

TEST_F(Control, SeveralCallsRunAtOnce) {
    std::promise<void> arrived;
    const auto server = serve([&](const Request& request, const Streams&) {
        if (request.arguments[0] == "first")
            return arrived.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready ? 0
                                                                                                        : 1;
        arrived.set_value();
        return 0;
    });
    std::jthread first([&] { EXPECT_EQ(call(socket_, {{"first"}, ""}).code, 0); });
    EXPECT_EQ(call(socket_, {{"second"}, ""}).code, 0);
}

// A person at a pager does not keep a thread for ever.
TEST_F(Control, WhoTakesNothingOfWhatHeIsToldHasGone) {
    auto bound = ControlSocket::bind(socket_, 0600);
    ASSERT_TRUE(bound);
    std::promise<bool> ended;
    const auto tell_much = [&ended](const Request&, const Streams& streams) {
        const std::string page(max_frame, 'x');
        for (int i = 0; i < 1'000 && !streams.is_gone(); ++i) streams.out(page);
        ended.set_value(streams.is_gone());
        return 0;
    };
    const ControlServer server(*std::move(bound), tell_much, log::Log(output_), &ControlServer::on_a_thread,
                               std::chrono::milliseconds(1));
    auto heard = ended.get_future();
    const auto done = run_remotely(
        socket_, {{}, ""}, {.in = {}, .out = [&heard](std::string_view) { heard.wait(); }, .err = {}});
    EXPECT_FALSE(done);
    EXPECT_TRUE(heard.get());
}

TEST_F(Control, ACommandHearsThatItsCallerHasGoneAndThatTheServerEnds) {
    std::promise<void> begun;
    std::atomic<bool> is_over = false;
    auto server = serve([&](const Request&, const Streams& streams) {
        begun.set_value();
        while (!streams.is_gone()) std::this_thread::yield();
        is_over = true;
        return 0;
    });
    std::jthread client([&] { EXPECT_FALSE(call(socket_, {{}, ""}).code); });
    begun.get_future().wait();
    EXPECT_FALSE(is_over);
    server.reset();
    EXPECT_TRUE(is_over);
}

TEST_F(Control, ACommandThatBreaksIsAnError) {
    const auto server = serve([](const Request&, const Streams&) -> int {
        check(false, "commands do not break");
        return 0;
    });
    const auto heard = call(socket_, {{}, ""});
    EXPECT_EQ(heard.code, 70);
    EXPECT_THAT(heard.err, testing::HasSubstr("commands do not break"));
}

// Where the machine has no thread left the call is ended, and the next one is served.
TEST_F(Control, ACallWithoutAThreadIsEndedAndTheNextIsServed) {
    auto bound = ControlSocket::bind(socket_, 0600);
    ASSERT_TRUE(bound);
    static std::atomic<int> refused;
    refused = 1;
    const ControlServer server(*std::move(bound), repeat, log::Log(output_), [](std::function<void()> work) {
        if (refused-- > 0) throw std::system_error(EAGAIN, std::generic_category());
        ControlServer::on_a_thread(std::move(work));
    });
    EXPECT_FALSE(call(socket_, {.arguments = {}, .folder = "/"}).code);
    const auto heard = call(socket_, {.arguments = {"again"}, .folder = "/"});
    ASSERT_TRUE(heard.code) << heard.code.error().message;
    EXPECT_THAT(heard.out, testing::HasSubstr("<again>"));
}

TEST(Watchers, CallThoseWhoListenToTheAccount) {
    ManualClock clock;
    const auto engine = engine::make_memory_engine();
    store::Store store(*engine, clock);
    Watchers watchers(store);
    int calls = 0;
    const auto watch = watchers.watch(store::AccountId(1), [&calls] { ++calls; });
    const auto calls_of = [&](std::uint32_t account) {
        calls = 0;
        store.announce(store::AccountId(account), store::ModSeq(7));
        return calls;
    };
    EXPECT_EQ(calls_of(1), 1);
    EXPECT_EQ(calls_of(2), 0);
    watch->listen(false);
    EXPECT_EQ(calls_of(1), 0);
    watch->listen(true);
    EXPECT_EQ(calls_of(1), 1);
}

TEST(AccountSessions, AreCountedByProtocolAndGivenBack) {
    const AccountSessions sessions;
    auto first = sessions.take("ann@here.test", "imap", 2);
    auto second = sessions.take("ann@here.test", "imap", 2);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(sessions.take("ann@here.test", "imap", 2).error().kind, Error::Kind::unavailable);
    EXPECT_TRUE(sessions.take("ann@here.test", "pop3", 1));
    EXPECT_TRUE(sessions.take("bob@here.test", "imap", 1));
    EXPECT_EQ(sessions.size(), 1U) << "the others have gone again";
    first->reset();
    EXPECT_TRUE(sessions.take("ann@here.test", "imap", 2));
    second->reset();
    EXPECT_EQ(sessions.size(), 0U);
}

// Names that are refused leave nothing behind: whoever tries may try many.
TEST(AccountSessions, WhereNoneArePermittedNothingIsKept) {
    const AccountSessions sessions;
    EXPECT_FALSE(sessions.take("ann@here.test", "imap", 0));
    EXPECT_EQ(sessions.size(), 0U);
}

TEST_F(Control, WithoutAServerNothingIsFound) {
    EXPECT_EQ(call(socket_, {{}, ""}).code.error().kind, Error::Kind::not_found);
    serve(repeat).reset();
    EXPECT_EQ(call(socket_, {{}, ""}).code.error().kind, Error::Kind::not_found);
    EXPECT_FALSE(fs::exists(socket_));
}

TEST_F(Control, WhoCallsBeforeItServesWaits) {
    auto bound = ControlSocket::bind(socket_, 0600);
    ASSERT_TRUE(bound);
    auto caller = std::async(std::launch::async, [&] { return call(socket_, {{"early"}, "/"}).out; });
    const ControlServer server(*std::move(bound), repeat, log::Log(output_));
    EXPECT_EQ(caller.get(), "/ <early>");
}

TEST_F(Control, ASocketThatIsNeverServedLeavesNoFile) {
    ASSERT_TRUE(ControlSocket::bind(socket_, 0600));
    EXPECT_FALSE(fs::exists(socket_));
}

TEST_F(Control, OnlyItsModeLetsOthersIn) {
    const auto server = serve(repeat);
    EXPECT_EQ(fs::status(socket_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(Control, AServerThatEndsBreaksTheCallsThatWait) {
    const auto waiting = std::make_shared<std::promise<void>>();
    auto server = serve([waiting](const Request&, const Streams& streams) {
        waiting->set_value();
        return streams.in() ? 0 : 1;
    });
    std::promise<void> never_given;
    auto input = never_given.get_future().share();
    std::jthread client([&] {
        (void)run_remotely(socket_, {{}, ""},
                           {.in = [input]() -> Result<std::string> {
                                input.wait_for(std::chrono::seconds(10));
                                return "";
                            },
                            .out = [](std::string_view) {},
                            .err = [](std::string_view) {}});
    });
    EXPECT_EQ(waiting->get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
    server.reset();
    never_given.set_value();
}

TEST_F(Control, NonsenseOnTheSocketIsEndured) {
    const auto server = serve(repeat);
    const auto endpoint = *net::Endpoint::parse("unix:" + socket_.string());
    for (const std::string& nonsense : {std::string("C\xff\xff\xff\xff"), std::string("I\0\0\0\0", 5),
                                        std::string("C\0\0\0\1\x7f", 6), std::string("C\0\0\0\0", 5)}) {
        const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
        ASSERT_EQ(::connect(socket.number(), endpoint.data(), endpoint.size()), 0);
        ASSERT_EQ(::send(socket.number(), nonsense.data(), nonsense.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(nonsense.size()));
        char byte = 0;
        EXPECT_EQ(::recv(socket.number(), &byte, 1, 0), 0);
    }
    EXPECT_EQ(call(socket_, {{}, ""}).code, 75);
}

}  // namespace
}  // namespace hongyan::server
