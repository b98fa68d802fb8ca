#include "admin/search.h"

#include <gtest/gtest.h>

#include "engine/memory_engine.h"
#include "store/store.h"

namespace hongyan::admin {
namespace {

class PossibleMatches : public testing::Test {
protected:
    PossibleMatches() {
        EXPECT_TRUE(store.create_account(store::AccountId(1)));
        append("From: ann@one.test\r\nTo: x@y.z\r\nSubject: harvest\r\n\r\nwheat and 大雁\r\n");
        append("From: ben@two.test\r\nCc: cook@one.test\r\nSubject: lunch\r\n\r\nbread of wheat\r\n");
        EXPECT_TRUE(account.index_portion());
        append("Subject: not yet in the index\r\n\r\nnothing\r\n");
    }

    void append(std::string_view text) {
        store::NewMessage message;
        message.content = store::prepare(text);
        EXPECT_TRUE(account.append(store::inbox, {message}));
    }
    static store::UidSet uids(std::initializer_list<std::uint32_t> numbers) {
        store::UidSet set;
        for (const auto number : numbers) set.add(store::Uid(number));
        return set;
    }
    store::UidSet possible(const Criteria& criteria) {
        return possible_matches(account.view(), store::inbox, criteria).value();
    }

    ManualClock clock;
    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine();
    store::Store store{*engine, clock};
    store::Account account = store.account(store::AccountId(1));
};

std::vector<message::Needle> words(std::initializer_list<std::string_view> texts) {
    return {texts.begin(), texts.end()};
}
Criteria from(std::string_view text) {
    return {.from = words({text}),
            .to = {},
            .subject = {},
            .anywhere = {},
            .since = {},
            .before = {},
            .with = {},
            .without = {}};
}
Criteria to(std::string_view text) {
    return {.from = {},
            .to = words({text}),
            .subject = {},
            .anywhere = {},
            .since = {},
            .before = {},
            .with = {},
            .without = {}};
}
Criteria subject(std::string_view text) {
    return {.from = {},
            .to = {},
            .subject = words({text}),
            .anywhere = {},
            .since = {},
            .before = {},
            .with = {},
            .without = {}};
}
Criteria anywhere(std::initializer_list<std::string_view> texts) {
    return {.from = {},
            .to = {},
            .subject = {},
            .anywhere = words(texts),
            .since = {},
            .before = {},
            .with = {},
            .without = {}};
}

// The third message is in no index yet, and may always be it.
TEST_F(PossibleMatches, AreThoseThatTheIndexDoesNotRuleOut) {
    EXPECT_EQ(possible(subject("HARVEST")), uids({1, 3}));
    EXPECT_EQ(possible(from("two.test")), uids({2, 3}));
    EXPECT_EQ(possible(to("one.test")), uids({2, 3}));
    EXPECT_EQ(possible(anywhere({"absent"})), uids({1, 2, 3})) << "it may be there as a reader sees it";
    EXPECT_EQ(possible(anywhere({})), uids({1, 2, 3}));
}

}  // namespace
}  // namespace hongyan::admin
