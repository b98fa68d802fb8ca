// A message for more mailboxes here than one transaction could tell of.
#include <span>

#include "flow/flow_fixture.h"

namespace hongyan::flow {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class LocalListTest : public FlowTest {
public:
    // all@here.test leads to so many accounts, through aliases of as many members as an alias may have.
    void make_list(std::size_t size) {
        std::vector<std::string> names;
        std::vector<directory::NewAccount> accounts;
        for (std::size_t i = 0; i < size; ++i) {
            names.push_back(fmt::format("member{}@here.test", i));
            accounts.push_back({.name = names.back(), .password = {}});
        }
        std::vector<store::Store::Opening> openings;
        for (const auto& account : directory.add_accounts(accounts)) {
            members.push_back(account.value());
            openings.push_back({.account = members.back(), .quota = {}});
        }
        for (const auto& opened : store.create_accounts(openings)) EXPECT_TRUE(opened);
        std::vector<std::string> lists;
        for (std::span rest(names); !rest.empty();) {
            const auto some = rest.first(std::min(rest.size(), directory::max_alias_targets));
            rest = rest.subspan(some.size());
            lists.push_back(fmt::format("list{}@here.test", lists.size()));
            alias(lists.back(), {some.begin(), some.end()});
        }
        alias("all@here.test", lists);
    }
    std::size_t messages_of(directory::AccountId account) {
        return store.account(account).view().entries(store::inbox).value().size();
    }
    // The accounts in whose mailboxes the history says that it is.
    std::vector<directory::AccountId> told_of(std::string_view text) {
        std::vector<directory::AccountId> all;
        for (const auto id : queue.mentioned(text, {}).value())
            for (const auto& record : queue.story(id).value().records) all.emplace_back(record.placed_with);
        return all;
    }
    std::vector<std::string> deliver_to_all(std::string_view message_id) {
        const smtp::Client client{.address = "192.0.2.1", .said_name = "mail.there.test"};
        return deliver(
            mail({"<all@here.test>"}, client, fmt::format("Message-ID: {}\r\n\r\nHello\r\n", message_id)));
    }

    std::vector<directory::AccountId> members;
};

TEST_F(LocalListTest, EachOfThousandsHasItOnceAndAllAreToldOf) {
    make_list(3'000);
    const auto id = fmt::format("<{}@mail.there.test>", std::string(120, '7'));
    EXPECT_THAT(deliver_to_all(id), ElementsAre("250 2.0.0"));
    for (const auto member : members) ASSERT_EQ(messages_of(member), 1U);
    for (const auto* name : {id.c_str(), "out@there.test", "all@here.test"})
        EXPECT_EQ(told_of(name), members);
}

TEST_F(LocalListTest, TheLongestMessageIdIsNoReasonToRefuse) {
    make_list(directory::max_alias_targets);
    const auto longest = fmt::format("<{}@there.test>", std::string(5'000, 'x'));
    EXPECT_THAT(deliver_to_all(longest), ElementsAre("250 2.0.0"));
    EXPECT_EQ(told_of("all@here.test"), members);
}

TEST_F(LocalListTest, InLmtpTooAllAreToldOf) {
    make_list(3'000);
    add("full@here.test", {.messages = 1});
    ASSERT_THAT(deliver(mail({"<full@here.test>"})), ElementsAre("250 2.0.0"));
    EXPECT_THAT(deliver(mail({"<all@here.test>", "<full@here.test>"}, {.protocol = smtp::Protocol::lmtp})),
                ElementsAre("250 2.0.0", "452 4.2.2"));
    EXPECT_EQ(told_of("all@here.test"), members);
}

TEST_F(LocalListTest, WhoWouldNeedMoreThanACommitMayBeIsRefusedAndNobodyHasIt) {
    make_list(7'000);
    const auto longest = fmt::format("<{}@there.test>", std::string(5'000, 'x'));
    EXPECT_THAT(deliver_to_all(longest), ElementsAre("552 5.3.4"));
    for (const auto member : members) ASSERT_EQ(messages_of(member), 0U);
    EXPECT_THAT(told_of("all@here.test"), IsEmpty());
}

TEST_F(LocalListTest, AListThatCannotBeExpandedIsNobodysMail) {
    make_list(directory::max_expansion);
    EXPECT_EQ(recipient("<all@here.test>"), "550 5.2.4");
    EXPECT_EQ(recipient("<list0@here.test>"), "250 2.1.5");
}

TEST_F(LocalListTest, IsKeptAsAWholeOrNotAtAll) {
    make_list(3'000);
    fault = [](std::uint64_t) -> Result<void> { return fail(Error::Kind::io, "the disk is broken"); };
    EXPECT_THAT(deliver_to_all("<one@there.test>"), ElementsAre("451 4.3.0"));
    fault = [](std::uint64_t) -> Result<void> { return {}; };
    for (const auto member : members) ASSERT_EQ(messages_of(member), 0U);
    EXPECT_THAT(told_of("all@here.test"), IsEmpty());
}

}  // namespace
}  // namespace hongyan::flow
