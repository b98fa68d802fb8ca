#include <fstream>
#include <latch>

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/testing/scratch_folder.h"
#include "net/listener.h"
#include "net/loops.h"
#include "net/memory_stream.h"
#include "net/socket_stream.h"
#include "net/test_certificate.h"
#include "net/tls.h"
#include "net/workers.h"

namespace hongyan::net {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto patience = 10s;  // longer than any machine needs; no test waits that long

// Runs the task on a loop of its own and gives what it returned.
template <typename Value>
Value run(Task<Value> task) {
    asio::io_context context(1);
    std::optional<Value> value;
    std::exception_ptr broken;
    asio::co_spawn(context.get_executor(), std::move(task), [&](std::exception_ptr error, Value result) {
        broken = error;
        value = std::move(result);
    });
    context.run();
    if (broken) std::rethrow_exception(broken);
    return std::move(*value);
}

std::pair<Descriptor, Descriptor> socket_pair() {
    int ends[2];
    check(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "a socket pair can be had");
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

struct Read {
    Incoming::Kind kind;
    std::string bytes;
    friend bool operator==(const Read&, const Read&) = default;
};

Task<Read> read_once(Stream& stream, Deadline deadline) {
    const auto incoming = co_await stream.read(deadline);
    co_return Read{incoming.kind, std::string(incoming.bytes)};
}

Task<Read> read_from(Descriptor socket, Deadline deadline) {
    SocketStream stream(co_await asio::this_coro::executor, std::move(socket));
    co_return co_await read_once(stream, deadline);
}

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

Task<Result<std::string>> write_and_read_all(Descriptor ours, Descriptor theirs, std::size_t size) {
    const auto executor = co_await asio::this_coro::executor;
    SocketStream writer(executor, std::move(ours));
    SocketStream reader(executor, std::move(theirs));
    const std::string bytes(size, 'x');
    std::string heard;
    auto read_all = [&]() -> Task<> {
        while (heard.size() < size) {
            const auto incoming = co_await reader.read(after(patience));
            if (incoming.kind != Incoming::Kind::bytes) break;
            heard += incoming.bytes;
        }
    };
    asio::co_spawn(executor, read_all, [](const std::exception_ptr&) {});
    const auto written = co_await writer.write(bytes, after(patience));
    if (!written) co_return std::unexpected(written.error());
    while (heard.size() < size) co_await sleep_until(after(1ms));
    co_return heard;
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

Task<int> talk_and_acknowledge(Descriptor ours, const Descriptor& theirs, int rounds, bool acknowledge) {
    const Descriptor watched(::dup(ours.number()));
    SocketStream stream(co_await asio::this_coro::executor, std::move(ours));
    std::array<char, 8> answer{};
    for (int i = 0; i < rounds; ++i) {  // who answers always in time gets into the habit of waiting for it
        check(::write(theirs.number(), "ask", 3) == 3, "the peer can write");
        co_await stream.read(after(patience));
        co_await stream.write("say", after(patience));
        check(::read(theirs.number(), answer.data(), answer.size()) == 3, "the peer can read");
    }
    if (acknowledge) stream.acknowledge();
    co_return option_of(watched, TCP_QUICKACK);
}

TEST(SocketStream, AnAcknowledgmentIsNotHeldBack) {
    auto [slow, to_slow] = tcp_pair();
    EXPECT_EQ(run(talk_and_acknowledge(std::move(slow), to_slow, 10, false)), 0);
    auto [quick, to_quick] = tcp_pair();
    EXPECT_EQ(run(talk_and_acknowledge(std::move(quick), to_quick, 10, true)), 1);
}

// --- TLS

struct ClientSays {
    std::string heard;
    bool verified = false;
    bool resumed = false;
    std::string exporter;
    std::string certificate_for;
};

std::string subject_of(SSL* ssl) {
    std::array<char, 100> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(ssl)), NID_commonName,
                              name.data(), static_cast<int>(name.size()));
    return name.data();
}

// A blocking client that trusts `authority`, says hello and hears until the end. It keeps its ticket for the
// next time.
class TlsClient {
public:
    explicit TlsClient(const fs::path& authority) : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
        SSL_CTX_load_verify_locations(context_.get(), authority.c_str(), nullptr);
    }

