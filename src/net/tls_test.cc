#include "net/tls.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/testing/scratch_folder.h"
#include "net/run_for_test.h"
#include "net/test_certificate.h"

namespace hongyan::net {
namespace {

namespace fs = std::filesystem;

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

}  // namespace
}  // namespace hongyan::net
