// Plays every conversation of a folder: transcripts_test PROTOCOL FOLDER. Exit 0 if all went as written.
#include <cstdio>

#include "base/file.h"
#include "smtp/session.h"
#include "support/imap_world.h"
#include "support/milter_world.h"
#include "support/pop3_world.h"
#include "support/smtp_client_world.h"
#include "transcripts/player.h"

namespace hongyan::transcripts {
namespace {

// Nonces in transcripts are the same every time.
class NoRandom final : public Random {
public:
    void fill(std::span<char> out) override { std::ranges::fill(out, '\0'); }
};

session::Nothing parse_answer(const session::Nothing& /*question*/, std::string_view /*text*/) { return {}; }

std::optional<smtp_client_world::Command> parse_answer(const smtp_client::Ready& /*question*/,
                                                       std::string_view text) {
    return smtp_client_world::parse_command(text);
}

std::optional<milter_world::Command> parse_answer(const milter_world::Ready& /*question*/,
                                                  std::string_view text) {
    return milter_world::parse_command(text);
}

constexpr auto hostname = "mail.example.test";

// What RFC 7628 §4.3 tells a client.
sasl::Tokens example_tokens() {
    return {.believed = true,
            .scope = "example_scope",
            .configuration = "https://example.com/.well-known/openid-configuration"};
}

// Of which others hold so much that nobody gets any more.
std::shared_ptr<Budget> exhausted_budget() {
    auto budget = std::make_shared<Budget>(1);
    check(budget->take(1) && budget->take_favour(), "nobody else has any of it");
    return budget;
}

std::unique_ptr<smtp::Session> make_smtp(const Script& script) {
    const auto with = [&](std::string_view word) { return script.with.contains(std::string(word)); };
    smtp::Settings settings{.hostname = hostname, .offers_tls = with("starttls")};
    if (with("submission")) settings.service = smtp::Service::submission;
    if (with("lmtp")) settings.service = smtp::Service::lmtp;
    settings.requires_tls = with("must-tls");
    settings.offers_authentication = with("auth") || with("must-auth");
    settings.requires_authentication = with("must-auth");
    settings.fetches_urls = with("burl");
    if (with("verify")) settings.verifying = smtp::Verifying::ask;
    settings.tells_unknown = with("tells-unknown");
    settings.tells_abandoned = with("tells-abandoned");
    if (with("keep-stray")) settings.stray_line_ends = smtp::StrayLineEnds::keep;
    if (with("small"))
        settings.limits = {
            .message_size = 100, .recipients = 2, .transactions = 2, .commands = 12, .hops = 2};
    if (with("full")) settings.memory = exhausted_budget();
    // 2023-11-14T22:13:20Z, and 2023-11-15T22:13:20Z a day later.
    static const ManualClock clock;
    if (with("clock")) settings.clock = &clock;
    if (with("clock"))
        settings.wishes = {.highest_priority = 4,
                           .longest_hold = std::chrono::hours(24),
                           .least_deliver_by = std::chrono::minutes(1)};
    settings.sasl.server_name = hostname;
    settings.sasl.pretence_key = "a key";
    if (with("plain")) settings.sasl.without_encryption = sasl::WithoutEncryption::everything;
    if (with("oauth")) settings.sasl.tokens = example_tokens();
    if (with("cram-md5")) settings.sasl.mechanisms = {"CRAM-MD5", "PLAIN"};
    static NoRandom random;
    auto security = with("tls") ? test_security() : session::Security{};
    if (with("certificate")) security.circumstances.certificate = {.fingerprint = "f1"};
    return std::make_unique<smtp::Session>(std::make_shared<const smtp::Settings>(std::move(settings)),
                                           "192.0.2.1", std::move(security), random);
}

std::unique_ptr<pop3_world::Stage> make_pop3(const Script& script) {
    const auto with = [&](std::string_view word) { return script.with.contains(std::string(word)); };
    pop3::Settings settings{.hostname = hostname, .offers_tls = with("starttls")};
    settings.raw_headers = with("raw-headers");
    settings.sasl.server_name = hostname;
    settings.sasl.pretence_key = "a key";
    settings.sasl.mechanisms = {"PLAIN", "LOGIN"};
    settings.sasl.recoverable_passwords = with("recoverable");
    if (with("oauth")) settings.sasl.tokens = example_tokens();
    if (with("oauth"))
        settings.sasl.mechanisms.insert(settings.sasl.mechanisms.end(), {"OAUTHBEARER", "XOAUTH2"});
    if (with("recoverable")) settings.sasl.mechanisms.emplace_back("CRAM-MD5");
    if (with("plain") || with("ann")) settings.sasl.without_encryption = sasl::WithoutEncryption::everything;
    auto stage = std::make_unique<pop3_world::Stage>(std::move(settings),
                                                     with("tls") ? test_security() : session::Security{});
    if (with("mail")) pop3_world::fill(stage->world());
    if (with("international"))
        stage->world().deliver("From: 雁 <yan@example.test>\r\nX-Note: 雁\r\nSubject: s\r\n\r\n大雁\r\n");
    if (with("ann")) stage->begin_with("USER ann\r\nPASS a secret  with spaces\r\n");
    return stage;
}

// Messages that RFC 3501 shows, and one with parts.
void fill_inbox(imap_world::World& world) {
    constexpr std::string_view terry =
        "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
        "From: Terry Gray <gray@cac.washington.edu>\r\n"
        "Subject: IMAP4rev1 WG mtg summary and minutes\r\n"
        "To: imap@cac.washington.edu\r\n"
        "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
        "Message-Id: <B27397-0100000@cac.washington.edu>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n"
        "\r\n"
        "The minutes.\r\n";
    constexpr std::string_view chinese =
        "From: =?GB2312?B?wO7Dwg==?= <li@example.test>\r\n"
        "To: ann@example.test\r\n"
        "Subject: =?GB2312?B?1tjSqg==?=\r\n"
        "Date: Mon, 7 Feb 1994 21:52:25 -0800\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=xx\r\n"
        "\r\n"
        "--xx\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "\r\n"
        "5aSn6ZuBCg==\r\n"
        "--xx\r\n"
        "Content-Type: message/rfc822\r\n"
        "\r\n"
        "Subject: inner\r\n"
        "\r\n"
        "deep\r\n"
        "--xx--\r\n";
    world.deliver(terry);
    world.deliver(chinese);
    world.deliver("Subject: third\r\n\r\nabc\r\n");
}

// RFC 6532: header fields in UTF-8 wherever there can be; then a message that has it in its body only.
void deliver_international(imap_world::World& world) {
    world.deliver(
        "From: 大雁 <雁@例子.中国>\r\n"
        "To: Ann <ann@example.test>\r\n"
        "Subject: 大雁\r\n"
        "X-Note: 雁\r\n"
        "Message-ID: <1@example.test>\r\n"
        "Content-Type: multipart/mixed; boundary=x\r\n"
        "\r\n"
        "--x\r\n"
        "Content-Type: text/plain; charset=utf-8; name=大.txt\r\n"
        "Content-Disposition: attachment; filename=大.txt\r\n"
        "\r\n"
        "大雁\r\n"
        "--x--\r\n");
    world.deliver("Subject: plain\r\n\r\n大雁\r\n");
}

std::unique_ptr<imap_world::Stage> make_imap(const Script& script) {
    const auto with = [&](std::string_view word) { return script.with.contains(std::string(word)); };
    imap::Settings settings{.hostname = hostname, .offers_tls = with("starttls")};
    if (with("plain") || with("ann") || with("inbox"))
        settings.sasl.without_encryption = sasl::WithoutEncryption::everything;
    if (with("oauth")) settings.sasl.tokens = example_tokens();
    settings.people = std::make_shared<const imap_world::Neighbours>();
    if (with("full")) settings.memory = exhausted_budget();
    settings.raw_headers = with("raw-headers");
    settings.message_limits = {.any = with("two-at-once") ? 2U : 0U, .saved = with("two-saved") ? 2U : 0U};
    if (with("jmap")) settings.jmap = "https://mail.example.test/.well-known/jmap";
    settings.keys = std::make_shared<imap::KeyCache>();
    if (with("small")) settings.limits = {.command = 1000, .literal = 100, .message = 200, .unasked = 150};
    auto stage = std::make_unique<imap_world::Stage>(std::move(settings),
                                                     with("tls") ? test_security() : session::Security{});
    if (with("mail")) fill_inbox(stage->world());
    if (with("international")) deliver_international(stage->world());
    if (with("ann") || with("inbox")) stage->begin_with("a LOGIN ann secret\r\n");
    // The second time no message is recent any more.
    if (with("inbox")) stage->begin_with("a SELECT INBOX\r\nb SELECT INBOX\r\n");
    return stage;
}

std::unique_ptr<smtp_client_world::Stage> make_smtp_client(const Script& script) {
    const auto with = [&](std::string_view word) { return script.with.contains(std::string(word)); };
    smtp_client::Settings settings{.hostname = "client.example.test"};
    if (with("lmtp")) settings.service = smtp_client::Service::lmtp;
    if (with("no-starttls")) settings.starttls = smtp_client::StartTls::never;
    if (with("must-tls")) settings.starttls = smtp_client::StartTls::required;
    if (with("chunks")) settings.chunking = smtp_client::Chunking::when_offered;
    if (with("small"))
        settings.limits = {.line = 60, .lines = 4, .reply = 200, .outstanding = 3, .chunk = 10};
    if (with("password")) settings.credentials = {.user = "ann", .password = "pencil"};
    if (with("token")) settings.credentials = {.user = "ann@here.test", .token = std::string(400, 't')};
    if (settings.credentials) settings.credentials->without_encryption = with("plain");
    const bool is_authenticated = !with("unverified");
    smtp_client::Security security;
    if (with("tls")) security = {test_security(), is_authenticated};
    return std::make_unique<smtp_client_world::Stage>(
        std::make_shared<const smtp_client::Settings>(std::move(settings)), std::move(security),
        is_authenticated);
}

std::unique_ptr<milter_world::Stage> make_milter(const Script& script) {
    milter::Limits limits;
    if (script.with.contains("small"))
        limits = {.packet = 100, .changes = 2, .change_bytes = 60, .body = 10, .progress = 2};
    return std::make_unique<milter_world::Stage>(limits);
}

struct Tally {
    int plays = 0;
    int failures = 0;
};

template <typename Make>
void play_both_ways(const Script& script, Make make, Tally& tally) {
    for (const auto cut : {Cut::whole, Cut::byte_by_byte}) {
        const auto session = make(script);
        Player player(script, *session, cut, [](const auto& question, std::string_view text) {
            return parse_answer(question, text);
        });
        ++tally.plays;
        if (const auto problem = player.play()) {
            ++tally.failures;
            fmt::print(stderr, "{}", *problem);
        }
    }
}

bool play(std::string_view protocol, const Script& script, Tally& tally) {
    if (protocol == "smtp") return play_both_ways(script, make_smtp, tally), true;
    if (protocol == "pop3") return play_both_ways(script, make_pop3, tally), true;
    if (protocol == "imap") return play_both_ways(script, make_imap, tally), true;
    if (protocol == "smtp_client") return play_both_ways(script, make_smtp_client, tally), true;
    if (protocol == "milter") return play_both_ways(script, make_milter, tally), true;
    return false;
}

Result<Tally> play_folder(std::string_view protocol, const std::filesystem::path& folder) {
    Tally tally;
    const auto side = protocol.ends_with("_client") || protocol == "milter" ? Side::client : Side::server;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        TRY(const auto text, read_file(entry.path()));
        TRY(const auto scripts, parse_scripts(text, entry.path().string(), side));
        for (const auto& script : scripts)
            if (!play(protocol, script, tally))
                return fail(Error::Kind::invalid, "nobody speaks {} here", protocol);
    }
    if (tally.plays == 0) return fail(Error::Kind::not_found, "no transcripts in {}", folder.string());
    return tally;
}

}  // namespace
}  // namespace hongyan::transcripts

int main(int argc, char** argv) {
    if (argc != 3) return fmt::print(stderr, "usage: {} PROTOCOL FOLDER\n", argv[0]), 64;
    const auto tally = hongyan::transcripts::play_folder(argv[1], argv[2]);
    if (!tally) return fmt::print(stderr, "{}\n", tally.error().message), 1;
    fmt::print("{}: {} plays, {} failed\n", argv[1], tally->plays, tally->failures);
    return tally->failures == 0 ? 0 : 1;
}
