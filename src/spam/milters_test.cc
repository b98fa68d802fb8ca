#include "spam/milters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spam/filter_for_test.h"

namespace hongyan::spam {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What a filter says to each command, by its letter; to what is not there it says "continue".
using Answers = std::map<char, std::vector<std::string>>;

void say_packet(Line& line, std::string_view payload) {
    std::string packet;
    bytes::put_big_endian(packet, static_cast<std::uint32_t>(payload.size()));
    line.say(packet.append(payload));
}

// A filter that speaks the protocol by itself, and remembers what it was told.
class ScriptedMilter {
public:
    // It closes the connection at a command for which it is not well.
    explicit ScriptedMilter(
        Answers answers = {}, std::function<bool(char)> is_well = [](char) { return true; })
        : answers_(std::move(answers)), is_well_(std::move(is_well)) {}

    config::Milter settings(std::string_view options = {}) {
        return *config::Milter::parse(fmt::format("inet:127.0.0.1:{} name=one {}", filter_.port(), options));
    }
    std::vector<std::string> heard() {
        const std::lock_guard lock(mutex_);
        return heard_;
    }

private:
    void serve(Line& line) {
        for (;;) {
            const auto head = line.exactly(4);
            std::string_view rest(head);
            const auto size = bytes::take_big_endian<std::uint32_t>(rest);
            const auto packet = size ? line.exactly(*size) : std::string();
            if (packet.empty()) return;
            if (packet.front() == 'D') continue;
            {
                const std::lock_guard lock(mutex_);
                heard_.push_back(packet);
            }
            if (packet.front() == 'Q') return;
            if (packet.front() == 'A') continue;
            if (!is_well_(packet.front())) return;
            const auto answers = answers_.find(packet.front());
            if (answers == answers_.end())
                say_packet(line,
                           packet.front() == 'O' ? std::string("O\0\0\0\6\0\0\1\xff\0\0\0\0", 13) : "c");
            else
                for (const auto& answer : answers->second) {
                    if (answer == "close") return;
                    say_packet(line, answer);
                }
        }
    }

    Answers answers_;
    std::function<bool(char)> is_well_;
    std::mutex mutex_;  // guards:
    std::vector<std::string> heard_;
    Filter filter_{[this](Line& line) { serve(line); }};
};

std::string packet(std::initializer_list<std::string_view> texts, std::string_view before) {
    std::string out(before);
    for (const auto text : texts) out.append(text).push_back('\0');
    return out;
}

// A session with these filters.
class Session {
public:
    explicit Session(config::Milters milters) : judge_(std::move(milters), bench_.means()) {
        visit_ = judge_.visit({}, bench_.log());
    }

    // All of it, in one thread's life, as a session has it.
    Judgement whole(const smtp::Deliver& mail) {
        Judgement judgement{.fields = "X-Before: 1\r\n"};
        bench_.run(everything(mail, judgement));
        return judgement;
    }

private:
    net::Task<> everything(const smtp::Deliver& mail, Judgement& judgement) {
        const smtp::CheckSender asked{
            .client = mail.client, .sender = mail.envelope.sender, .parameters = {}};
        refusal_ = co_await visit_->sender(asked);
        for (const auto& recipient : mail.envelope.recipients) {
            const smtp::CheckRecipient next{.client = mail.client,
                                            .sender = mail.envelope.sender,
                                            .parameters = {},
                                            .recipient = recipient};
            if (!refusal_) refusal_ = co_await visit_->recipient(next);
        }
        if (refusal_)
            judgement.demand(refusal_->is_refusal() ? Disposition::reject : Disposition::defer, refusal_);
        else
            co_await visit_->message(mail, judgement);
    }