    // From now on it has this certificate, if it is asked.
    void take(const fs::path& certificate) {
        SSL_CTX_use_certificate_chain_file(context_.get(), certificate.c_str());
        SSL_CTX_use_PrivateKey_file(context_.get(), certificate.c_str(), SSL_FILETYPE_PEM);
    }

    // Who names no host is content with any certificate of the authority.
    ClientSays talk(Descriptor socket, const char* host) {
        const SslPointer ssl(SSL_new(context_.get()));
        SSL_set_fd(ssl.get(), socket.number());
        if (host != nullptr) {
            SSL_set1_host(ssl.get(), host);
            SSL_set_tlsext_host_name(ssl.get(), host);
        }
        if (session_) SSL_set_session(ssl.get(), session_.get());
        ClientSays says;
        if (SSL_connect(ssl.get()) != 1) return says;
        says.certificate_for = subject_of(ssl.get());
        says.verified = SSL_get_verify_result(ssl.get()) == X509_V_OK;
        says.resumed = SSL_session_reused(ssl.get()) == 1;
        says.exporter = facts_of(ssl.get()).exporter;
        SSL_write(ssl.get(), "hello", 5);
        std::array<char, 100> buffer{};
        for (int count = 0; (count = SSL_read(ssl.get(), buffer.data(), buffer.size())) > 0;)
            says.heard.append(buffer.data(), static_cast<std::size_t>(count));
        SSL_shutdown(ssl.get());  // OpenSSL takes no ticket from a session that was not closed
        session_.reset(SSL_get1_session(ssl.get()));
        return says;
    }

private:
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
    std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> session_{nullptr, SSL_SESSION_free};
};

Task<TlsFacts> tls_echo(Descriptor socket, const TlsContext& context) {
    SocketStream stream(co_await asio::this_coro::executor, std::move(socket));
    const auto secured = co_await stream.secure(context, ClientCertificate::asked, after(patience));
    if (!secured) co_return TlsFacts{.description = secured.error().message};
    const auto heard = co_await read_once(stream, after(patience));
    const auto answer = "you said " + heard.bytes;
    co_await stream.write(answer, after(patience));
    auto facts = stream.tls_facts();
    co_await stream.close(after(patience));
    co_return facts;
}

struct Meeting {
    ClientSays client;
    TlsFacts facts;
};

Meeting meet(const TlsContext& context, TlsClient& client, const char* host = "mail.example.test") {
    auto [ours, theirs] = socket_pair();
    Meeting meeting;
    std::jthread thread(
        [&, socket = std::move(theirs)]() mutable { meeting.client = client.talk(std::move(socket), host); });
    meeting.facts = run(tls_echo(std::move(ours), context));
    thread.join();
    return meeting;
}

TEST(Tls, AClientThatTrustsTheTestAuthorityIsServed) {
    const ScratchFolder scratch;
    const auto files = ensure_test_certificate(scratch.path(), "mail.example.test", SystemClock());
    ASSERT_TRUE(files) << files.error().message;
    const auto context = TlsContext::load({{files->server, files->server}});
    ASSERT_TRUE(context) << context.error().message;
    TlsClient client(files->authority);
    const auto meeting = meet(**context, client);
    EXPECT_EQ(meeting.client.heard, "you said hello");
    EXPECT_TRUE(meeting.client.verified);
    EXPECT_EQ(meeting.facts.exporter, meeting.client.exporter);
    EXPECT_THAT(meeting.facts.description, testing::StartsWith("TLSv1.3 "));
    EXPECT_EQ(meeting.facts.server_end_point.size(), 32U);
}

using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;

