// Who asks to hear of success is told.
#include "flow/flow_fixture.h"

namespace hongyan::flow {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class SuccessTest : public FlowTest {
public:
    smtp::Deliver from_ann(std::string_view to) {
        auto message = mail({to});
        message.envelope.sender = message::parse_path("<ann@here.test>").value();
        message.envelope.recipients[0].notify = {.said = true, .success = true, .failure = true};
        message.envelope.recipients[0].original = smtp::OriginalRecipient{"rfc822", "first@away.test"};
        return message;
    }
};

TEST_F(SuccessTest, OfADeliveryIsToldInTheSameCommit) {
    EXPECT_THAT(deliver(from_ann("<bob@here.test>")), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(bob), SizeIs(1));
    EXPECT_THAT(inbox_of(ann),
                ElementsAre(AllOf(StartsWith("Return-Path: <>"), HasSubstr("Action: delivered"),
                                  HasSubstr("Original-Recipient: rfc822;first@away.test"))));
    fault = [](std::uint64_t) -> Result<void> { return fail(Error::Kind::io, "the disk is broken"); };
    EXPECT_THAT(deliver(from_ann("<bob@here.test>")), ElementsAre("451 4.3.0"));
    EXPECT_THAT(inbox_of(ann), SizeIs(1));
}

TEST_F(SuccessTest, IsNotToldWhereNobodyIsToHear) {
    auto bounce = from_ann("<bob@here.test>");
    bounce.envelope.sender = {};
    auto indifferent = from_ann("<bob@here.test>");
    indifferent.envelope.recipients[0].notify = {.said = true, .failure = true};
    for (const auto& message : {bounce, indifferent}) EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), IsEmpty());
    EXPECT_THAT(queued(), IsEmpty());
}

TEST_F(SuccessTest, OfAnAliasWithSeveralMembersIsThatItWasExpanded) {
    alias("team@here.test", {"bob@here.test", "far@there.test"});
    alias("away@here.test", {"far@there.test"});
    EXPECT_THAT(deliver(from_ann("<team@here.test>")), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), ElementsAre(HasSubstr("Action: expanded")));
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_EQ(queued()[0].recipients[0].notify, "FAILURE") << "RFC 3461 5.2.7.3 (c)";
    EXPECT_THAT(deliver(from_ann("<away@here.test>")), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(ann), SizeIs(1));
    EXPECT_EQ(queued()[1].recipients[0].notify, "SUCCESS,FAILURE") << "the next server tells";
    EXPECT_EQ(queued()[1].recipients[0].original, "rfc822;first@away.test") << "RFC 3461 §5.2.7.1";
}

TEST_F(SuccessTest, WaitsForASenderWhoseMailboxIsFull) {
    add("full@here.test", {.messages = 1});
    ASSERT_THAT(deliver(mail({"<full@here.test>"})), ElementsAre("250 2.0.0"));
    auto message = from_ann("<bob@here.test>");
    message.envelope.sender = message::parse_path("<full@here.test>").value();
    EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(bob), SizeIs(1));
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_EQ(queued()[0].sender, "");
    EXPECT_EQ(queued()[0].recipients[0].address, "full@here.test");
}

TEST_F(SuccessTest, IsNotClaimedOfOthersInLmtp) {
    add("full@here.test", {.messages = 1});
    ASSERT_THAT(deliver(mail({"<full@here.test>"})), ElementsAre("250 2.0.0"));
    auto message = from_ann("<bob@here.test>");
    message.client.protocol = smtp::Protocol::lmtp;
    message.envelope.recipients.push_back(message.envelope.recipients[0]);
    message.envelope.recipients[1].path = message::parse_path("<full@here.test>").value();
    EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0", "452 4.2.2"));
    EXPECT_THAT(inbox_of(bob), SizeIs(1));
    EXPECT_THAT(inbox_of(ann), IsEmpty());
}

TEST_F(SuccessTest, NobodyIsToldWhereTheSenderIsNoAddress) {
    auto message = from_ann("<bob@here.test>");
    message.envelope.sender = message::parse_path("<postmaster>").value();
    EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0"));
    EXPECT_THAT(inbox_of(bob), SizeIs(1));
    EXPECT_THAT(queued(), IsEmpty());
}

}  // namespace
}  // namespace hongyan::flow
