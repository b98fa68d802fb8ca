// What a session tells of its refusals: a conversation does not show it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/session.h"

namespace hongyan::smtp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Told {
    std::string command, sender, reply;
    std::vector<std::string> recipients;
    std::string message_id;
};

class RefusalTest : public testing::TestWithParam<Service> {
public:
    // What the session refuses while the client says this; the world has room for no message, and nothing
    // against anybody.
    std::vector<Told> told_of(std::string_view said) {
        settings.service = GetParam();
        Session session(std::make_shared<const Settings>(settings), "192.0.2.1", {}, random);
        std::vector<Told> told;
        session.tell_of_refusals([&](const Refusal& refusal) {
            told.push_back({.command = refusal.command,
                            .sender = refusal.sender,
                            .reply = fmt::format("{} {}", refusal.reply.code, refusal.reply.status),
                            .recipients = {},
                            .message_id = std::string(refusal.message_id)});
            for (const auto& recipient : refusal.recipients)
                told.back().recipients.push_back(to_string(recipient.path));
        });
        session.receive(fmt::format("{} c\r\n{}", settings.service == Service::lmtp ? "LHLO" : "EHLO", said));
        while (true) {
            const auto action = session.next();
            if (const auto* question = std::get_if<Question>(&action))
                session.answer(answer_to(*question));
            else if (!std::holds_alternative<session::Write>(action))
                return told;
        }
    }
    static Answer answer_to(const Question& question) {
        if (std::holds_alternative<AwaitRoom>(question)) return Reply{452, "4.3.1", "None"};
        return Reply{250, "2.0.0", "Ok"};
    }

    static constexpr std::string_view envelope =
        "MAIL FROM:<a@there.test> SIZE=1000\r\nRCPT TO:<b@here.test>\r\nRCPT TO:<c@here.test>\r\nDATA\r\n";
    SeededRandom random{1};
    Settings settings{.limits = {.hops = 1}};
};

TEST_P(RefusalTest, OfRoomForTheTextTellsWhoseMessageItIs) {
    for (const bool tells_abandoned : {false, true}) {
        settings.memory = std::make_shared<Budget>(10);
        settings.memory->take_favour();
        settings.tells_abandoned = tells_abandoned;
        const auto told = told_of(envelope);
        ASSERT_EQ(told.size(), 1U) << "DATA has one reply, in LMTP too";
        EXPECT_EQ(told[0].command, "DATA");
        EXPECT_EQ(told[0].sender, "a@there.test");
        EXPECT_EQ(told[0].reply, "452 4.3.1");
        EXPECT_THAT(told[0].recipients, ElementsAre("b@here.test", "c@here.test"));
    }
}

TEST_P(RefusalTest, OfAMessageThatIsHereSaysWhatItIsCalled) {
    constexpr std::string_view text = "Message-ID: <1@there.test> (x)\r\nReceived: 1\r\nReceived: 2\r\n\r\n";
    for (const bool tells_abandoned : {false, true}) {
        settings.tells_abandoned = tells_abandoned;
        const auto told = told_of(fmt::format("{}{}.\r\n", envelope, text));
        ASSERT_EQ(told.size(), GetParam() == Service::lmtp ? 2U : 1U);
        for (const auto& each : told) {
            EXPECT_EQ(each.reply, "554 5.4.6");
            EXPECT_EQ(each.sender, "a@there.test");
            EXPECT_EQ(each.message_id, "<1@there.test>");
        }
    }
}

TEST_P(RefusalTest, OfAMessageThatIsTooLargeSaysWhatItIsCalledIfItsHeaderHasCome) {
    settings.limits.message_size = 100;
    const std::string begin = "MAIL FROM:<a@there.test>\r\nRCPT TO:<b@here.test>\r\n";
    const std::string named = "Message-ID: <1@there.test>\r\nSubject: x\r\n\r\n" + std::string(200, 'x');
    const std::string nameless =
        "Subject: " + std::string(200, 'x') + "\r\nMessage-ID: <1@there.test>\r\n\r\n";
    const std::string size = "BDAT " + std::to_string(named.size());
    const std::pair<std::string, std::string> rows[] = {
        {begin + "DATA\r\n" + named + "\r\n.\r\n", "<1@there.test>"},
        {begin + "DATA\r\n" + nameless + ".\r\n", ""},
        {begin + size + " LAST\r\n" + named, "<1@there.test>"},
        {begin + "BDAT 28\r\n" + named.substr(0, 28) + "BDAT 200 LAST\r\n" + std::string(200, 'x'),
         "<1@there.test>"},
        {"MAIL FROM:<a@there.test> SIZE=101\r\n", ""}};
    for (const auto& [said, name] : rows) {
        const auto told = told_of(said);
        ASSERT_EQ(told.size(), 1U) << said;
        EXPECT_EQ(told[0].reply, "552 5.3.4") << said;
        EXPECT_EQ(told[0].message_id, name) << said;
    }
}

TEST_P(RefusalTest, OfAMessageForWhichThereIsNoMoreRoomSaysWhatItIsCalled) {
    settings.memory = std::make_shared<Budget>(300'000);
    settings.memory->take_favour();
    const auto told = told_of(
        "MAIL FROM:<a@there.test>\r\nRCPT TO:<b@here.test>\r\nBDAT 28\r\n"
        "Message-ID: <1@there.test>\r\nBDAT 400000 LAST\r\n" +
        std::string(400'000, 'x'));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].reply, "452 4.3.1");
    EXPECT_EQ(told[0].message_id, "<1@there.test>");
}

INSTANTIATE_TEST_SUITE_P(Services, RefusalTest, testing::Values(Service::relay, Service::lmtp));

}  // namespace
}  // namespace hongyan::smtp
