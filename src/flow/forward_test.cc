// What aliases pass on goes under a reverse-path of ours.
#include "flow/flow_fixture.h"

namespace hongyan::flow {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::SizeIs;
using testing::StartsWith;

class ForwardTest : public FlowTest {
public:
    ForwardTest() {
        std::vector<crypto::Secret> keys;
        keys.emplace_back("0123456789abcdef");
        world.srs = std::make_shared<const forward::Srs>(std::move(keys));
        alias("away@here.test", {"far@there.test"});
    }
    std::vector<std::string> senders() {
        std::vector<std::string> found;
        for (const auto& entry : queued()) found.push_back(entry.sender);
        return found;
    }
};

TEST_F(ForwardTest, WhatAnAliasPassesOnHasASenderOfOurs) {
    EXPECT_THAT(deliver(mail({"<away@here.test>"})), ElementsAre("250 2.0.0"));
    ASSERT_THAT(senders(), SizeIs(1));
    const auto sender = senders()[0];
    EXPECT_THAT(sender, AllOf(StartsWith("SRS0="), testing::EndsWith("=there.test=out@here.test")));
    EXPECT_EQ(queued()[0].passed_on_for, "out@there.test");
    EXPECT_THAT(queue.mentioned("out@there.test", {}).value(), ElementsAre(queued()[0].id))
        << "it is found by who sent it";
    // Its bounce goes on to who sent it, and nothing else does.
    EXPECT_EQ(recipient("<" + sender + ">"), "250 2.1.5");
    auto bounce = mail({"<" + sender + ">"});
    bounce.envelope.sender = {};
    EXPECT_THAT(deliver(bounce), ElementsAre("250 2.0.0"));
    ASSERT_THAT(queued(), SizeIs(2));
    EXPECT_EQ(queued()[1].sender, "");
    EXPECT_THAT(queued()[1].recipients,
                ElementsAre(testing::Field(&queue::Recipient::address, "out@there.test")));
    EXPECT_EQ(recipient("<SRS0=AAAAAA=AA=there.test=out@here.test>"), "550 5.1.1") << "not made here";
    const auto from_somebody =
        reply_to(smtp::CheckRecipient{{},
                                      message::parse_path("<x@there.test>").value(),
                                      {},
                                      {.path = message::parse_path("<" + sender + ">").value()}});
    EXPECT_EQ(from_somebody, "550 5.1.1") << "not a bounce";
}

// RFC 6710 §4.4: priorities go on to an alias' members; so do TLS and the deadline.
TEST_F(ForwardTest, MembersGetWhatTheSenderWishes) {
    auto message = mail({"<away@here.test>"});
    message.envelope.begun = clock.now();
    message.envelope.parameters.priority = 3;
    message.envelope.parameters.requiretls = true;
    message.envelope.parameters.deliver_by =
        smtp::DeliverBy{.remaining = std::chrono::minutes(2), .mode = smtp::DeliverBy::Mode::notify};
    EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0"));
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_THAT(queued()[0].sender, StartsWith("SRS0="));
    EXPECT_EQ(queued()[0].priority, 3);
    EXPECT_TRUE(queued()[0].requiretls);
    EXPECT_EQ(queued()[0].deliver_by.deadline, clock.now() + std::chrono::minutes(2));
}

TEST_F(ForwardTest, WhomTheSenderNamesAndAnAliasLeadsToGetsOneCopy) {
    alias("team@here.test", {"far@there.test", "other@there.test"});
    const auto addresses = [this] {
        std::vector<std::string> all;
        for (const auto& entry : queued())
            for (const auto& recipient : entry.recipients)
                all.push_back(entry.sender.substr(0, 4) + " " + recipient.address);
        std::ranges::sort(all);
        return all;
    };
    EXPECT_THAT(deliver(mail({"<away@here.test>", "<team@here.test>", "<far@there.test>"},
                             {.account = "ann@here.test"})),
                ElementsAre("250 2.0.0"));
    EXPECT_THAT(addresses(), ElementsAre("SRS0 other@there.test", "out@ far@there.test"))
        << "as the sender's own recipient";
    EXPECT_TRUE(queue.change({.all = true}, queue::Control::cancel));
    // Who wants to hear of success by way of the alias gets a copy that tells.
    auto message = mail({"<away@here.test>", "<far@there.test>"}, {.account = "ann@here.test"});
    message.envelope.recipients[0].notify = {.said = true, .success = true, .failure = true};
    EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0"));
    EXPECT_THAT(addresses(), ElementsAre("SRS0 far@there.test", "out@ far@there.test"));
    EXPECT_TRUE(queue.change({.all = true}, queue::Control::cancel));
    // And where his own recipient is to be told of nothing.
    message.envelope.recipients[0].notify = {};
    message.envelope.recipients[1].notify = {.said = true};
    EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0"));
    EXPECT_THAT(addresses(), ElementsAre("SRS0 far@there.test", "out@ far@there.test"));
}

// Two that forward to each other, and a list with a member that forwards back to it.
TEST_F(ForwardTest, WhatComesBackToWhoPassedItOnGoesNoFurther) {
    alias("team@here.test", {"ann@here.test", "far@there.test"});
    EXPECT_THAT(deliver(mail({"<team@here.test>", "<away@here.test>"})), ElementsAre("250 2.0.0"));
    ASSERT_THAT(queued(), SizeIs(2)) << "each says where it has been";
    for (const auto& entry : queued()) {
        auto back = mail({"<team@here.test>"});
        back.message = std::make_shared<const std::string>(entry.prefix + *back.message);
        const bool has_been_there = entry.prefix.starts_with("Delivered-To: team@here.test\r\n");
        EXPECT_TRUE(has_been_there || entry.prefix.starts_with("Delivered-To: away@here.test\r\n"));
        EXPECT_THAT(deliver(back), ElementsAre(has_been_there ? "554 5.4.6" : "250 2.0.0"));
    }
}

TEST_F(ForwardTest, OthersKeepTheirSender) {
    ASSERT_TRUE(directory.add_alias("kept@here.test", std::vector<std::string>{"far2@there.test"},
                                    directory::KeepSender::yes));
    EXPECT_THAT(deliver(mail({"<kept@here.test>"})), ElementsAre("250 2.0.0"));
    auto ours = mail({"<away@here.test>"});
    ours.envelope.sender = message::parse_path("<ann@here.test>").value();
    EXPECT_THAT(deliver(ours), ElementsAre("250 2.0.0"));
    auto bounce = mail({"<away@here.test>"});
    bounce.envelope.sender = {};
    EXPECT_THAT(deliver(bounce), ElementsAre("250 2.0.0"));
    EXPECT_THAT(deliver(mail({"<x@there.test>"}, {.address = "10.0.0.1"})), ElementsAre("250 2.0.0"));
    auto long_name = mail({"<away@here.test>"});
    const std::string name(60, 'a');
    long_name.envelope.sender = message::parse_path("<" + name + "@there.test>").value();
    EXPECT_THAT(deliver(long_name), ElementsAre("250 2.0.0"));
    policy.rewrites_senders = false;
    EXPECT_THAT(deliver(mail({"<away@here.test>"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(senders(), ElementsAre("out@there.test", "ann@here.test", "", "out@there.test",
                                       name + "@there.test", "out@there.test"));
}

TEST_F(ForwardTest, OneMessageMayGoOnUnderTwoSenders) {
    EXPECT_THAT(
        deliver(mail({"<away@here.test>", "<x@there.test>", "<ann@here.test>"}, {.address = "10.0.0.1"})),
        ElementsAre("250 2.0.0"));
    EXPECT_THAT(senders(), testing::UnorderedElementsAre(StartsWith("SRS0="), "out@there.test"));
    EXPECT_THAT(inbox_of(ann), SizeIs(1));
}

}  // namespace
}  // namespace hongyan::flow
