#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/sendmail_letter.h"

namespace hongyan::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using What = SendmailCall::What;

SendmailCall call(const std::vector<std::string>& words, std::string_view name = "sendmail") {
    const auto parsed = parse_sendmail_call(name, words);
    EXPECT_TRUE(std::holds_alternative<SendmailCall>(parsed)) << testing::PrintToString(words);
    return std::holds_alternative<SendmailCall>(parsed) ? std::get<SendmailCall>(parsed) : SendmailCall{};
}

TEST(SendmailCall, ReadsWhatProgramsSay) {
    const auto php = call({"-t", "-i"});
    EXPECT_TRUE(php.reads_recipients);
    EXPECT_FALSE(php.dot_ends);
    const auto cron = call({"-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root"});
    EXPECT_EQ(cron.full_name, "CronDaemon");
    EXPECT_THAT(cron.recipients, ElementsAre("root"));
    const auto git = call({"-f", "ann@here.test", "-i", "--", "bob@there.test", "-odd@there.test"});
    EXPECT_EQ(git.sender, "ann@here.test");
    EXPECT_THAT(git.recipients, ElementsAre("bob@there.test", "-odd@there.test"));
    const auto joined =
        call({"-ti", "-fann@here.test", "-oi", "-odb", "-N", "success,failure", "-R", "hdrs", "-V", "x1"});
    EXPECT_TRUE(joined.reads_recipients && !joined.dot_ends);
    EXPECT_EQ(joined.notify, "success,failure");
    EXPECT_EQ(joined.envelope_id, "x1");
}

TEST(SendmailCall, KnowsItsOtherTasksAndNames) {
    EXPECT_EQ(call({"-bp"}).what, What::list);
    EXPECT_EQ(call({}, "mailq").what, What::list);
    EXPECT_EQ(call({"-bs"}).what, What::serve_smtp);
    EXPECT_EQ(call({"-b", "s"}).what, What::serve_smtp);
    EXPECT_EQ(call({"-q30m"}).what, What::nothing);
    EXPECT_EQ(call({"-bi"}).what, What::nothing);
    EXPECT_EQ(call({}, "newaliases").what, What::nothing);
    EXPECT_EQ(call({"-bm", "ann"}).what, What::send);
    EXPECT_TRUE(call({"-f", "<>", "ann"}).has_sender);
    EXPECT_EQ(call({"-f", "<>", "ann"}).sender, "");
}

TEST(SendmailCall, SaysWhatIsWrong) {
    for (const auto& words : std::vector<std::vector<std::string>>{{"-z"}, {"-f"}, {"-bd"}, {"-bz"}, {"-tz"}})
        EXPECT_TRUE(std::holds_alternative<WrongCall>(parse_sendmail_call("sendmail", words))) << words[0];
}

class SendmailLetter : public testing::Test {
protected:
    Result<drop::Letter> letter(const std::vector<std::string>& words, std::string_view input) {
        return make_letter(call(words), {.user = "ann", .full_name = "Ann 李", .host = "box.test"}, input,
                           clock_, random_);
    }
    ManualClock clock_;
    SeededRandom random_{1};
};

TEST_F(SendmailLetter, GetsWhatIsMissing) {
    const auto made = letter({"root"}, "Subject: hello\n\nfirst\n.\nsecond\n");
    ASSERT_TRUE(made);
    EXPECT_EQ(made->sender, "ann@box.test");
    EXPECT_THAT(made->recipients, ElementsAre("root@box.test"));
    EXPECT_THAT(made->message, HasSubstr("From: Ann =?UTF-8?B?5p2O?= <ann@box.test>\r\n"));
    EXPECT_THAT(made->message, HasSubstr("Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"));
    EXPECT_THAT(made->message, HasSubstr("Message-ID: <"));
    EXPECT_TRUE(made->message.ends_with("Subject: hello\r\n\r\nfirst\r\n")) << made->message;
}

TEST_F(SendmailLetter, KeepsWhatIsThere) {
    const std::string_view whole =
        "From: b@c.test\r\nDate: x\r\nMessage-ID: <1@c.test>\r\n\r\nfirst\r\n.\r\nsecond";
    const auto made = letter({"-i", "-f", "b@c.test", "<d@e.test>"}, whole);
    EXPECT_EQ(made->message, std::string(whole) + "\r\n");
    EXPECT_EQ(made->sender, "b@c.test");
    EXPECT_THAT(made->recipients, ElementsAre("d@e.test"));
}