void add_mailbox(GENERAL_NAMES* names, std::string_view mailbox) {
    auto* const text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, mailbox.data(), static_cast<int>(mailbox.size()));
    auto* const name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, GEN_EMAIL, text);
    sk_GENERAL_NAME_push(names, name);
}

void add_other_name(GENERAL_NAMES* names, int what, std::string_view value) {
    auto* const text = ASN1_UTF8STRING_new();
    ASN1_STRING_set(text, value.data(), static_cast<int>(value.size()));
    auto* const any = ASN1_TYPE_new();
    ASN1_TYPE_set(any, V_ASN1_UTF8STRING, text);
    auto* const name = GENERAL_NAME_new();
    GENERAL_NAME_set0_othername(name, OBJ_nid2obj(what), any);
    sk_GENERAL_NAME_push(names, name);
}

// Key and certificate of a client, signed by the test authority of the folder; lives for `seconds`, or ended
// when they are negative.
fs::path certify(const fs::path& folder, GENERAL_NAMES* names, long seconds) {
    const auto open = [&folder] {
        return std::unique_ptr<BIO, decltype(&BIO_free)>(BIO_new_file((folder / "ca-key.pem").c_str(), "r"),
                                                         BIO_free);
    };
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> signer(
        PEM_read_bio_PrivateKey(open().get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> issuer(
        PEM_read_bio_X509(open().get(), nullptr, nullptr, nullptr), X509_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 7);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -7200);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), seconds);
    X509_set_issuer_name(made.get(), X509_get_subject_name(issuer.get()));
    X509_set_pubkey(made.get(), key.get());
    X509_add1_ext_i2d(made.get(), NID_subject_alt_name, names, 1, X509V3_ADD_DEFAULT);
    X509_sign(made.get(), signer.get(), EVP_sha256());
    auto file = folder / "client.pem";
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new_file(file.c_str(), "w"), BIO_free);
    PEM_write_bio_X509(out.get(), made.get());
    PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return file;
}

TEST(Tls, AClientsCertificateIsKnownByItsMailboxesIfTheAuthoritiesVouchForIt) {
    const ScratchFolder scratch;
    const auto files = ensure_test_certificate(scratch.path(), "mail.example.test", SystemClock());
    ASSERT_TRUE(files);
    const Names names(GENERAL_NAMES_new(), GENERAL_NAMES_free);
    add_mailbox(names.get(), "ann@example.test");
    add_mailbox(names.get(), std::string_view("bob@example.test\0.evil.test", 27));
    add_other_name(names.get(), NID_id_on_SmtpUTF8Mailbox, "李@example.test");
    add_other_name(names.get(), NID_ms_upn, "eve@example.test");
    TlsClient client(files->authority);
    client.take(certify(scratch.path(), names.get(), 3600));

    const auto asking = TlsContext::load({{files->server, files->server}}, files->authority);
    ASSERT_TRUE(asking) << asking.error().message;
    std::optional<PeerCertificate> first;
    for (const bool resumed : {false, true}) {
        const auto meeting = meet(**asking, client);
        EXPECT_EQ(meeting.client.resumed, resumed);
        ASSERT_TRUE(meeting.facts.certificate);
        EXPECT_THAT(meeting.facts.certificate->addresses,
                    testing::ElementsAre("ann@example.test", "李@example.test"));
        EXPECT_EQ(meeting.facts.certificate->fingerprint.size(), 64U);
        EXPECT_EQ(meeting.facts.certificate, first.value_or(*meeting.facts.certificate));
        first = meeting.facts.certificate;
    }

    TlsClient late(files->authority);
    late.take(certify(scratch.path(), names.get(), -3600));
    const auto meeting = meet(**asking, late);
    EXPECT_EQ(meeting.client.heard, "you said hello");
    EXPECT_FALSE(meeting.facts.certificate);

    const auto not_asking = TlsContext::load({{files->server, files->server}});
    ASSERT_TRUE(not_asking);
    EXPECT_FALSE(meet(**not_asking, client).facts.certificate);
    EXPECT_FALSE(TlsContext::load({{files->server, files->server}}, scratch.path() / "none.pem"));
    std::ofstream(scratch.path() / "broken.pem") << "no authority\n";
    EXPECT_FALSE(TlsContext::load({{files->server, files->server}}, scratch.path() / "broken.pem"));
}

