#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spam/clamd.h"
#include "spam/filter_for_test.h"
#include "spam/header_edit.h"
#include "spam/rspamd.h"

namespace hongyan::spam {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

Judgement judged_by(Bench& bench, Judge& judge, const smtp::Deliver& mail) {
    const auto visit = judge.visit({}, bench.log());
    Judgement judgement{.fields = "X-Before: 1\r\n"};
    bench.run(visit->message(mail, judgement));
    return judgement;
}

std::string words_of(const Judgement& judgement) {
    std::string out;
    for (const auto& finding : judgement.findings) out += finding.code + ": " + finding.words + "\n";
    return out;
}

// ---- clamd

config::Clamd clamd_at(config::FilterAddress address) {
    return {.address = std::move(address),
            .patience = 5s,
            .size = 10 << 20U,
            .otherwise = config::WithoutFilter::defer,
            .shown = config::Shown::all,
            .infected = config::Treatment::reject};
}

// Takes a stream apart; what was in it comes back.
std::string take_stream(Line& line) {
    std::string text;
    if (line.exactly(10) != std::string("zINSTREAM\0", 10)) return "no INSTREAM";
    for (;;) {
        const auto head = line.exactly(4);
        std::string_view rest(head);
        const auto size = bytes::take_big_endian<std::uint32_t>(rest);
        if (!size || *size == 0) return text;
        text += line.exactly(*size);
    }
}

TEST(Clamd, UnderstandsTheDaemon) {
    using enum ScanResult::Kind;
    const std::pair<std::string_view, ScanResult> rows[] = {
        {"stream: OK", {clean, ""}},
        {"stream: OK\n", {clean, ""}},
        {"stream: Eicar-Signature FOUND", {infected, "Eicar-Signature"}},
        {"stream: a\x01 b FOUND", {infected, "a??b"}},
        {"stream:  FOUND", {failed, "it said: stream:  FOUND"}},
        {"INSTREAM size limit exceeded. ERROR", {failed, "it said: INSTREAM size limit exceeded. ERROR"}},
        {"", {failed, ""}},
    };
    for (const auto& [line, result] : rows) EXPECT_EQ(parse_scan_result(line), result) << line;
}

TEST(Clamd, IsShownTheWholeMessage) {
    std::string seen;
    Bench bench;
    const auto mail = some_mail("A: b\r\n\r\n" + std::string(300'000, 'x'));
    {
        const Filter filter([&](Line& line) {
            seen = take_stream(line);
            line.say(std::string_view("stream: OK\0", 11));
        });
        Clamd judge(clamd_at(filter.address()), bench.means());
        const auto judgement = judged_by(bench, judge, mail);
        EXPECT_EQ(judgement.disposition, Disposition::accept);
        EXPECT_TRUE(judgement.findings.empty());
    }
    EXPECT_EQ(seen, *mail.message);
}

TEST(Clamd, NamesTheVirus) {
    Bench bench;
    const Filter filter([](Line& line) {
        take_stream(line);
        line.say(std::string_view("stream: Eicar-Signature FOUND\0", 30));
    });
    auto settings = clamd_at(filter.address());
    Clamd judge(settings, bench.means());
    const auto refused = judged_by(bench, judge, some_mail());
    EXPECT_EQ(refused.disposition, Disposition::reject);
    EXPECT_EQ(refused.reply, smtp::Reply(550, "5.7.1", "The message holds a virus (Eicar-Signature)"));
    EXPECT_EQ(words_of(refused), "clamd: ClamAV found Eicar-Signature.\n");

    settings.infected = config::Treatment::quarantine;
    Clamd milder(settings, bench.means());
    EXPECT_EQ(judged_by(bench, milder, some_mail()).disposition, Disposition::quarantine);
}

TEST(Clamd, IsDoneWithoutAsTheSettingsSay) {
    Bench bench;
    auto settings = clamd_at(nobody());
    Clamd strict(settings, bench.means());
    const auto later = judged_by(bench, strict, some_mail());
    EXPECT_EQ(later.disposition, Disposition::defer);
    EXPECT_EQ(later.reply->code, 451);
    settings.otherwise = config::WithoutFilter::accept;
    Clamd mild(settings, bench.means());
    const auto taken = judged_by(bench, mild, some_mail());
    EXPECT_EQ(taken.disposition, Disposition::accept);
    EXPECT_THAT(words_of(taken), HasSubstr("ClamAV could not be asked (cannot connect"));
}

// It says so and hangs up while we are still talking.
TEST(Clamd, HearsThatTheStreamIsTooLong) {
    Bench bench;
    const Filter filter([](Line& line) {
        line.exactly(100);
        line.say(std::string_view("INSTREAM size limit exceeded. ERROR\0", 36));
        take_stream(line);
    });
    Clamd judge(clamd_at(filter.address()), bench.means());
    const auto judgement = judged_by(bench, judge, some_mail("A: b\r\n\r\n" + std::string(200'000, 'x')));
    EXPECT_EQ(judgement.disposition, Disposition::defer);
    EXPECT_THAT(words_of(judgement), HasSubstr("INSTREAM size limit exceeded"));
}

TEST(Clamd, IsWaitedForOnlySoLong) {
    Bench bench;
    const Filter filter([](Line& line) {
        take_stream(line);
        line.some();
    });
    auto settings = clamd_at(filter.address());
    settings.patience = 100ms;
    Clamd judge(settings, bench.means());
    EXPECT_THAT(words_of(judged_by(bench, judge, some_mail())), HasSubstr("it did not answer in time"));
}

// What it says of one message is no reason to leave it alone; that it says nothing is.
TEST(Clamd, RestsWhenItDoesNotAnswerAndNotForWhatItAnswers) {
    Bench bench;
    for (const bool answers : {true, false}) {
        const Filter filter([answers](Line& line) {
            take_stream(line);
            if (answers) line.say(std::string_view("INSTREAM size limit exceeded. ERROR\0", 36));
        });
        Clamd judge(clamd_at(filter.address()), bench.means(), 1min);
        const auto found = [&] { return words_of(judged_by(bench, judge, some_mail())); };
        for (int i = 0; i < 3; ++i)
            EXPECT_THAT(found(), HasSubstr(answers ? "size limit exceeded" : "closed the connection")) << i;
        EXPECT_THAT(found(), HasSubstr(answers ? "(it said" : "(it is not tried for 60 seconds"));
    }
}

TEST(Clamd, IsNotShownWhatIsTooLargeOrNotForIt) {
    Bench bench;
    auto settings = clamd_at(nobody());
    settings.size = 10;
    Clamd judge(settings, bench.means());
    const auto judgement = judged_by(bench, judge, some_mail());
    EXPECT_EQ(judgement.disposition, Disposition::accept);
    EXPECT_EQ(words_of(judgement), "clamd: ClamAV was not asked: the message is larger than 10 B.\n");

    settings.shown = config::Shown::incoming;
    Clamd incoming(settings, bench.means());
    auto mail = some_mail();
    mail.client.account = "ann";
    EXPECT_TRUE(judged_by(bench, incoming, mail).findings.empty());
}

// ---- Rspamd

config::Rspamd rspamd_at(config::FilterAddress address) {
    return {.address = std::move(address),
            .patience = 5s,
            .size = 10 << 20U,
            .otherwise = config::WithoutFilter::defer,
            .shown = config::Shown::all,
            .greylist = config::Treatment::accept,
            .add_header = config::Treatment::junk,
            .rewrite_subject = config::Treatment::junk,
            .soft_reject = config::Treatment::defer,
            .reject = config::Treatment::reject};
}

// A server that answers each request so.
auto web_server(std::string body, std::string* request = nullptr, std::string_view status = "200 OK") {
    return [body = std::move(body), request, status](Line& line) {
        const auto head = line.until("\r\n\r\n");
        const auto length = head.find("Content-Length: ");
        const auto text = line.exactly(length == head.npos ? 0 : std::stoul(head.substr(length + 16)));
        if (request != nullptr) *request = head + text;
        line.say(fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n\r\n{}", status, body.size(), body));
    };
}

TEST(Rspamd, IsToldWhoSendsWhatToWhom) {
    std::string request;
    Bench bench;
    auto mail = some_mail();
    mail.client.account = "ann\r\nIP: 127.0.0.1";
    mail.envelope.recipients.push_back({.path = path("<carol@there.test>")});
    {
        const Filter filter(
            web_server(R"({"action":"no action","score":-1.5,"required_score":15})", &request));
        Rspamd judge(rspamd_at(filter.address()), bench.means());
        const auto judgement = judged_by(bench, judge, mail);
        EXPECT_EQ(judgement.disposition, Disposition::accept);
        EXPECT_EQ(words_of(judgement), "rspamd: Rspamd said \"no action\" with a score of -1.50 of 15.00.\n");
        EXPECT_FALSE(judgement.message);
    }
    EXPECT_THAT(request,
                AllOf(HasSubstr("POST /checkv2 HTTP/1.1\r\n"), HasSubstr("\r\nIP: 192.0.2.1\r\n"),
                      HasSubstr("\r\nHelo: client.test\r\n"), HasSubstr("\r\nFrom: <ann@here.test>\r\n"),
                      HasSubstr("\r\nRcpt: <bob@there.test>\r\nRcpt: <carol@there.test>\r\n"),
                      HasSubstr("\r\nUser: annIP: 127.0.0.1\r\n"),
                      testing::ContainsRegex("\r\nQueue-Id: [0-9a-f]+-1\r\n"),
                      HasSubstr("\r\nTLS-Version: TLSv1.3\r\n"), HasSubstr("\r\nMTA-Name: mx.test\r\n")));
    EXPECT_TRUE(request.ends_with("\r\n\r\nX-Before: 1\r\n" + *mail.message)) << request;
}

TEST(Rspamd, HasItsActionsCarriedOutAsTheSettingsSay) {
    struct Row {
        std::string_view answer;
        Disposition disposition;
        std::optional<smtp::Reply> reply;
    };
    const Row rows[] = {
        {R"({"action":"no action"})", Disposition::accept, {}},
        {R"({"action":"greylist"})", Disposition::accept, {}},
        {R"({"action":"add header"})", Disposition::junk, {}},
        {R"({"action":"rewrite subject"})", Disposition::junk, {}},
        {R"({"action":"soft reject","messages":{"smtp_message":"Come back"}})", Disposition::defer,
         smtp::Reply(451, "4.7.1", "Come back")},
        {R"({"action":"reject"})", Disposition::reject,
         smtp::Reply(550, "5.7.1", "The message was taken for spam")},
        {R"({"action":"no action","milter":{"reject":"discard"}})", Disposition::discard, {}},
        {R"({"action":"reject","milter":{"reject":"quarantine"}})", Disposition::quarantine, {}},
        {R"({"action":"reject","milter":{"no_action":true}})", Disposition::accept, {}},
        {R"({"action":"no action","is_skipped":true})", Disposition::accept, {}},
        // As a real one says it of GTUBE.
        {R"({"is_skipped":true,"score":15,"action":"reject","messages":{"smtp_message":"Gtube pattern"}})",
         Disposition::reject, smtp::Reply{550, "5.7.1", "Gtube pattern"}},
    };
    for (const auto& row : rows) {
        const auto said = parse_rspamd_reply(row.answer);
        ASSERT_TRUE(said) << row.answer << said.error().message;
        Judgement judgement;
        carry_out(*said, rspamd_at({}), some_mail(), judgement);
        EXPECT_EQ(judgement.disposition, row.disposition) << row.answer;
        EXPECT_EQ(judgement.reply, row.reply) << row.answer;
    }
}

TEST(Rspamd, ChangesHeaderAndEnvelope) {
    const auto said = parse_rspamd_reply(R"({
        "action": "rewrite subject", "score": 7, "required_score": 15, "subject": "[SPAM] \u4f60\u597d",
        "symbols": {"SMALL": {"score": 0.5}, "LARGE": {"score": -6}, "MIDDLE": {"score": 3}},
        "dkim-signature": "v=1; d=here.test",
        "milter": {
            "add_headers": {"X-Top": {"value": "1", "order": 0}, "X-End": "2", "X-Many": [{"value": "3"}, "4"],
                            "no name": "5"},
            "remove_headers": {"X-Old": 0, "X-Some": -1},
            "add_rcpt": ["carol@there.test", "nobody"], "del_rcpt": ["bob@there.test"],
            "change_from": "eve@here.test", "spam_header": "X-Junk"}})");
    ASSERT_TRUE(said) << said.error().message;
    Judgement judgement;
    carry_out(*said, rspamd_at({}),
              some_mail("X-Old: a\r\nSubject: x\r\nX-Some: 1\r\nX-Old: b\r\nX-Some: 2\r\n\r\nbody"),
              judgement);
    EXPECT_EQ(judgement.fields, "X-Junk: Yes\r\nDKIM-Signature: v=1; d=here.test\r\nX-Top: 1\r\n");
    EXPECT_EQ(*judgement.message,
              "Subject: [SPAM] =?UTF-8?B?5L2g5aW9?=\r\nX-Some: 1\r\nX-End: 2\r\nX-Many: 3\r\nX-Many: "
              "4\r\n\r\nbody");
    ASSERT_TRUE(judgement.envelope);
    EXPECT_EQ(smtp::to_string(judgement.envelope->sender), "eve@here.test");
    ASSERT_EQ(judgement.envelope->recipients.size(), 1U);
    EXPECT_EQ(smtp::to_string(judgement.envelope->recipients[0].path), "carol@there.test");
    EXPECT_EQ(words_of(judgement),
              "rspamd: Rspamd said \"rewrite subject\" with a score of 7.00 of 15.00 (LARGE -6.00, MIDDLE "
              "3.00, SMALL 0.50).\nrspamd: Rspamd wanted what cannot be: the recipient \"nobody\".\n"
              "rspamd: Rspamd changed the envelope.\n");
}

// As with MAIL (smtp/): nobody could be told of a failure.
TEST(Rspamd, DoesNotMakeTheSenderAnAddressWithoutADomain) {
    for (const auto* sender : {"postmaster", "<Postmaster>", "a b"}) {
        const auto said = parse_rspamd_reply(
            fmt::format(R"({{"action":"no action","milter":{{"change_from":"{}"}}}})", sender));
        ASSERT_TRUE(said);
        Judgement judgement;
        carry_out(*said, rspamd_at({}), some_mail(), judgement);
        EXPECT_FALSE(judgement.envelope) << sender;
        EXPECT_THAT(words_of(judgement),
                    HasSubstr(fmt::format("wanted what cannot be: the sender \"{}\".\n", sender)));
    }
    const auto said = parse_rspamd_reply(R"({"action":"no action","milter":{"change_from":"<>"}})");
    Judgement judgement;
    carry_out(*said, rspamd_at({}), some_mail(), judgement);
    ASSERT_TRUE(judgement.envelope);
    EXPECT_TRUE(judgement.envelope->sender.is_null());
}

// However busy the workers are.
TEST(Rspamd, ChangesLargeMessagesOnAWorker) {
    std::string many;
    for (int i = 0; i < 6'000; ++i) many += "X-Old: 1\r\n";
    Bench bench;
    const Filter filter(web_server(
        R"({"action":"no action","milter":{"remove_headers":{"X-Old":0},"add_headers":{"X-New":"1"}}})"));
    Rspamd judge(rspamd_at(filter.address()), bench.means());
    const auto mail = some_mail(many + "\r\n" + std::string(100'000, 'x'));
    const auto judgement = judged_by(bench, judge, mail);
    ASSERT_TRUE(judgement.message);
    EXPECT_EQ(judgement.message->size(), mail.message->size() - HeaderEdit::most_fields * 10 + 10);
}

TEST(Rspamd, IsDoneWithoutWhereItsAnswerIsNone) {
    struct Row {
        std::string body;
        std::string_view status, words;
    };
    const Row rows[] = {{"{", "200 OK", "its answer is no JSON"},
                        {"[]", "200 OK", "its answer is no JSON object"},
                        {R"({"action":"dance"})", "200 OK", "names no action that is known"},
                        {R"({"error":"cannot parse"})", "200 OK", "it said: cannot parse"},
                        {"busy", "500 Internal", "it answered with status 500"},
                        {std::string(2 << 20U, 'x'), "200 OK", "could not be asked"}};
    for (const auto& row : rows) {
        Bench bench;
        const Filter filter(web_server(row.body, nullptr, row.status));
        Rspamd judge(rspamd_at(filter.address()), bench.means());
        const auto judgement = judged_by(bench, judge, some_mail());
        EXPECT_EQ(judgement.disposition, Disposition::defer) << row.words;
        EXPECT_THAT(words_of(judgement), HasSubstr(row.words));
    }
}

// What it says of one message is no reason to leave it alone; that it says nothing is.
TEST(Rspamd, RestsWhenItDoesNotAnswerAndNotForWhatItAnswers) {
    struct Row {
        std::function<void(Line&)> serve;
        bool rests;
    };
    const Row rows[] = {{web_server("busy", nullptr, "500 Internal"), false},
                        {web_server(R"({"error":"cannot parse"})"), false},
                        {[](Line& line) { line.until("\r\n\r\n"); }, true}};
    int number = 0;
    for (const auto& row : rows) {
        Bench bench;
        const Filter filter(row.serve);
        Rspamd judge(rspamd_at(filter.address()), bench.means(), 1min);
        std::string words;
        for (int i = 0; i < 4; ++i) words = words_of(judged_by(bench, judge, some_mail()));
        EXPECT_EQ(words.contains("it is not tried for 60 seconds"), row.rests) << number << words;
        ++number;
    }
}

}  // namespace
}  // namespace hongyan::spam
