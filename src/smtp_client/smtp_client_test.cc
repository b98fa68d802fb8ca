// What a conversation cannot show: bytes, limits, tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "message/utf8.h"
#include "smtp_client/capabilities.h"
#include "smtp_client/reply_reader.h"
#include "smtp_client/report.h"
#include "smtp_client/session.h"
#include "smtp_client/text_encoder.h"

namespace hongyan::smtp_client {
namespace {

using smtp::Reply;
using testing::ElementsAre;
using testing::HasSubstr;

// ---- replies ----

std::optional<Reply> read_one(std::string_view bytes) {
    static const Limits limits;
    ReplyReader reader(limits);
    reader.append(bytes);
    return reader.next();
}

std::string complaint_about(std::string_view bytes, const Limits& limits = {}) {
    ReplyReader reader(limits);
    reader.append(bytes);
    EXPECT_FALSE(reader.next().has_value()) << bytes;
    return reader.complaint();
}

TEST(ReplyReader, TakesRepliesAsTheyAreSent) {
    struct Row {
        const char* bytes;
        Reply reply;
    };
    for (const auto& [bytes, reply] : {
             Row{"250 2.1.0 ok\r\n", {250, "2.1.0", "ok"}},
             Row{"250 ok\n", {250, "", "ok"}},
             Row{"250\r\n", {250, "", ""}},
             Row{"250 \r\n", {250, "", ""}},
             Row{"550 5.1.1\r\n", {550, "5.1.1", ""}},
             Row{"550-5.1.1 no\r\n550-such\r\n550 5.1.1 user\r\n",
                 {550, "5.1.1", std::vector<std::string>{"no", "such", "user"}}},
             // The code of the last line counts, if it is of the same class (RFC 5321 §4.2.1).
             Row{"550-a\r\n554 b\r\n", {554, "", std::vector<std::string>{"a", "b"}}},
             // An enhanced code of another class than the reply's is none (RFC 2034 §4).
             Row{"550 2.0.0 no\r\n", {550, "", "2.0.0 no"}},
             Row{"550 5.1.1111 no\r\n", {550, "", "5.1.1111 no"}},
             Row{"250 1.2.3.4 is your address\r\n", {250, "", "1.2.3.4 is your address"}},
             Row{"550 caf\xe9\x01\t\r\n", {550, "", "caf\xef\xbf\xbd??"}},
         }) {
        const auto read = read_one(bytes);
        ASSERT_TRUE(read.has_value()) << bytes;
        EXPECT_EQ(*read, reply) << bytes;
    }
}

TEST(ReplyReader, KnowsWhatIsNoReply) {
    for (const auto* bytes : {"HTTP/1.1 400 Bad Request\r\n", "\r\n", "25 ok\r\n", "250+ok\r\n", "650 ok\r\n",
                              "199 ok\r\n", "+OK ready\r\n", "* OK ready\r\n"})
        EXPECT_THAT(complaint_about(bytes), HasSubstr("no reply of SMTP")) << bytes;
    EXPECT_THAT(complaint_about("250-yes\r\n550 no\r\n"), HasSubstr("250 and 550"));
}

TEST(ReplyReader, GivesUpOnEndlessReplies) {
    const Limits limits{.line = 10, .lines = 3, .reply = 100};
    EXPECT_THAT(complaint_about("250-a\r\n250-b\r\n250-c\r\n250-d\r\n", limits), HasSubstr("too long"));
    EXPECT_THAT(complaint_about("250-" + std::string(200, 'x'), limits), HasSubstr("without an end"));
    EXPECT_THAT(complaint_about("250-" + std::string(200, 'x') + "\r\n", limits), HasSubstr("too long"));
    ReplyReader reader(limits);
    reader.append("250 a long line\r\n");
    EXPECT_EQ(reader.next()->lines, std::vector<std::string>{"a long lin"});
}

// What is dropped is not kept either.
TEST(ReplyReader, HearsNothingMoreAfterNonsense) {
    const Limits limits;
    ReplyReader reader(limits);
    reader.append("nonsense\r\n250 ok\r\n");
    EXPECT_FALSE(reader.next().has_value());
    reader.append("250 ok\r\n");
    EXPECT_FALSE(reader.next().has_value());
}

// ---- capabilities ----

TEST(Capabilities, AreReadFromTheLinesOfTheReply) {
    const auto can = parse_capabilities(
        {250, "",
         std::vector<std::string>{
             "mx.there.test at your service", "SIZE 1000", "pipelining", "8BITMIME", "SMTPUTF8", "CHUNKING",
             "BINARYMIME", "DSN", "STARTTLS", "ENHANCEDSTATUSCODES", "REQUIRETLS", "MT-PRIORITY MIXER",
             "DELIVERBY 240", "FUTURERELEASE 1000 2026-01-01T00:00:00Z", "AUTH=LOGIN",
             "AUTH login Scram-SHA-256", "LIMITS RCPTMAX=20 MAILMAX=5 RCPTDOMAINMAX=1", "XCLIENT NAME", ""}});
    EXPECT_EQ(can.name, "mx.there.test");
    EXPECT_EQ(can.size, 1000U);
    EXPECT_TRUE(can.knows_size && can.pipelining && can.eight_bit && can.smtputf8 && can.chunking &&
                can.binary && can.dsn && can.starttls && can.enhanced_codes && can.require_tls &&
                can.priorities && can.future_release && can.authentication);
    EXPECT_EQ(can.deliver_by, 240U);
    EXPECT_THAT(can.mechanisms, ElementsAre("LOGIN", "SCRAM-SHA-256"));
    EXPECT_EQ(can.most_recipients, 20U);
    EXPECT_EQ(can.most_transactions, 5U);
}

TEST(Capabilities, ArePassedOverWhereTheyCannotBeRead) {
    const auto can =
        parse_capabilities({250, "",
                            std::vector<std::string>{"SIZE 5", "SIZE 99999999999999999999999",
                                                     "LIMITS RCPTMAX=0 MAILMAX=x RCPTMAX", "DELIVERBY soon",
                                                     "BINARYMIME", "PIPELININGS", "-", " DSN"}});
    EXPECT_EQ(can.name, "SIZE");
    EXPECT_TRUE(can.knows_size);
    EXPECT_FALSE(can.size || can.most_recipients || can.most_transactions || can.pipelining || can.dsn);
    EXPECT_FALSE(can.binary) << "without CHUNKING it cannot be sent (RFC 3030 §3)";
    EXPECT_EQ(can.deliver_by, 0U);
    EXPECT_FALSE(parse_capabilities({250, "", std::vector<std::string>{"x", "SIZE 0"}}).size)
        << "RFC 1870 §3";
}

// ---- outcomes ----

TEST(Outcome, HasAStatusWhateverThePeerSays) {
    struct Row {
        Stage stage;
        Reply reply;
        Fate fate;
        const char* status;
    };
    for (const auto& [stage, reply, fate, status] : {
             Row{Stage::recipient, {550, "5.7.1", "no"}, Fate::failed, "5.7.1"},
             Row{Stage::recipient, {550, "", "no"}, Fate::failed, "5.0.0"},
             Row{Stage::recipient, {452, "", "no"}, Fate::deferred, "4.5.3"},
             Row{Stage::mail, {452, "", "no"}, Fate::deferred, "4.3.1"},
             Row{Stage::message, {552, "", "no"}, Fate::failed, "5.3.4"},
             Row{Stage::recipient, {556, "", "no"}, Fate::failed, "5.1.10"},
             Row{Stage::data, {250, "2.0.0", "yes?"}, Fate::deferred, "4.5.0"},
             Row{Stage::recipient, {354, "", "go"}, Fate::deferred, "4.5.0"},
         }) {
        const auto outcome = refused(stage, reply);
        EXPECT_EQ(outcome.fate, fate) << reply.code;
        EXPECT_EQ(outcome.status, status) << reply.code;
    }
}

// ---- the text ----

std::string encoded(std::string_view text, std::size_t piece, TextEncoder::Dots dots) {
    TextEncoder encoder(dots);
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += piece) encoder.encode(text.substr(at, piece), out);
    encoder.finish(out);
    return out;
}

// Each byte that is no UTF-8 becomes three in the text: a reply within Limits fills 190 KB.
TEST(Outcome, KeepsOfALongReplyWhatAPersonReads) {
    std::string bytes;
    for (int i = 0; i < 14; ++i) bytes += "450-" + std::string(4096, '\xff') + "\r\n";
    const auto reply = read_one(bytes + "450 4.2.1 later\r\n");
    ASSERT_TRUE(reply);
    const auto text_of = [](const Outcome& outcome) {
        return fmt::format("{}", fmt::join(outcome.reply.lines, ""));
    };
    for (const auto& many :
         {*reply, Reply{450, "4.2.1", std::vector<std::string>(200, std::string(300, 'x'))}}) {
        const auto outcome = refused(Stage::recipient, many);
        EXPECT_EQ(outcome.status, "4.2.1");
        EXPECT_EQ(outcome.reply.code, 450);
        EXPECT_LE(text_of(outcome).size(), longest_reply);
        EXPECT_GT(text_of(outcome).size(), longest_reply - 3);
        EXPECT_TRUE(message::valid_utf8(text_of(outcome)));
    }
    const Reply usual{550, "5.1.1", std::vector<std::string>{"no", "such", "user"}};
    EXPECT_EQ(refused(Stage::recipient, usual).reply, usual);
}

TEST(TextEncoder, EndsLinesAndDoublesDots) {
    struct Row {
        std::string_view text;
        std::string_view wire;
    };
    for (const auto& [text, wire] : {
             Row{"", ""},
             Row{"a", "a\r\n"},
             Row{"a\r\n", "a\r\n"},
             Row{"a\n", "a\r\n"},
             Row{"a\r", "a\r\n"},
             Row{"\n\r\r\n", "\r\n\r\n\r\n"},
             Row{".", "..\r\n"},
             Row{".\r\n..a\r\na.\r\n", "..\r\n...a\r\na.\r\n"},
             // What another server could take for the end of the text (RFC 5321 §2.3.8).
             Row{"a\n.\nb\r.\rc\n.\r\nd", "a\r\n..\r\nb\r\n..\r\nc\r\n..\r\nd\r\n"},
         })
        for (const std::size_t piece : {1U, 2U, 3U, 100U})
            EXPECT_EQ(encoded(text, piece, TextEncoder::Dots::doubled), wire) << text << " by " << piece;
    EXPECT_EQ(encoded(".\n.", 1, TextEncoder::Dots::as_they_are), ".\r\n.\r\n");
}

// ---- the session ----

SeededRandom seeded(1);

struct TestSession : Session {
    explicit TestSession(Settings settings = {})
        : Session(std::make_shared<const Settings>(std::move(settings)), Security{}, seeded) {}
};

// Everything that it says until it wants to hear something, or stops.
Action run(Session& session, std::string* said = nullptr) {
    for (;;) {
        auto action = session.next();
        const auto* const write = std::get_if<session::Write>(&action);
        if (write == nullptr) return action;
        if (said != nullptr) *said += write->bytes;
    }
}

// RFC 3207 §4.2: who speaks in plain text after STARTTLS is not the peer.
TEST(Session, EndsWhenSomebodySpeaksBeforeTls) {
    TestSession session;
    for (const auto* bytes : {"220 hi\r\n", "250-hi\r\n250 STARTTLS\r\n", "220 go\r\n250 mine\r\n"}) {
        run(session);
        session.receive(bytes);
    }
    EXPECT_TRUE(std::holds_alternative<session::Close>(run(session)));
    ASSERT_TRUE(session.problem().has_value());
    EXPECT_EQ(session.problem()->stage, Stage::tls);
}

TEST(Session, WaitsAsLongAsTheStandardWants) {
    using std::chrono::minutes;
    const auto patience = [](Session& session) { return std::get<session::Read>(run(session)).patience; };
    TestSession session;
    EXPECT_EQ(patience(session), minutes(5));
    session.receive("220 hi\r\n");
    EXPECT_EQ(patience(session), minutes(5));
    session.receive("250 hi\r\n");
    EXPECT_TRUE(std::holds_alternative<Ready>(run(session)));
    Outgoing outgoing{.recipients = {{.path = *message::parse_path("<bob@there.test>")}}};
    outgoing.content = std::make_shared<const std::string>("x");
    session.send(outgoing);
    EXPECT_EQ(patience(session), minutes(5));
    session.receive("250 ok\r\n");
    EXPECT_EQ(patience(session), minutes(5));
    session.receive("250 ok\r\n");
    EXPECT_EQ(patience(session), minutes(2));
    session.receive("354 go\r\n");
    EXPECT_EQ(patience(session), minutes(10));
}

// A large message is never held as a whole in the form it goes out in.
TEST(Session, WritesAMessageInPieces) {
    TestSession session({.limits = {.chunk = 1000}});
    for (const auto* bytes : {"220 hi\r\n", "250-hi\r\n250 PIPELINING\r\n"})
        run(session), session.receive(bytes);
    run(session);
    Outgoing outgoing{.recipients = {{.path = *message::parse_path("<bob@there.test>")}}};
    std::string text;
    for (int i = 0; i < 2000; ++i) text += ".line\n";
    outgoing.content = std::make_shared<const std::string>(text);
    session.send(outgoing);
    run(session);
    session.receive("250 ok\r\n250 ok\r\n354 go\r\n");
    std::string all;
    for (;;) {
        auto action = session.next();
        const auto* const write = std::get_if<session::Write>(&action);
        if (write == nullptr) break;
        EXPECT_LT(write->bytes.size(), 2500U);
        all += write->bytes;
    }
    EXPECT_EQ(all, encoded(text, 100, TextEncoder::Dots::doubled) + ".\r\n");
}

// RFC 5321 §3.8: a peer that parts while we write has often said why.
TEST(Session, HearsWhatWasSaidBeforeTheConnectionBroke) {
    TestSession session({.limits = {.chunk = 10}});
    for (const auto* bytes : {"220 hi\r\n", "250 hi\r\n"}) run(session), session.receive(bytes);
    run(session);
    Outgoing outgoing{.recipients = {{.path = *message::parse_path("<bob@there.test>")}}};
    outgoing.content = std::make_shared<const std::string>(std::string(1000, 'x'));
    session.send(outgoing);
    for (const auto* bytes : {"250 ok\r\n", "250 ok\r\n"}) run(session), session.receive(bytes);
    run(session);
    session.receive("354 go\r\n");
    ASSERT_TRUE(std::holds_alternative<session::Write>(session.next()));
    session.receive("552 5.3.4 enough\r\n");
    session.lost("connection reset");
    const auto action = session.next();
    ASSERT_TRUE(std::holds_alternative<Report>(action));
    EXPECT_EQ(to_text(std::get<Report>(action).outcomes.at(0)), "failed 5.3.4 at message: 552 5.3.4 enough");
    EXPECT_TRUE(std::holds_alternative<session::Close>(session.next()));
}

}  // namespace
}  // namespace hongyan::smtp_client