    Bench bench_;
    Milters judge_;
    std::unique_ptr<Visit> visit_;
    std::optional<smtp::Reply> refusal_;
};

std::string words_of(const Judgement& judgement) {
    std::string out;
    for (const auto& finding : judgement.findings) out += finding.code + ": " + finding.words + "\n";
    return out;
}

// What is found of one message of a session of its own, whose sender nobody refuses.
std::string words_of_once(Bench& bench, Milters& judge) {
    const auto mail = some_mail();
    const auto visit = judge.visit({}, bench.log());
    Judgement judgement;
    const auto session = [&]() -> net::Task<> {
        const smtp::CheckSender asked{
            .client = mail.client, .sender = mail.envelope.sender, .parameters = {}};
        EXPECT_EQ(co_await visit->sender(asked), std::nullopt);
        co_await visit->message(mail, judgement);
    };
    bench.run(session());
    return words_of(judgement);
}

TEST(Milters, AreToldOfTheSessionAndTheMessage) {
    ScriptedMilter filter;
    Session session({filter.settings()});
    const auto judgement = session.whole(some_mail("Subject: a\r\n b\r\n\r\nHello\r\n"));
    EXPECT_EQ(judgement.disposition, Disposition::accept);
    EXPECT_TRUE(judgement.findings.empty());
    EXPECT_FALSE(judgement.message);
    EXPECT_THAT(filter.heard(),
                ElementsAre(std::string("O\0\0\0\6\0\0\1\xff\0\x1f\xf7\xff", 13),
                            packet({"192.0.2.1"}, packet({"[192.0.2.1]"}, "C") + std::string("4\0\0", 3)),
                            std::string("Hclient.test\0", 13), std::string("M<ann@here.test>\0", 17),
                            std::string("R<bob@there.test>\0", 18), "T",
                            std::string("LX-Before\0"
                                        "1\0",
                                        12),
                            std::string("LSubject\0a\n b\0", 14), "N", "BHello\r\n", "E"));
}

TEST(Milters, MayChangeEverything) {
    ScriptedMilter filter(
        {{'E',
          {packet({"X-Added", "1"}, "h"), packet({"X-Top", "2"}, std::string_view("i\0\0\0\1", 5)),
           packet({"Subject", "changed"}, std::string_view("m\0\0\0\1", 5)),
           packet({"To", ""}, std::string_view("m\0\0\0\1", 5)),
           packet({"<carol@there.test>", "NOTIFY=NEVER"}, "2"), packet({"<dave@there.test>"}, "+"),
           packet({"<BOB@there.test>"}, "-"), packet({"<eve@here.test>"}, "e"), "bnew body\r\n",
           packet({"looks odd"}, "q"), "c"}}});
    Session session({filter.settings()});
    const auto judgement = session.whole(some_mail());
    EXPECT_EQ(judgement.disposition, Disposition::quarantine);
    EXPECT_EQ(judgement.fields, "X-Top: 2\r\nX-Before: 1\r\n");
    ASSERT_TRUE(judgement.message);
    EXPECT_EQ(*judgement.message, "Subject: changed\r\nX-Added: 1\r\n\r\nnew body\r\n");
    ASSERT_TRUE(judgement.envelope);
    EXPECT_EQ(smtp::to_string(judgement.envelope->sender), "eve@here.test");
    ASSERT_EQ(judgement.envelope->recipients.size(), 2U);
    EXPECT_EQ(smtp::to_string(judgement.envelope->recipients[0].path), "carol@there.test");
    EXPECT_TRUE(judgement.envelope->recipients[0].notify.said);
    EXPECT_EQ(smtp::to_string(judgement.envelope->recipients[1].path), "dave@there.test");
    EXPECT_EQ(words_of(judgement),
              "milter: The filter one added 2 header fields, changed 1 header field, removed 1 header field, "
              "changed the sender to <eve@here.test>, changed the recipients, changed the body and put the "
              "message in quarantine: looks odd.\n");
}

// What is sent has CRLF only, and our signature is over what is sent (RFC 6376 §5.3).
TEST(Milters, GiveABodyWhoseLinesEndWithCrlfWhateverTheyWrote) {
    ScriptedMilter filter({{'E', {"bone\r\ntwo\nthr", "bee\rfour\r", "b\nfive", "c"}}});
    Session session({filter.settings()});
    const auto judgement = session.whole(some_mail("A: b\r\n\r\nold"));
    ASSERT_TRUE(judgement.message);
    EXPECT_EQ(*judgement.message, "A: b\r\n\r\none\r\ntwo\r\nthree\r\nfour\r\nfive");
}

TEST(Milters, SeeWhatThoseBeforeThemHaveChanged) {
    ScriptedMilter first({{'E',
                           {packet({"X-One", "1"}, "h"),
                            packet({"X-Top", "2"}, std::string_view("i\0\0\0\1", 5)), "bnew", "c"}}});
    ScriptedMilter second;
    Session session({first.settings(), second.settings()});
    const auto judgement = session.whole(some_mail("A: b\r\n\r\nold"));
    EXPECT_EQ(*judgement.message, "A: b\r\nX-One: 1\r\n\r\nnew");
    const auto heard = second.heard();
    EXPECT_THAT(heard, testing::IsSupersetOf({std::string("LX-Top\0"
                                                          "2\0",
                                                          9),
                                              std::string("LX-One\0"
                                                          "1\0",
                                                          9),
                                              std::string("Bnew")}));
}

TEST(Milters, RefuseARecipientInTheirOwnWords) {
    ScriptedMilter filter({{'R', {packet({"421 4.2.1 not now"}, "y")}}});
    Session session({filter.settings()});
    const auto judgement = session.whole(some_mail());
    EXPECT_EQ(judgement.reply, smtp::Reply(451, "4.2.1", "not now"));
}

TEST(Milters, RefuseAMessage) {
    struct Row {
        std::string answer;
        Disposition disposition;
        std::optional<smtp::Reply> reply;
        std::string_view words;
    };
    const Row rows[] = {
        {"r", Disposition::reject, smtp::Reply(550, "5.7.1", "A filter of mail does not want this"),
         "said: 550 5.7.1 A filter of mail does not want this."},
        {"t", Disposition::defer, smtp::Reply(451, "4.7.1", "A filter of mail asks you to try again later"),
         "said: 451 4.7.1"},
        {packet({"554 5.7.9 spam"}, "y"), Disposition::reject, smtp::Reply(554, "5.7.9", "spam"),
         "said: 554 5.7.9 spam."},
        {"d", Disposition::discard, std::nullopt, "threw the message away."},
    };
    for (const auto& row : rows) {
        ScriptedMilter filter({{'E', {packet({"X-Added", "1"}, "h"), row.answer}}});
        ScriptedMilter never_asked;
        Session session({filter.settings(), never_asked.settings()});
        const auto judgement = session.whole(some_mail());
        EXPECT_EQ(judgement.disposition, row.disposition) << row.words;
        EXPECT_EQ(judgement.reply, row.reply) << row.words;
        EXPECT_FALSE(judgement.message);
        EXPECT_THAT(words_of(judgement), HasSubstr(row.words));
        EXPECT_THAT(never_asked.heard(), testing::Not(testing::Contains("E")));
    }
}

TEST(Milters, ThatLeaveNoRecipientThrowTheMessageAway) {
    ScriptedMilter filter({{'E', {packet({"<bob@there.test>"}, "-"), "a"}}});
    Session session({filter.settings()});
    const auto judgement = session.whole(some_mail());
    EXPECT_EQ(judgement.disposition, Disposition::discard);
    EXPECT_THAT(words_of(judgement), HasSubstr("left no recipient"));
}

TEST(Milters, ThatWantTheImpossibleChangeNothing) {
    ScriptedMilter filter({{'E', {packet({"X-Added", "1"}, "h"), packet({"<no address>"}, "+"), "c"}}});
    Session session({filter.settings("default=accept")});
    const auto judgement = session.whole(some_mail());
    EXPECT_EQ(judgement.disposition, Disposition::accept);
    EXPECT_FALSE(judgement.message);
    EXPECT_EQ(judgement.fields, "X-Before: 1\r\n");
    EXPECT_THAT(words_of(judgement), HasSubstr("could not be asked (it wanted to add the recipient"));
}

// As with MAIL (smtp/): nobody could be told of a failure.
TEST(Milters, DoNotMakeTheSenderAnAddressWithoutADomain) {
    for (const auto* sender : {"<postmaster>", "<Postmaster>"}) {
        ScriptedMilter filter({{'E', {packet({sender}, "e"), "c"}}});
        Session session({filter.settings("default=accept")});
        const auto judgement = session.whole(some_mail());
        EXPECT_FALSE(judgement.envelope);
        EXPECT_THAT(words_of(judgement), HasSubstr("could not be asked (it wanted the sender to be"));
    }
    ScriptedMilter filter({{'E', {packet({"<>"}, "e"), "c"}}});
    Session session({filter.settings()});
    const auto judgement = session.whole(some_mail());
    ASSERT_TRUE(judgement.envelope);
    EXPECT_TRUE(judgement.envelope->sender.is_null());
}

TEST(Milters, ThatAreAwayAreDoneWithoutAsTheSettingsSay) {
    struct Row {
        std::string_view otherwise;
        Disposition disposition;
        int code;
    };
    const Row rows[] = {{"defer", Disposition::defer, 451},
                        {"accept", Disposition::accept, 0},
                        {"reject", Disposition::reject, 550},
                        {"quarantine", Disposition::quarantine, 0}};
    for (const auto& row : rows) {
        const auto settings =
            *config::Milter::parse(fmt::format("{} default={}", nobody().to_string(), row.otherwise));
        Session session({settings});
        const auto judgement = session.whole(some_mail());
        EXPECT_EQ(judgement.disposition, row.disposition) << row.otherwise;
        EXPECT_EQ(judgement.reply ? judgement.reply->code : 0, row.code) << row.otherwise;
        if (row.code == 0) EXPECT_THAT(words_of(judgement), HasSubstr("could not be asked (cannot connect"));
    }
}

TEST(Milters, AreWaitedForOnlySoLong) {
    ScriptedMilter filter({{'M', {}}});
    Session session({filter.settings("command=100ms")});
    const auto judgement = session.whole(some_mail());
    EXPECT_EQ(judgement.disposition, Disposition::defer);
}

TEST(Milters, ThatBreakOffInAMessageAreDoneWithout) {
    ScriptedMilter filter({{'N', {"close"}}});
    Session session({filter.settings("default=quarantine")});
    const auto judgement = session.whole(some_mail());
    EXPECT_EQ(judgement.disposition, Disposition::quarantine);
    EXPECT_THAT(words_of(judgement), HasSubstr("it closed the connection"));
}

// Only mail that the settings name; LMTP is not among it if they name nothing.
TEST(Milters, AreAskedAboutTheMailThatTheyAreFor) {
    struct Row {
        std::string_view options, account;
        smtp::Protocol protocol;
        bool asked;
    };
    const Row rows[] = {{"", "", smtp::Protocol::esmtp, true},
                        {"", "ann", smtp::Protocol::esmtp, true},
                        {"", "", smtp::Protocol::lmtp, false},
                        {"for=lmtp", "", smtp::Protocol::lmtp, true},
                        {"for=relay", "ann", smtp::Protocol::esmtp, false},
                        {"for=submission", "ann", smtp::Protocol::esmtp, true},
                        {"for=submission", "", smtp::Protocol::esmtp, false}};
    for (const auto& row : rows) {
        ScriptedMilter filter;
        auto mail = some_mail();
        mail.client.protocol = row.protocol;
        mail.client.account = row.account;
        Session(config::Milters{filter.settings(row.options)}).whole(mail);
        EXPECT_EQ(!filter.heard().empty(), row.asked) << row.options << row.account;
    }
}

// One connection for the session; a filter that has gone in the meantime is called once more.
TEST(Milters, StayConnectedAndAreCalledAgain) {
    for (const bool goes : {false, true}) {
        ScriptedMilter filter(goes ? Answers{{'E', {"c", "close"}}} : Answers{});
        Bench bench;
        Milters judge({filter.settings()}, bench.means());
        const auto visit = judge.visit({}, bench.log());
        const auto mail = some_mail();
        const auto twice = [&]() -> net::Task<> {
            const smtp::CheckSender asked{
                .client = mail.client, .sender = mail.envelope.sender, .parameters = {}};
            for (int i = 0; i < 2; ++i) {
                EXPECT_EQ(co_await visit->sender(asked), std::nullopt);
                Judgement judgement;
                co_await visit->message(mail, judgement);
                EXPECT_EQ(judgement.disposition, Disposition::accept);
            }
        };
        bench.run(twice());
        const auto heard = filter.heard();
        EXPECT_EQ(std::ranges::count(heard, 'C', [](const auto& one) { return one.front(); }), goes ? 2 : 1);
        EXPECT_EQ(std::ranges::count(heard, "E"), 2);
    }
}

// Waits for what needs no answer.
bool has_heard_last(ScriptedMilter& filter, std::string_view what) {
    const auto late = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < late) {
        if (const auto heard = filter.heard(); !heard.empty() && heard.back() == what) return true;
        std::this_thread::yield();
    }
    return false;
}

