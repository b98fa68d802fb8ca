// What we begin: connections, and TLS as its client.
#include <csignal>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include "base/check.h"
#include "base/file.h"
#include "base/testing/scratch_folder.h"
#include "net/both.h"
#include "net/connector.h"
#include "net/https_client.h"
#include "net/listener.h"
#include "net/mail_route.h"
#include "net/memory_resolver.h"
#include "net/run_for_test.h"
#include "net/test_certificate.h"

namespace hongyan::net {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr const char* host = "mx.example.test";

// --- connections

BoundSocket listener() { return BoundSocket::bind(Endpoint::parse("127.0.0.1:0").value()).value(); }

struct Ends {
    std::string local, peer, peer_of_socket;
};

// The stream ends with the loop that it lives on.
Task<Result<Ends>> reach(std::vector<Endpoint> peers, Sources sources) {
    const auto connected = co_await connect_to_first(std::move(peers), sources, patience, after(patience));
    if (!connected) co_return std::unexpected(connected.error());
    co_return Ends{connected->local.address(), connected->peer.to_string(),
                   Endpoint::peer_of(connected->stream->descriptor()).to_string()};
}

TEST(Connector, ReachesWhoListensFromTheSourceItIsTold) {
    const auto bound = listener();
    const auto ends =
        run(reach({bound.endpoint()}, {.ipv4 = dns::IpAddress::parse("127.0.0.9"), .ipv6 = {}}));
    ASSERT_TRUE(ends) << ends.error().message;
    EXPECT_EQ(ends->local, "127.0.0.9");
    EXPECT_EQ(ends->peer, bound.endpoint().to_string());
    EXPECT_EQ(ends->peer_of_socket, bound.endpoint().to_string());
}

TEST(Connector, GoesOnToTheNextAddress) {
    const auto deaf = bound_socket();
    const auto dead = Endpoint::local_of(deaf.number());
    const auto bound = listener();
    const auto ends = run(reach({dead, bound.endpoint()}, {}));
    ASSERT_TRUE(ends) << ends.error().message;
    EXPECT_EQ(ends->peer, bound.endpoint().to_string());
    const auto failed = run(reach({dead, dead}, {}));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, Error::Kind::unavailable);
    EXPECT_THAT(failed.error().message, HasSubstr(dead.to_string()));
    EXPECT_THAT(failed.error().message, HasSubstr("refused"));
}

TEST(Connector, ASourceThatIsNotOursIsTold) {
    const auto bound = listener();
    const auto ends =
        run(reach({bound.endpoint()}, {.ipv4 = dns::IpAddress::parse("192.0.2.1"), .ipv6 = {}}));
    ASSERT_FALSE(ends);
    EXPECT_THAT(ends.error().message, HasSubstr("192.0.2.1"));
}

// A queue that is full drops who comes next, as a dead host does.
TEST(Connector, WhoDoesNotAnswerIsWaitedForUntilTheDeadline) {
    const auto full = bound_socket();
    ASSERT_EQ(::listen(full.number(), 0), 0);
    const auto where = Endpoint::local_of(full.number());
    const auto fill = [&]() -> Task<std::string> {
        std::vector<Connected> open;
        while (open.size() < 16) {
            auto connected = co_await connect(where, {}, after(100ms));
            if (!connected) co_return connected.error().message;
            open.push_back(*std::move(connected));
        }
        co_return "all were taken";
    };
    EXPECT_THAT(run(fill()), HasSubstr("in time"));
}

// --- TLS

using Outcome = std::expected<OutwardTls, TlsFailure>;

Task<int> serve(Descriptor socket, const TlsContext& context) {
    SocketStream stream(co_await asio::this_coro::executor, std::move(socket));
    if (co_await stream.secure(context, ClientCertificate::not_asked, after(patience)))
        co_await stream.write("welcome", after(patience));
    co_await stream.close(after(patience));
    co_return 0;
}