TEST_F(SendmailLetter, ReadsRecipientsAndTakesBccOut) {
    const auto made = letter({"-t", "extra@c.test"},
                             "To: Bob <bob@c.test>, root\nBCC: hidden@c.test,\n other@c.test\nCc: all: "
                             "x@c.test;\nSubject: s\n\nBcc: body\n");
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_THAT(made->recipients, ElementsAre("extra@c.test", "bob@c.test", "root@box.test", "hidden@c.test",
                                              "other@c.test", "x@c.test"));
    EXPECT_THAT(made->message, Not(HasSubstr("hidden")));
    EXPECT_THAT(made->message, Not(HasSubstr("other@c.test")));
    EXPECT_THAT(made->message, HasSubstr("\r\n\r\nBcc: body\r\n"));
    const auto resent = letter({"-t"}, "To: old@c.test\nResent-To: new@c.test\n\nx\n");
    EXPECT_THAT(resent->recipients, ElementsAre("new@c.test"));
}

TEST_F(SendmailLetter, TextWithoutAHeaderIsABody) {
    EXPECT_TRUE(letter({"bob@c.test"}, "just text\n")->message.ends_with("\r\n\r\njust text\r\n"));
    EXPECT_TRUE(letter({"bob@c.test"}, "")->message.ends_with("\r\n\r\n"));
    EXPECT_TRUE(letter({"bob@c.test"}, "Subject: only")->message.ends_with("Subject: only\r\n\r\n"));
    const auto mbox = letter({"bob@c.test"}, "From ann Tue Nov 14 22:13:20 2023\nSubject: s\n\nx\n");
    EXPECT_THAT(mbox->message, Not(HasSubstr("From ann")));
}

TEST_F(SendmailLetter, MixedLineEndsBecomeOneKind) {
    EXPECT_TRUE(letter({"bob@c.test"}, "Subject: s\r\nTo: bob@c.test\r\n\na\rb\nc")
                    ->message.ends_with("\r\n\r\na\r\nb\r\nc\r\n"));
}

// Whoever is left out would never know.
TEST_F(SendmailLetter, IsRefusedWhereItIsNotClearForWhom) {
    for (const auto* list : {"bob@x.test carl@x.test", "ann@x.test; bob@x.test carl@x.test", "Bob bob@x.test",
                             "<bob@x.test> carl@x.test", "(bob carl@x.test", "bob@"}) {
        EXPECT_EQ(letter({"-t"}, fmt::format("To: {}\n\nhi\n", list)).error().kind, Error::Kind::invalid)
            << list;
        EXPECT_EQ(letter({"ann@x.test", list}, "hi\n").error().kind, Error::Kind::invalid) << list;
    }
    for (const auto* list : {"Bob B. <bob@x.test>", "bob@x.test (Bob)", "bob@x.test <bob@x.test> (him)",
                             "\"Bob <bob@x.test>", "The team: bob@x.test;", "bob @ x.test"})
        EXPECT_THAT(letter({"-t"}, fmt::format("To: {}\n\nhi\n", list))->recipients,
                    ElementsAre("bob@x.test"))
            << list;
}

TEST_F(SendmailLetter, LeavesNobodyOutOfALongList) {
    std::string list = "0@x.test";
    constexpr int many = 20'000;
    for (int i = 1; i < many; ++i) list += fmt::format(",\n {}@x.test", i);
    EXPECT_THAT(letter({"-t"}, "Bcc: " + list + "\n\nhi\n")->recipients, testing::SizeIs(many));
    for (int i = many; i <= 100'000; ++i) list += fmt::format(",\n {}@x.test", i);
    EXPECT_EQ(letter({"-t"}, "Bcc: " + list + "\n\nhi\n").error().kind, Error::Kind::too_large);
}

TEST_F(SendmailLetter, RefusesWhatGoesNowhere) {
    EXPECT_EQ(letter({"-t"}, "Subject: s\n\nx").error().kind, Error::Kind::not_found);
    EXPECT_EQ(letter({"a b@@c"}, "x").error().kind, Error::Kind::invalid);
    EXPECT_EQ(letter({"-f", "@", "bob@c.test"}, "x").error().kind, Error::Kind::invalid);
}

}  // namespace
}  // namespace hongyan::cli