TEST(Milters, HearOfCommandsThatThereAreNotAndOfTheEnd) {
    ScriptedMilter filter({{'U', {std::string("y550 5.7.1 Go away\0", 19)}}});
    Bench bench;
    Milters judge({filter.settings()}, bench.means());
    const auto visit = judge.visit({}, bench.log());
    const auto mail = some_mail();
    const smtp::CheckSender asked{.client = mail.client, .sender = mail.envelope.sender, .parameters = {}};
    const smtp::UnknownCommand nonsense{.client = mail.client, .line = "NONSENSE 1"};
    const auto session = [&]() -> net::Task<> {
        EXPECT_EQ(co_await visit->unknown(nonsense), std::nullopt) << "it is not called for that";
        EXPECT_EQ(co_await visit->sender(asked), std::nullopt);
        const auto refusal = co_await visit->unknown(nonsense);
        EXPECT_TRUE(refusal && smtp::to_text(*refusal) == "550 5.7.1 Go away");
        co_await visit->leave();
        co_await visit->leave();
    };
    bench.run(session());
    EXPECT_TRUE(has_heard_last(filter, "Q"));
    const auto heard = filter.heard();
    EXPECT_EQ(std::ranges::count(heard, std::string("UNONSENSE 1\0", 12)), 1);
    EXPECT_EQ(std::ranges::count(heard, "Q"), 1);
}