// RFC 6066 §3
TEST(Tls, ACertificateIsChosenByTheNameThatTheClientAsksFor) {
    const ScratchFolder scratch;
    std::vector<TlsFiles> files;
    std::optional<TestCertificate> made;
    for (const auto* host : {"mail.example.test", "two.example.test", "*.many.test"}) {
        made = ensure_test_certificate(scratch.path(), host, SystemClock()).value();
        const auto kept = scratch.path() / fmt::format("{}.pem", files.size());
        fs::copy_file(made->server, kept);
        files.push_back({kept, kept});
    }
    const auto context = TlsContext::load({files[0]}, {}, {files[1], files[2]});
    ASSERT_TRUE(context) << context.error().message;
    const auto shown_to = [&](const char* host) {
        TlsClient client(made->authority);
        return meet(**context, client, host).client.certificate_for;
    };
    EXPECT_EQ(shown_to("mail.example.test"), "mail.example.test");
    EXPECT_EQ(shown_to("TWO.example.test"), "two.example.test");
    EXPECT_EQ(shown_to("a.many.test"), "*.many.test");
    EXPECT_EQ(shown_to("a.b.many.test"), "mail.example.test");
    EXPECT_EQ(shown_to("localhost"), "mail.example.test") << "all are for it, and the first is ours";
    EXPECT_EQ(shown_to(nullptr), "mail.example.test");
    ASSERT_TRUE((*context)->reload({files[1]}, {}, {files[0]}));
    EXPECT_EQ(shown_to("mail.example.test"), "mail.example.test");
    EXPECT_EQ(shown_to("nobody.test"), "two.example.test");
    TlsClient again(made->authority);
    EXPECT_FALSE(meet(**context, again).client.resumed);
    EXPECT_TRUE(meet(**context, again).client.resumed) << "tickets are good for other names too";
    EXPECT_FALSE((*context)->reload({files[1]}, {}, {{scratch.path() / "none.pem", "none.pem"}}));
    EXPECT_EQ(shown_to("mail.example.test"), "mail.example.test");
}

TEST(Tls, TicketsStayValidAcrossAReload) {
    const ScratchFolder scratch;
    const auto files = ensure_test_certificate(scratch.path(), "mail.example.test", SystemClock());
    ASSERT_TRUE(files);
    const auto context = TlsContext::load({{files->server, files->server}});
    ASSERT_TRUE(context);
    TlsClient client(files->authority);
    EXPECT_FALSE(meet(**context, client).client.resumed);
    EXPECT_TRUE(meet(**context, client).client.resumed);
    ASSERT_TRUE((*context)->reload({{files->server, files->server}}));
    EXPECT_TRUE(meet(**context, client).client.resumed);
}

TEST(Tls, AReloadThatFailsKeepsTheOldCertificate) {
    const ScratchFolder scratch;
    const auto files = ensure_test_certificate(scratch.path(), "mail.example.test", SystemClock());
    ASSERT_TRUE(files);
    const auto context = TlsContext::load({{files->server, files->server}});
    ASSERT_TRUE(context);
    std::ofstream(scratch.path() / "broken.pem") << "no certificate\n";
    const auto broken = scratch.path() / "broken.pem";
    const auto reloaded = (*context)->reload({{broken, broken}});
    ASSERT_FALSE(reloaded);
    EXPECT_THAT(reloaded.error().message, testing::HasSubstr("broken.pem"));
    TlsClient client(files->authority);
    EXPECT_TRUE(meet(**context, client).client.verified);
}

