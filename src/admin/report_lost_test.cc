// What `hongyan report lost` tells.
#include <algorithm>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/command.h"
#include "admin/services.h"
#include "engine/memory_engine.h"
#include "reports/losses.h"

namespace hongyan::admin {
namespace {

class ReportLostTest : public testing::Test {
protected:
    void lose(reports::Loss what, std::uint64_t count) {
        const auto part = reports::part_to_add({what, count, clock.now()});
        ASSERT_TRUE(engine->transact(part.scope, part.work));
    }
    // What the command prints.
    std::string told(bool as_json) {
        const auto command = std::ranges::find_if(
            commands(), [](const Command& each) { return each.group == "report" && each.verb == "lost"; });
        Values values;
        if (as_json) values.set("json", {"yes"});
        std::string out;
        const Console console{.input = "",
                              .out = [&out](std::string_view text) { out += text; },
                              .err = [](std::string_view text) { ADD_FAILURE() << text; },
                              .folder = {}};
        EXPECT_EQ(run(*command, {values, console, {settings, clock, &kept}}), 0);
        return out;
    }

    ManualClock clock;
    SystemRandom random;
    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine();
    store::Store store{*engine, clock};
    directory::Directory directory{
        *engine, clock, random, {}, crypto::Seal(crypto::Secret(random.bytes(crypto::seal_key_size)))};
    queue::Queue queue{*engine, clock};
    reputation::Reputation reputation{*engine, clock};
    config::Settings settings = config::Settings::fallbacks();
    Kept kept{*engine, store, directory, queue, reputation};
};

TEST_F(ReportLostTest, CountsEachKindAndSaysWhenItLastHappened) {
    EXPECT_EQ(boost::json::parse(told(true)).as_array().size(), 0U);
    lose(reports::Loss::unread, 2);
    clock.advance(std::chrono::hours(1));
    lose(reports::Loss::unread, 3);
    lose(reports::Loss::displaced, 1);
    const auto rows = boost::json::parse(told(true)).as_array();
    ASSERT_EQ(rows.size(), 2U);
    const auto& displaced = rows[0].as_object();
    const auto& unread = rows[1].as_object();
    EXPECT_EQ(displaced.at("what").as_string(), "displaced");
    EXPECT_EQ(displaced.at("count").as_int64(), 1);
    EXPECT_EQ(unread.at("what").as_string(), "unread");
    EXPECT_EQ(unread.at("count").as_int64(), 5);
    EXPECT_EQ(unread.at("last"), displaced.at("last")) << "of the latest";
    EXPECT_EQ(unread.at("words").as_string(), reports::words_for(reports::Loss::unread));
    EXPECT_THAT(told(false), testing::HasSubstr(std::string(reports::words_for(reports::Loss::displaced))));
}

}  // namespace
}  // namespace hongyan::admin