Task<Outcome> demand_of(Descriptor socket, const TlsClientContext& context, TlsDemand demand) {
    SocketStream stream(co_await asio::this_coro::executor, std::move(socket));
    auto outcome = co_await stream.secure_outward(context, std::move(demand), after(patience));
    if (outcome) {
        const auto heard = co_await stream.read(after(patience));
        check(heard.bytes == "welcome", "what follows is encrypted and comes through");
    }
    co_await stream.close(after(patience));
    co_return outcome;
}

Outcome meet(const TlsContext& server, const TlsClientContext& client, const TlsDemand& demand) {
    auto [theirs, ours] = socket_pair();
    return run(both(demand_of(std::move(ours), client, demand), serve(std::move(theirs), server))).first;
}

std::unique_ptr<TlsContext> server_with(const fs::path& file) {
    return TlsContext::load({{file, file}}).value();
}

std::string read_whole(const fs::path& path) { return read_file(path).value(); }

using X509Pointer = std::unique_ptr<X509, decltype(&X509_free)>;

X509Pointer certificate_in(const fs::path& path) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_file(path.c_str(), "r"), BIO_free);
    return {PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free};
}

std::string whole_of(const X509Pointer& certificate) {
    unsigned char* out = nullptr;
    const int size = i2d_X509(certificate.get(), &out);
    std::string der(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
    OPENSSL_free(out);
    return der;
}

std::string key_of(const X509Pointer& certificate) {
    unsigned char* out = nullptr;
    const int size = i2d_PUBKEY(X509_get0_pubkey(certificate.get()), &out);
    std::string der(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
    OPENSSL_free(out);
    return der;
}

std::string sha256(std::string_view bytes) {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &size, EVP_sha256(),
               nullptr);
    out.resize(size);
    return out;
}

// A server with a certificate of the folder's authority; one that ended, and one that is signed by nobody.
struct Servers {
    ScratchFolder good_folder, old_folder;
    TestCertificate files = ensure_test_certificate(good_folder.path(), host, SystemClock()).value();
    TestCertificate old_files =
        ensure_test_certificate(old_folder.path(), host,
                                ManualClock(SystemClock().now() - std::chrono::hours(828 * 24 + 12)))
            .value();
    fs::path chain = with_authority(files);
    std::unique_ptr<TlsContext> good = server_with(chain);
    std::unique_ptr<TlsContext> expired = server_with(old_files.server);
    std::unique_ptr<TlsContext> self_signed = server_with(good_folder.path() / "ca-key.pem");
    std::unique_ptr<TlsClientContext> client = TlsClientContext::make(files.authority).value();
    std::unique_ptr<TlsClientContext> of_old = TlsClientContext::make(old_files.authority).value();

    static fs::path with_authority(const TestCertificate& files) {
        const auto path = files.server.parent_path() / "chain.pem";
        std::ofstream(path) << read_whole(files.server) << read_whole(files.authority);
        return path;
    }
};

TlsDemand pkix(const char* name = host) { return {.verify = Verify::pkix, .server_name = name}; }
TlsDemand anybody(const char* name = host) { return {.verify = Verify::none, .server_name = name}; }
TlsDemand dane(std::vector<dns::Tlsa> records, const char* name = host) {
    return {.verify = Verify::dane, .server_name = name, .other_names = {}, .tlsa = std::move(records)};
}

TEST(TlsClient, ACertificateForTheNameFromAnAuthorityWeTrustIsGood) {
    const Servers servers;
    const auto met = meet(*servers.good, *servers.client, pkix());
    ASSERT_TRUE(met) << met.error().text;
    EXPECT_TRUE(met->verified);
    EXPECT_EQ(met->version, "TLSv1.3");
    EXPECT_EQ(met->policy, Verify::pkix);
    EXPECT_FALSE(met->cipher.empty());
}

TEST(TlsClient, WhatIsWrongWithACertificateIsToldInWords) {
    const Servers servers;
    struct Row {
        const TlsContext& server;
        const TlsClientContext& client;
        const char* name;
        CertificateProblem problem;
        const char* words;
    };
    const Row rows[] = {
        {*servers.good, *servers.client, "other.example.test", CertificateProblem::host_mismatch,
         "the certificate of other.example.test is for mx.example.test, localhost"},
        {*servers.expired, *servers.of_old, host, CertificateProblem::expired, "expired 3 days ago"},
        {*servers.good, *servers.of_old, host, CertificateProblem::not_trusted, "no authority that we trust"},
        {*servers.self_signed, *servers.of_old, host, CertificateProblem::not_trusted, "nobody but itself"},
    };
    for (const auto& row : rows) {
        const auto met = meet(row.server, row.client, pkix(row.name));
        ASSERT_FALSE(met) << row.words;
        EXPECT_EQ(met.error().kind, TlsFailure::Kind::certificate);
        EXPECT_EQ(met.error().problem, row.problem) << met.error().text;
        EXPECT_THAT(met.error().text, HasSubstr(row.words));
        // Who takes anybody is told the same, and goes on.
        const auto opportunistic = meet(row.server, row.client, anybody(row.name));
        ASSERT_TRUE(opportunistic) << opportunistic.error().text;
        EXPECT_FALSE(opportunistic->verified);
        EXPECT_EQ(opportunistic->problem, row.problem);
        EXPECT_THAT(opportunistic->explanation, HasSubstr(row.words));
    }
}

// RFC 7672 §3.1.1: neither the name nor the dates nor who signed it matter.
TEST(TlsClient, DaneEeTakesTheKeyThatTheRecordNames) {
    const Servers servers;
    const auto ended = certificate_in(servers.old_files.server);
    for (const auto& record :
         {dns::Tlsa{3, 1, 1, sha256(key_of(ended))}, dns::Tlsa{3, 0, 1, sha256(whole_of(ended))},
          dns::Tlsa{3, 1, 0, key_of(ended)}}) {
        const auto met = meet(*servers.expired, *servers.client, dane({record}, "elsewhere.example.test"));
        ASSERT_TRUE(met) << met.error().text;
        EXPECT_TRUE(met->verified);
        const auto other = meet(*servers.good, *servers.client, dane({record}));
        ASSERT_FALSE(other);
        EXPECT_EQ(other.error().problem, CertificateProblem::no_tlsa_match) << other.error().text;
        EXPECT_THAT(other.error().text, HasSubstr("fits none"));
    }
}

// RFC 7672 §3.1.2: an authority that need not be one of ours, but the name matters.
TEST(TlsClient, DaneTaTakesWhoeverTheAuthorityVouchesForByName) {
    const Servers servers;
    const auto authority = certificate_in(servers.files.authority);
    for (const auto& record :
         {dns::Tlsa{2, 0, 1, sha256(whole_of(authority))}, dns::Tlsa{2, 1, 1, sha256(key_of(authority))},
          dns::Tlsa{2, 0, 0, whole_of(authority)}}) {
        const auto met = meet(*servers.good, *servers.of_old, dane({record}));
        ASSERT_TRUE(met) << met.error().text;
        EXPECT_TRUE(met->verified);
        auto elsewhere = dane({record}, "elsewhere.example.test");
        const auto wrong = meet(*servers.good, *servers.of_old, elsewhere);
        ASSERT_FALSE(wrong);
        EXPECT_EQ(wrong.error().problem, CertificateProblem::host_mismatch) << wrong.error().text;
        elsewhere.other_names = {host};
        EXPECT_TRUE(meet(*servers.good, *servers.of_old, elsewhere));
    }
}

// RFC 7672 §2.2: then TLS is a must, but there is nothing to verify by.
TEST(TlsClient, RecordsThatNobodyCanUseVerifyNothing) {
    const Servers servers;
    for (const auto& record : {dns::Tlsa{1, 1, 1, std::string(32, 'x')}, dns::Tlsa{3, 1, 0, "no key"}}) {
        const auto met = meet(*servers.good, *servers.client, dane({record}));
        ASSERT_TRUE(met) << met.error().text;
        EXPECT_FALSE(met->verified);
        EXPECT_THAT(met->explanation, HasSubstr("none of the TLSA records"));
    }
}

TEST(TlsClient, ASessionIsTakenUpOnlyForTheSameDemand) {
    const Servers servers;
    EXPECT_FALSE(meet(*servers.good, *servers.client, pkix())->resumed);
    const auto again = meet(*servers.good, *servers.client, pkix());
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->resumed);
    EXPECT_TRUE(again->verified);
    EXPECT_FALSE(meet(*servers.good, *servers.client, anybody())->resumed);
    const auto record = dns::Tlsa{3, 1, 1, std::string(32, 'x')};
    EXPECT_FALSE(meet(*servers.good, *servers.client, dane({record})));
}