TEST(Tls, AHandshakeWithWhoSpeaksPlainFails) {
    const ScratchFolder scratch;
    const auto files = ensure_test_certificate(scratch.path(), "mail.example.test", SystemClock());
    ASSERT_TRUE(files);
    const auto context = TlsContext::load({{files->server, files->server}});
    ASSERT_TRUE(context);
    auto [ours, theirs] = socket_pair();
    ASSERT_EQ(::write(theirs.number(), "EHLO there\r\n", 12), 12);
    EXPECT_THAT(run(tls_echo(std::move(ours), **context)).description,
                testing::StartsWith("TLS handshake: "));
}

TEST(TestCertificate, IsMadeOnceAndItsKeysAreSecret) {
    const ScratchFolder scratch;
    const auto first = ensure_test_certificate(scratch.path(), "mail.example.test", SystemClock());
    ASSERT_TRUE(first);
    const auto before = read_file(first->server);
    ASSERT_TRUE(ensure_test_certificate(scratch.path(), "mail.example.test", SystemClock()));
    EXPECT_EQ(read_file(first->server), before);
    for (const char* name : {"server.pem", "ca-key.pem"})
        EXPECT_EQ(fs::status(scratch.path() / name).permissions(),
                  fs::perms::owner_read | fs::perms::owner_write)
            << name;
}

TEST(TestCertificate, IsMadeAnewForAnotherHostAndBeforeItEnds) {
    const ScratchFolder scratch;
    ManualClock clock(SystemClock().now());
    const auto first = ensure_test_certificate(scratch.path(), "mail.example.test", clock);
    ASSERT_TRUE(first);
    const auto before = read_file(first->server);
    const auto authority = read_file(first->authority);
    clock.advance(std::chrono::days(800));
    ASSERT_TRUE(ensure_test_certificate(scratch.path(), "mail.example.test", clock));
    const auto renewed = read_file(first->server);
    EXPECT_NE(renewed, before);
    ASSERT_TRUE(ensure_test_certificate(scratch.path(), "mx.example.test", clock));
    EXPECT_NE(read_file(first->server), renewed);
    EXPECT_EQ(read_file(first->authority), authority);
}

// --- Workers

template <typename Job>
Task<Outcome<Job>> work(Workers& workers, Job job) {
    co_return co_await on_worker(workers, std::move(job));
}

TEST(Workers, AJobRunsElsewhereAndItsOutcomeComesBack) {
    Workers workers(1, 4);
    const auto here = std::this_thread::get_id();
    const auto there = run(work(workers, [] { return std::this_thread::get_id(); }));
    ASSERT_TRUE(there);
    EXPECT_NE(*there, here);
}

TEST(Workers, AFailureOfTheJobIsTheOutcome) {
    Workers workers(1, 4);
    const auto outcome =
        run(work(workers, []() -> Result<int> { return fail(Error::Kind::no_space, "disk full"); }));
    EXPECT_EQ(outcome, Result<int>(fail(Error::Kind::no_space, "disk full")));
}

TEST(Workers, ABrokenBeliefOfTheJobBreaksTheTask) {
    Workers workers(1, 4);
    EXPECT_THROW(run(work(workers, [] { check(false, "UIDs only grow"); })), BrokenInvariant);
}

// Nobody waits for these; the server must not end by them.
TEST(Workers, AJobThatBreaksIsToldOfAndTheNextOneRuns) {
    std::vector<std::string> told;
    {
        Workers workers(1, 4, [&told](std::string_view why) {
            told.emplace_back(why);
            throw std::runtime_error("the log breaks, too");
        });
        ASSERT_TRUE(workers.submit([] { throw std::runtime_error("no greylist"); }));
        ASSERT_TRUE(workers.submit([] { throw 1; }));
        ASSERT_TRUE(workers.submit([&told] { told.emplace_back("the next"); }));
    }
    EXPECT_THAT(told, testing::ElementsAre("no greylist", "something unknown was thrown", "the next"));
}