// RSET: SMFIC_ABORT, at once and not with the next message.
TEST(Milters, HearThatAMessageDoesNotCome) {
    ScriptedMilter filter({});
    Bench bench;
    Milters judge({filter.settings()}, bench.means());
    const auto visit = judge.visit({}, bench.log());
    const auto mail = some_mail();
    const smtp::CheckSender asked{.client = mail.client, .sender = mail.envelope.sender, .parameters = {}};
    const auto session = [&]() -> net::Task<> {
        co_await visit->abandon();
        EXPECT_EQ(co_await visit->sender(asked), std::nullopt);
        co_await visit->abandon();
        co_await visit->abandon();
    };
    bench.run(session());
    EXPECT_TRUE(has_heard_last(filter, "A"));
    const auto heard = filter.heard();
    EXPECT_EQ(std::ranges::count(heard, "A"), 1);
}

TEST(Milters, ThatAreAwayAreNotCalledAgainForAWhile) {
    auto settings = *config::Milter::parse(nobody().to_string() + " default=accept name=one");
    Bench bench;
    Milters judge({settings}, bench.means(), std::chrono::minutes(1));
    const auto found = [&] { return words_of_once(bench, judge); };
    EXPECT_THAT(found(), HasSubstr("could not be asked (cannot connect"));
    EXPECT_THAT(found(), HasSubstr("could not be asked (it is not tried for 60 seconds, for cannot connect"));
}

