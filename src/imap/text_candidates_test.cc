// A SEARCH finds the same whether the index knows all messages, some, or none.
#include "imap/text_candidates.h"

#include <array>
#include <random>

#include <gtest/gtest.h>

#include "store/index_record.h"
#include "support/imap_world.h"

namespace hongyan::imap {
namespace {

constexpr int messages = 160;  // more than are looked into without asking the index

class Searches : public testing::Test {
public:
    Searches() {
        for (int i = 0; i < messages; ++i) deliver();
        say("LOGIN ann secret");
        say("SELECT INBOX");
        say("STORE 10:90 +FLAGS.SILENT (\\Seen)");
    }

    void deliver() {
        world_.deliver(
            fmt::format("From: {} <a@here.test>\r\nTo: b{}@there.test\r\nSubject: {}\r\nX-Note: {}\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
                        text(), random_() % 3, text(), text(), text()));
    }
    std::string say(const std::string& command) { return session_.after("t " + command + "\r\n"); }

    // Some words, or a part of one.
    std::string text() {
        static constexpr std::array words{"Hello", "world", "HELP", "o",  " ",  " ",    ", ",
                                          "鸿雁",  "传书",  "你",   "好", "ça", "ＡＢ", "12"};
        std::string some;
        for (auto left = 1 + random_() % 5; left > 0; --left) some += words[random_() % words.size()];
        return some;
    }
    std::string needle() {
        const auto some = text();
        return fmt::format("{{{}+}}\r\n{}", some.size(), some);
    }
    std::string key(int depth) {
        static constexpr std::array fields{"SUBJECT",       "FROM",          "TO", "CC", "BODY", "TEXT",
                                           "HEADER X-Note", "HEADER Subject"};
        static constexpr std::array others{"SEEN", "UNSEEN", "UID 20:120", "LARGER 200", "ALL"};
        const auto kind = random_() % (depth == 0 ? 5 : 9);
        if (kind < 4) return fmt::format("{} {}", fields[random_() % fields.size()], needle());
        if (kind == 4) return others[random_() % others.size()];
        if (kind == 5) return "NOT " + key(depth - 1);
        if (kind == 6) return "OR " + key(depth - 1) + " " + key(depth - 1);
        return "(" + key(depth - 1) + " " + key(depth - 1) + ")";
    }

    void index_all() {
        for (bool more = true; more;) more = world_.account().index_portion().value();
    }

protected:
    std::mt19937 random_{6};
    imap_world::World world_;
    imap_world::Session session_{world_, imap_world::open_settings(), session::Security{}};
};

TEST_F(Searches, FindTheSameByIndexAndByReading) {
    std::vector<std::string> commands{"SEARCH TEXT \"\"",          "SEARCH BODY \"\"",
                                      "SEARCH SUBJECT \"\"",       "SEARCH HEADER X-Nowhere \"\"",
                                      "SEARCH BODY \", \"",        "SEARCH CHARSET UTF-8 FROM here.test",
                                      "SEARCH NOT TEXT hello",     "SEARCH UID 3:9 TEXT o",
                                      "UID SEARCH UNSEEN BODY 12", "SEARCH RETURN (MIN MAX COUNT) BODY hel"};
    for (int i = 0; i < 60; ++i) commands.push_back("SEARCH CHARSET UTF-8 " + key(2));
    std::vector<std::string> found;
    for (const auto& command : commands) found.push_back(say(command));
    index_all();
    for (std::size_t i = 0; i < commands.size(); ++i) EXPECT_EQ(say(commands[i]), found[i]) << commands[i];

    // Of what has come since, the index knows nothing.
    for (int i = 0; i < 20; ++i) deliver();
    say("NOOP");
    for (std::size_t i = 0; i < commands.size(); ++i) found[i] = say(commands[i]);
    EXPECT_EQ(world_.account().view().text_index().value().not_indexed().size(), 1U);
    ASSERT_TRUE(world_.account().forget_index());
    for (std::size_t i = 0; i < commands.size(); ++i) EXPECT_EQ(say(commands[i]), found[i]) << commands[i];
}

TEST_F(Searches, KnowWhatTheIndexDecides) {
    index_all();
    const auto about = [&](const wire::SearchKey& key) {
        const wire::SearchProgram program{"", key};
        TextCandidates texts(program);
        EXPECT_TRUE(texts.has_texts());
        while (!texts.ask(world_.account(), program).value()) {
        }
        return texts.about(store::MessageId(1));
    };
    using wire::SearchKey;
    const SearchKey everywhere{wire::FieldContains{"From", "a@here.test"}};
    const SearchKey nowhere{wire::TextContains{"nowhere"}};
    const SearchKey flag{wire::HasFlag{"\\Seen", true}};
    EXPECT_EQ(about(everywhere), true);
    EXPECT_EQ(about(nowhere), false);
    EXPECT_EQ(about({wire::NotThis{{nowhere}}}), true);
    EXPECT_EQ(about({wire::AllOf{{everywhere, nowhere, flag}}}), false);
    EXPECT_EQ(about({wire::EitherOf{{everywhere, flag}}}), true);
    EXPECT_EQ(about({wire::AllOf{{everywhere, flag}}}), std::nullopt);
}

TEST_F(Searches, ForgetSegmentsThatAreDamaged) {
    index_all();
    const auto before = say("SEARCH BODY hel");
    auto& engine = world_.store().engine();
    const auto key = store::block_key(store::SegmentId(1), index::Column::body, index::Half::terms, 0);
    ASSERT_TRUE(engine.transact(engine::Scope::account(imap_world::ann),
                                [&](engine::Transaction& transaction) -> Result<void> {
                                    transaction.put(key, "damage");
                                    return {};
                                }));
    EXPECT_EQ(say("SEARCH BODY hel"), before);
    EXPECT_FALSE(world_.account().view().text_index().value().not_indexed().empty());
    index_all();
    EXPECT_EQ(say("SEARCH BODY hel"), before);
}

}  // namespace
}  // namespace hongyan::imap