TEST(Workers, WhenTooManyJobsWaitTheCallerIsTold) {
    Workers workers(1, 0);
    const auto outcome = run(work(workers, [] { return 1; }));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Error::Kind::unavailable);
}

// What has been begun was let in when it began.
TEST(Workers, WhatHasBeenBegunWaitsForItsTurnHoweverManyWait) {
    Workers workers(1, 1);
    std::latch is_there(1), may_go(1);
    ASSERT_TRUE(workers.submit([&] {
        is_there.count_down();
        may_go.wait();
    }));
    is_there.wait();
    ASSERT_TRUE(workers.submit([] {}));
    EXPECT_FALSE(workers.submit([] {}));
    std::latch done(1);
    EXPECT_TRUE(workers.submit([&] { done.count_down(); }, JobOf::something_begun));
    may_go.count_down();
    done.wait();
}

TEST(Workers, TheNextPartOfWorkIsNotRefused) {
    Workers workers(1, 0);
    const auto next = [&]() -> Task<Result<int>> {
        co_return co_await on_worker(workers, [] { return 2; }, JobOf::something_begun);
    };
    EXPECT_EQ(run(next()), Result<int>(2));
}

// However many jobs an owner has, half of the threads are left to others.
TEST(Workers, AfterTheirEndNothingIsTakenAndTheJobIsTheCallers) {
    Workers workers(1, 4);
    workers.finish();
    bool is_done = false;
    std::move_only_function<void()> job = [&] { is_done = true; };
    EXPECT_FALSE(workers.submit(std::move(job), JobOf::something_begun));
    EXPECT_FALSE(workers.offer(std::move(job)));
    job();
    EXPECT_TRUE(is_done);
}

TEST(Workers, NobodyOccupiesAllOfThem) {
    Workers workers(4, 100);
    constexpr Owner ann{1}, bob{2};
    std::latch are_there(2), may_go(1);
    std::atomic<int> begun = 0;
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(workers.submit(
            [&] {
                if (++begun <= 2) are_there.count_down();
                may_go.wait();
            },
            JobOf::something_new, ann));
    }
    are_there.wait();
    for (const auto owner : {bob, nobody}) {
        std::latch done(1);
        ASSERT_TRUE(workers.submit([&] { done.count_down(); }, JobOf::something_new, owner));
        done.wait();
    }
    EXPECT_EQ(begun, 2);
    may_go.count_down();
}

TEST(Workers, WhoHasManyJobsWaitingKeepsNobodyFromHisTurn) {
    std::string order;
    {
        Workers workers(1, 100);
        constexpr Owner ann{1}, bob{2};
        std::latch may_go(1);
        ASSERT_TRUE(workers.submit([&] { may_go.wait(); }));
        const std::vector<std::pair<Owner, char>> jobs{{ann, 'a'}, {ann, 'a'}, {ann, 'a'},   {bob, 'b'},
                                                       {bob, 'b'}, {ann, 'a'}, {nobody, 'n'}};
        for (const auto& [owner, name] : jobs)
            ASSERT_TRUE(workers.submit([&order, name] { order += name; }, JobOf::something_new, owner));
        may_go.count_down();
    }
    EXPECT_EQ(order, "abnabaa");
}

TEST(Workers, WhatIsHeldBackCountsAmongWhatWaits) {
    Workers workers(1, 2);
    constexpr Owner ann{1};
    std::latch is_there(1), may_go(1);
    const auto wait = [&] {
        is_there.count_down();
        may_go.wait();
    };
    ASSERT_TRUE(workers.submit(wait, JobOf::something_new, ann));
    is_there.wait();
    EXPECT_TRUE(workers.submit([] {}, JobOf::something_new, ann));
    EXPECT_TRUE(workers.submit([] {}, JobOf::something_new, ann));
    EXPECT_FALSE(workers.submit([] {}, JobOf::something_new, ann));
    EXPECT_FALSE(workers.submit([] {}));
    may_go.count_down();
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