// Each time it greets well; nobody waits for it a fourth time.
TEST(Milters, ThatHangAtTheEndOfMessagesAreLeftAloneToo) {
    ScriptedMilter filter({{'E', {"close"}}});
    Bench bench;
    Milters judge({filter.settings("default=accept")}, bench.means(), std::chrono::minutes(1));
    const auto found = [&] { return words_of_once(bench, judge); };
    for (int i = 0; i < 3; ++i) EXPECT_THAT(found(), HasSubstr("it closed the connection")) << i;
    EXPECT_THAT(found(), HasSubstr("it is not tried for 60 seconds, for it closed the connection"));
}

// Strangers who say MAIL and leave, however many, do not keep it away.
TEST(Milters, ThatAreWellAgainAreAskedWhoeverSaysMailAndLeaves) {
    std::atomic<bool> is_well = false;
    ScriptedMilter filter({{'E', {"c"}}}, [&](char command) { return command != 'E' || is_well; });
    Bench bench;
    Rest::Time now{};
    Milters judge({filter.settings("default=accept")}, bench.means(), std::chrono::minutes(1),
                  [&] { return now; });
    const auto found = [&] { return words_of_once(bench, judge); };
    for (int i = 0; i < 3; ++i) EXPECT_THAT(found(), HasSubstr("it closed the connection")) << i;
    EXPECT_THAT(found(), HasSubstr("it is not tried for 60 seconds"));
    is_well = true;
    now += std::chrono::minutes(1);
    const auto mail = some_mail();
    const smtp::CheckSender asked{.client = mail.client, .sender = mail.envelope.sender, .parameters = {}};
    for (int i = 0; i < 3; ++i) {
        const auto stranger = judge.visit({}, bench.log());
        EXPECT_EQ(bench.run(stranger->sender(asked)), std::nullopt);
        if (i % 2 == 0) bench.run(stranger->leave());
    }
    EXPECT_EQ(found(), "");
    EXPECT_EQ(found(), "");
}