TEST(TlsClient, ABadCertificateIsNotMadeGoodByASession) {
    const Servers servers;
    for (int i = 0; i < 2; ++i) EXPECT_FALSE(meet(*servers.good, *servers.of_old, pkix()));
    for (int i = 0; i < 2; ++i) EXPECT_FALSE(meet(*servers.good, *servers.of_old, anybody())->verified);
}

Task<Outcome> outward(Descriptor socket, const TlsClientContext& context, Deadline deadline) {
    SocketStream stream(co_await asio::this_coro::executor, std::move(socket));
    auto demand = anybody();
    co_return co_await stream.secure_outward(context, demand, deadline);
}

TEST(TlsClient, WhoSpeaksPlainOrNothingIsTold) {
    const Servers servers;
    auto [plain, ours] = socket_pair();
    ASSERT_EQ(::write(plain.number(), "220 hello\r\n", 11), 11);
    EXPECT_EQ(run(outward(std::move(ours), *servers.client, after(patience))).error().kind,
              TlsFailure::Kind::handshake);
    auto [silent, waiting] = socket_pair();
    EXPECT_EQ(run(outward(std::move(waiting), *servers.client, after(20ms))).error().kind,
              TlsFailure::Kind::network);
}

TEST(TlsClient, AuthoritiesThatCannotBeReadAreTold) {
    EXPECT_FALSE(TlsClientContext::make("/nowhere/authorities.pem"));
}

