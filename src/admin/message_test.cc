// What the commands for messages keep in their hands while they write to whoever called.
#include <algorithm>
#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/command.h"
#include "admin/services.h"
#include "engine/memory_engine.h"
#include "support/passing_engine.h"

namespace hongyan::admin {
namespace {

// Counts the snapshots that somebody has.
class CountsViews final : public PassingEngine {
public:
    using PassingEngine::PassingEngine;

    std::unique_ptr<engine::Snapshot> snapshot(const engine::Scope& scope) override {
        return std::make_unique<Counted>(PassingEngine::snapshot(scope), views);
    }

    std::atomic<int> views = 0;

private:
    class Counted final : public PassingSnapshot {
    public:
        Counted(std::unique_ptr<engine::Snapshot> to, std::atomic<int>& views)
            : PassingSnapshot(std::move(to)), views_(views) {
            ++views_;
        }
        ~Counted() override { --views_; }
        Counted(const Counted&) = delete;
        Counted& operator=(const Counted&) = delete;

    private:
        std::atomic<int>& views_;
    };
};

class MessageCommands : public testing::Test {
protected:
    static constexpr int many = 450;  // some pages

    MessageCommands() {
        EXPECT_TRUE(directory.add_domain(directory::DomainName::parse("here.test").value()));
        const auto id = directory.add_account({.name = "ann@here.test", .password = {}}).value();
        EXPECT_TRUE(store.create_account(id));
        for (int i = 1; i <= many; ++i) {
            store::NewMessage message;
            message.content = store::prepare(fmt::format("Subject: letter {}\r\n\r\nhello\r\n", i));
            EXPECT_TRUE(store.account(id).append(store::inbox, {message}));
        }
    }
    int call(std::string_view verb, const std::map<std::string, std::string>& given) {
        const auto command = std::ranges::find_if(
            commands(), [&](const Command& each) { return each.group == "message" && each.verb == verb; });
        Values values;
        values.set("account", {"ann@here.test"});
        for (const auto& [name, value] : given) values.set(name, {value});
        const Console console{.input = "",
                              .out =
                                  [this](std::string_view text) {
                                      EXPECT_EQ(counting.views, 0) << "a person takes his time";
                                      out += text;
                                  },
                              .err = [this](std::string_view text) { err += text; },
                              .folder = {},
                              .is_gone = [this] { return is_gone; }};
        return run(*command, {values, console, {settings, clock, &kept}});
    }

    ManualClock clock;
    SystemRandom random;
    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine();
    CountsViews counting{*engine};
    store::Store store{counting, clock};
    directory::Directory directory{
        counting, clock, random, {}, crypto::Seal(crypto::Secret(random.bytes(crypto::seal_key_size)))};
    queue::Queue queue{counting, clock};
    reputation::Reputation reputation{counting, clock};
    config::Settings settings = config::Settings::fallbacks();
    Kept kept{counting, store, directory, queue, reputation};
    std::string out, err;
    bool is_gone = false;
};

TEST_F(MessageCommands, WriteAllOfIt) {
    EXPECT_EQ(call("export", {{"to", "-"}}), 0);
    for (const int i : {1, 200, 201, many})
        EXPECT_THAT(out, testing::HasSubstr(fmt::format("letter {}\n", i)));
    out.clear();
    EXPECT_EQ(call("show", {{"uid", "1-*"}, {"raw", "yes"}}), 0);
    for (const int i : {1, 200, 201, many})
        EXPECT_THAT(out, testing::HasSubstr(fmt::format("letter {}\r", i)));
    out.clear();
    EXPECT_EQ(call("list", {}), 0);
    EXPECT_EQ(std::ranges::count(out, '\n'), many + 1);
    out.clear();
    EXPECT_EQ(call("search", {{"subject", "letter 4"}}), 0);
    EXPECT_EQ(std::ranges::count(out, '\n'), 1 + 1 + 10 + 51);
    EXPECT_NE(call("show", {{"uid", "451"}}), 0);
    EXPECT_THAT(err, testing::HasSubstr("no message 451"));
}

TEST_F(MessageCommands, EndWhereNobodyWaitsForThem) {
    is_gone = true;
    for (const auto* verb : {"export", "show", "list", "search"}) {
        EXPECT_NE(call(verb, {{"to", "-"}, {"uid", "1-*"}}), 0);
        EXPECT_THAT(err, testing::HasSubstr("broken off")) << verb;
        EXPECT_EQ(out, "") << verb;
        err.clear();
    }
}

}  // namespace
}  // namespace hongyan::admin