// A filter that has refused all senders works.
TEST(Milters, ThatAnswerBeforeTheEndOfAMessageHaveWorked) {
    int sessions = 0;
    const Filter filter([&](Line& line) {
        ++sessions;
        const bool fails = sessions % 2 == 1;
        for (;;) {
            const auto head = line.exactly(4);
            std::string_view rest(head);
            const auto size = bytes::take_big_endian<std::uint32_t>(rest);
            const auto packet = size ? line.exactly(*size) : std::string();
            if (packet.empty() || (fails && packet.front() == 'M')) return;
            if (packet.front() == 'O') say_packet(line, std::string("O\0\0\0\6\0\0\1\xff\0\0\0\0", 13));
            if (packet.front() == 'C' || packet.front() == 'H') say_packet(line, "c");
            if (packet.front() == 'M') return say_packet(line, "r");
        }
    });
    Bench bench;
    Milters judge(
        {*config::Milter::parse(fmt::format("inet:127.0.0.1:{} name=one default=accept", filter.port()))},
        bench.means(), std::chrono::minutes(1));
    const auto mail = some_mail();
    for (int i = 0; i < 8; ++i) {
        const auto visit = judge.visit({}, bench.log());
        const auto refusal = bench.run(
            visit->sender({.client = mail.client, .sender = mail.envelope.sender, .parameters = {}}));
        EXPECT_EQ(refusal.has_value(), i % 2 == 1) << i;
    }
}

TEST(Milters, AreFoundByName) {
    ScriptedMilter filter;
    auto settings = filter.settings();
    settings.address.host = "filter.test";
    Bench bench;
    bench.resolver().add("filter.test", dns::A{*dns::IpAddress::parse("127.0.0.1")});
    Milters judge({settings}, bench.means());
    const auto visit = judge.visit({}, bench.log());
    const auto mail = some_mail();
    const smtp::CheckSender asked{.client = mail.client, .sender = mail.envelope.sender, .parameters = {}};
    EXPECT_EQ(bench.run(visit->sender(asked)), std::nullopt);
    EXPECT_FALSE(filter.heard().empty());
}

}  // namespace
}  // namespace hongyan::spam