// --- HTTPS

// OpenSSL writes without MSG_NOSIGNAL; the server ignores the signal too.
const auto ignored = std::signal(SIGPIPE, SIG_IGN);

struct WebServer {
    const Servers& servers;
    BoundSocket bound = listener();

    // Serves one connection: reads a request to its empty line and says `answer`.
    Task<std::string> serve_one(std::string answer) {
        Waiter waiter(co_await asio::this_coro::executor, Descriptor(::dup(bound.descriptor())));
        co_await waiter.wait(Direction::read, after(patience));
        SocketStream stream(co_await asio::this_coro::executor,
                            Descriptor(::accept4(bound.descriptor(), nullptr, nullptr, SOCK_CLOEXEC)));
        std::string heard;
        if (!co_await stream.secure(*servers.good, ClientCertificate::not_asked, after(patience)))
            co_return heard;
        while (!heard.contains("\r\n\r\n")) {
            const auto incoming = co_await stream.read(after(patience));
            if (incoming.kind != Incoming::Kind::bytes) break;
            heard += incoming.bytes;
        }
        co_await stream.write(answer, after(patience));
        co_await stream.close(after(patience));
        co_return heard;
    }
};

using Web = std::expected<HttpsAnswer, HttpsFailure>;

std::pair<Web, std::string> ask(const Servers& servers, const std::string& answer, const char* name = host,
                                std::string body = {}) {
    WebServer server{servers};
    MemoryResolver resolver;
    SeededRandom random(1);
    resolver.add(name, dns::A{*dns::IpAddress::parse("127.0.0.1")});
    HttpsRequest request{.host = dns::Name::parse(name).value(),
                         .port = server.bound.endpoint().port(),
                         .target = "/.well-known/mta-sts.txt",
                         .content_type = body.empty() ? "" : "application/tlsrpt+gzip",
                         .body = body,
                         .most = 1000};
    return run(both(ask_https(resolver, random, *servers.client, {}, request, after(patience)),
                    server.serve_one(answer)));
}

TEST(Https, AnAnswerComesWithItsStatusAndType) {
    const Servers servers;
    const auto [web, heard] =
        ask(servers, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
    ASSERT_TRUE(web) << web.error().text;
    EXPECT_EQ(web->status, 200U);
    EXPECT_EQ(web->content_type, "text/plain");
    EXPECT_EQ(web->body, "hello");
    EXPECT_THAT(heard,
                testing::StartsWith("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mx.example.test:"));
    const auto [chunked, _] =
        ask(servers, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
    ASSERT_TRUE(chunked) << chunked.error().text;
    EXPECT_EQ(chunked->body, "hello");
    const auto [open, __] = ask(servers, "HTTP/1.0 200 OK\r\n\r\nuntil the end");
    ASSERT_TRUE(open) << open.error().text;
    EXPECT_EQ(open->body, "until the end");
}

TEST(Https, RedirectionsAreNotFollowedAndReportsArePosted) {
    const Servers servers;
    const auto [web, heard] =
        ask(servers, "HTTP/1.1 302 Found\r\nLocation: https://elsewhere.test/\r\nContent-Length: 0\r\n\r\n",
            host, "report");
    ASSERT_TRUE(web) << web.error().text;
    EXPECT_EQ(web->status, 302U);
    EXPECT_THAT(heard, testing::StartsWith("POST "));
    EXPECT_THAT(heard, HasSubstr("Content-Length: 6\r\n"));
}

TEST(Https, WhatCannotBeTrustedOrReadIsTold) {
    const Servers servers;
    using enum HttpsFailure::Kind;
    EXPECT_EQ(ask(servers, "", "other.example.test").first.error().kind, certificate);
    for (const auto& answer :
         {std::string("220 mx ESMTP\r\n\r\n"),
          std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"),
          "HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'),
          "HTTP/1.1 200 OK\r\nX: " + std::string(40000, 'x') + "\r\n\r\n", std::string()})
        EXPECT_EQ(ask(servers, answer).first.error().kind, malformed) << answer.substr(0, 60);
    MemoryResolver nobody;
    SeededRandom random(1);
    HttpsRequest request{.host = dns::Name::parse("nowhere.test").value()};
    EXPECT_EQ(run(ask_https(nobody, random, *servers.client, {}, request, after(patience))).error().kind,
              unreachable);
}

// --- the way, without a network

TEST(MemoryResolver, AnswersAsItWasTold) {
    MemoryResolver resolver;
    SeededRandom random(1);
    const Ourselves nobody;
    const auto name = [](std::string_view text) { return dns::Name::parse(text).value(); };
    resolver.add("example.test", dns::Mx{10, name("alias.example.test")}, Signed::yes);
    resolver.add("alias.example.test", dns::Cname{name("mx.example.test")}, Signed::yes);
    resolver.add("mx.example.test", dns::A{*dns::IpAddress::parse("192.0.2.1")}, Signed::yes);
    resolver.set("mx.example.test", dns::Type::aaaa, dns::Status::no_data, Signed::yes);
    resolver.add("_25._tcp.mx.example.test", dns::Tlsa{3, 1, 1, std::string(32, 'x')}, Signed::yes);
    const auto route = run(find_hosts(resolver, name("example.test"), nobody, random, never));
    ASSERT_TRUE(route);
    const auto addresses = run(find_addresses(resolver, route->hosts[0].name, nobody, random, never));
    ASSERT_TRUE(addresses);
    EXPECT_TRUE(addresses->secure);
    EXPECT_EQ(addresses->canonical, name("mx.example.test"));
    const auto tlsa = run(find_tlsa(resolver, route->hosts[0].name, *addresses, 25, never));
    EXPECT_EQ(tlsa.status, HostTlsa::Status::found);
    resolver.set("_25._tcp.mx.example.test", dns::Type::tlsa, dns::Status::failed);
    EXPECT_EQ(run(find_tlsa(resolver, route->hosts[0].name, *addresses, 25, never)).status,
              HostTlsa::Status::trouble);
}

}  // namespace
}  // namespace hongyan::net
