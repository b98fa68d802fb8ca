// The index of an account agrees with its messages, whatever is done to them, and wherever its making is cut
// short.
#include <algorithm>
#include <array>
#include <random>
#include <span>

#include <gtest/gtest.h>

#include "engine/testing/power_cuts.h"
#include "message/search_text.h"
#include "message/summary.h"
#include "message/text_search.h"
#include "store/check.h"
#include "store/index_record.h"
#include "store/keys.h"
#include "store/store_fixture.h"

namespace hongyan::store {
namespace {

void index_all(const Account& account) {
    for (bool more = true; more;) more = account.index_portion().value();
}

// What the message has in the field, found by reading all of it.
std::optional<std::string> text_of(const View& view, MessageId id, TextField field) {
    const auto message = view.message(id).value();
    const auto raw = view.read(id).value();
    const auto summary = message::decode(message.summary).value();
    const auto content = std::string_view(raw).substr(message.prefix.size());
    const auto header = std::string_view(raw).substr(0, message.prefix.size() + summary.header_size);
    const auto structure = message::parse(content);
    switch (field) {
        case TextField::body:
            return message::folded_body(structure, content);
        case TextField::other_field:
        case TextField::text:
            return message::folded_header(header, structure.root()) + '\0' +
                   message::folded_body(structure, content);
        case TextField::subject:
            return message::folded_field(header, "Subject");
        case TextField::from:
            return message::folded_field(header, "From");
        case TextField::to:
            return message::folded_field(header, "To");
        case TextField::cc:
            return message::folded_field(header, "Cc");
        case TextField::bcc:
            return message::folded_field(header, "Bcc");
        case TextField::message_id:
            return message::folded_field(header, "Message-ID");
    }
    return std::nullopt;
}

std::vector<MessageId> messages_of(const View& view) {
    std::vector<MessageId> all;
    for (const auto& mailbox : view.mailboxes().value())
        for (const auto& entry : view.entries(mailbox.id).value()) all.push_back(entry.message);
    std::ranges::sort(all);
    const auto same = std::ranges::unique(all);
    all.erase(same.begin(), same.end());
    return all;
}

constexpr std::array fields{TextField::subject, TextField::from,       TextField::to,   TextField::cc,
                            TextField::bcc,     TextField::message_id, TextField::body, TextField::text};

// Nothing is denied that is there, nothing promised that is not; and of what is indexed, a needle without a
// break in it leaves no doubt.
enum class Doubt { allowed, none };
void compare(const Account& account, std::span<const std::string> needles, Doubt doubt) {
    const auto view = account.view();
    auto index = view.text_index().value();
    const auto messages = messages_of(view);
    for (const auto field : fields) {
        std::vector<std::optional<std::string>> texts;
        for (const auto id : messages) texts.push_back(text_of(view, id, field));
        for (const auto& needle : needles) {
            const auto folded = message::fold_for_search(needle);
            const auto candidates = index.candidates(field, folded).value();
            for (std::size_t i = 0; i < messages.size(); ++i) {
                SCOPED_TRACE(fmt::format("\"{}\" in message {}", needle, messages[i]));
                const auto known = candidates.about(messages[i]);
                if (known) ASSERT_EQ(*known, texts[i] && texts[i]->contains(folded));
                if (doubt == Doubt::none) ASSERT_TRUE(known.has_value());
            }
        }
    }
    EXPECT_TRUE(index.damaged().empty());
}
void compare(const Account& account, const std::string& needle, Doubt doubt) {
    compare(account, std::span(&needle, 1), doubt);
}

std::string letter(std::string_view subject, std::string_view body) {
    return fmt::format(
        "From: Ann Example <ann@here.test>\r\nTo: ben@there.test\r\nSubject: {}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
        subject, body);
}

std::string random_text(std::mt19937& random) {
    static constexpr std::array pieces{"Hello", "hel", "WORLD", "wor", " ",      " ", ", ", "鸿雁",
                                       "你",    "好",  "传书",  "カ",  "が",     "É", "e",  "ﬁsh",
                                       "１２",  "42",  "-",     "ß",   "Straße", "ｱ", "x"};
    std::string text;
    for (auto left = 1 + random() % 12; left > 0; --left) text += pieces[random() % pieces.size()];
    return text;
}

using TextIndexTest = StoreTest;

TEST_F(TextIndexTest, KnowsWhatIsIndexedAndNothingElse) {
    append(letter("first", "one"));
    EXPECT_EQ(account.view().text_index().value().not_indexed(),
              (std::vector<MessageRange>{{MessageId(1), MessageId(2)}}));
    EXPECT_FALSE(account.index_portion(2).value()) << "one message is not worth a segment of its own";
    index_all(account);
    EXPECT_TRUE(account.view().text_index().value().not_indexed().empty());
    append(letter("second", "two"));
    const auto view = account.view();
    const auto found = view.text_index().value().candidates(TextField::subject, "S").value();
    EXPECT_EQ(found.about(MessageId(1)), true);
    EXPECT_EQ(found.about(MessageId(2)), std::nullopt);
    const auto none = view.text_index().value().candidates(TextField::text, "TWO").value();
    EXPECT_EQ(none.about(MessageId(1)), false);
}

TEST_F(TextIndexTest, JoinsAnswersAsQuestionsAreJoined) {
    append(letter("red", "one apple"));
    append(letter("green", "two apples"));
    append(letter("red", "an old pear"));
    index_all(account);
    const auto view = account.view();
    auto index = view.text_index().value();
    const auto about = [](const Candidates& candidates) {
        std::vector<std::optional<bool>> all;
        for (const std::uint64_t id : {1U, 2U, 3U}) all.push_back(candidates.about(MessageId(id)));
        return all;
    };
    using Answers = std::vector<std::optional<bool>>;
    const auto red = index.candidates(TextField::subject, "RED").value();
    const auto apple = index.candidates(TextField::body, "APPLE").value();
    const auto phrase = index.candidates(TextField::body, "OLD PEAR").value();
    EXPECT_EQ(about(phrase), (Answers{false, false, std::nullopt}));
    EXPECT_EQ(phrase.possible(), 1);
    auto both = red;
    EXPECT_EQ(about(both &= apple), (Answers{true, false, false}));
    auto either = red;
    EXPECT_EQ(about(either |= phrase), (Answers{true, false, true}));
    auto no = phrase;
    no.negate();
    EXPECT_EQ(about(no), (Answers{true, true, std::nullopt}));
    auto nothing = index.nothing_known();
    EXPECT_EQ(about(nothing &= apple), (Answers{std::nullopt, std::nullopt, false}));
    EXPECT_EQ(about(index.everything()), (Answers{true, true, true}));
}

TEST_F(TextIndexTest, LeavesMessagesWithVeryMuchTextToTheReader) {
    append(letter("large", std::string(4'100'000, 'x')));
    append(letter("small", "x"));
    index_all(account);
    const auto view = account.view();
    const auto found = view.text_index().value().candidates(TextField::subject, "NOWHERE").value();
    EXPECT_EQ(found.about(MessageId(1)), std::nullopt);
    EXPECT_EQ(found.about(MessageId(2)), false);
}

TEST_F(TextIndexTest, MergesNeighboursAndErasesWhatTheyWere) {
    for (int i = 0; i < 40; ++i) {
        append(letter("merged", fmt::format("number {}", i)));
        index_all(account);
    }
    const auto snapshot = engine->snapshot(engine::Scope::account(ann));
    const auto state = read_index(*snapshot).value();
    EXPECT_LT(state.segments.size(), 4U);
    const auto cursor = snapshot->scan(engine::Range::starting_with(std::string(1, keys::index_letter)));
    for (; cursor->valid(); cursor->next())
        if (const auto id = keys::number_at<SegmentId>(cursor->key(), keys::after_letter))
            EXPECT_TRUE(state.has(*id)) << "blocks of segment " << id->value() << " were left";
    compare(account, "number 3", Doubt::allowed);
    compare(account, "umbe", Doubt::none);
}

TEST_F(TextIndexTest, ForgetsExpungedMessagesWhenItIsTidied) {
    for (int i = 0; i < 10; ++i) append(letter("gone", fmt::format("word{}", i)));
    index_all(account);
    ASSERT_TRUE(account.expunge(inbox, uids({1, 2, 3, 4, 5, 6}), Which::all));
    ASSERT_TRUE(account.tidy());
    index_all(account);
    const auto view = account.view();
    auto index = view.text_index().value();
    EXPECT_EQ(index.candidates(TextField::body, "WORD3").value().possible(), 0);
    EXPECT_EQ(index.candidates(TextField::body, "WORD").value().possible(), 4);
}

TEST_F(TextIndexTest, IsMadeAnewWhereItIsDamaged) {
    for (int i = 0; i < 3; ++i) append(letter("whole", "text"));
    index_all(account);
    const auto id = SegmentId(1);
    const auto key = block_key(id, index::Column::body, index::Half::terms, 0);
    ASSERT_TRUE(
        engine->transact(engine::Scope::account(ann), [&](engine::Transaction& transaction) -> Result<void> {
            transaction.put(key, "\nno end");
            return {};
        }));
    {
        const auto view = account.view();
        auto index = view.text_index().value();
        EXPECT_EQ(index.candidates(TextField::body, "TEXT").value().about(MessageId(1)), std::nullopt);
        EXPECT_EQ(index.damaged(), std::vector{id});
        ASSERT_TRUE(account.forget_segments(index.damaged()));
    }
    index_all(account);
    compare(account, "text", Doubt::none);
}

TEST_F(TextIndexTest, IsMadeAnewWhereItsRecordIsDamaged) {
    append(letter("whole", "text"));
    index_all(account);
    ASSERT_TRUE(
        engine->transact(engine::Scope::account(ann), [&](engine::Transaction& transaction) -> Result<void> {
            transaction.put(keys::index(), "nonsense");
            return {};
        }));
    EXPECT_EQ(account.view().text_index().value().not_indexed().size(), 1U);
    index_all(account);
    compare(account, "text", Doubt::none);
}

TEST_F(TextIndexTest, CheckFindsDamageAndRepairsIt) {
    append(letter("whole", "text"));
    index_all(account);
    EXPECT_TRUE(check(store).value().findings.empty());
    const auto key = block_key(SegmentId(1), index::Column::body, index::Half::lists, 0);
    ASSERT_TRUE(
        engine->transact(engine::Scope::account(ann), [&](engine::Transaction& transaction) -> Result<void> {
            transaction.erase(key);
            return {};
        }));
    const auto found = check(store, {.repair = Repair::yes}).value().findings;
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(found.front().repaired);
    EXPECT_TRUE(check(store).value().findings.empty());
    EXPECT_EQ(account.view().text_index().value().not_indexed().size(), 1U);
    index_all(account);
    compare(account, "text", Doubt::none);
}

TEST_F(TextIndexTest, StopsWhenToldAndGoesOnLater) {
    append(letter("whole", "text"));
    const auto stopped = account.index_portion(1, [] { return true; });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, Error::Kind::unavailable);
    index_all(account);
    compare(account, "text", Doubt::none);
}

TEST_F(TextIndexTest, OfAnAccountThatGoesIsNotMade) {
    append(letter("whole", "text"));
    ASSERT_TRUE(store.remove_account(ann));
    EXPECT_FALSE(account.index_portion());
    const auto snapshot = engine->snapshot(engine::Scope::account(ann));
    EXPECT_FALSE(snapshot->scan({})->valid());
}

// Deliveries, copies, moves and removals in any order, with portions of indexing between them.
class RandomLife : public StoreTest {
public:
    void step(std::mt19937& random) {
        switch (random() % 8) {
            case 0:
            case 1:
            case 2:
                append(letter(random_text(random), random_text(random)), {}, any_mailbox(random));
                break;
            case 3:
                (void)account.copy(any_mailbox(random), any_uid(random), any_mailbox(random));
                break;
            case 4:
                (void)account.move(any_mailbox(random), any_uid(random), any_mailbox(random));
                break;
            case 5:
                (void)account.expunge(any_mailbox(random), any_uid(random), Which::all);
                break;
            case 6:
                (void)account.index_portion(1 + random() % 4).value();
                break;
            case 7:
                if (random() % 10 == 0) ASSERT_TRUE(account.forget_index());
                if (random() % 10 == 0) ASSERT_TRUE(account.tidy());
                break;
        }
    }
    MailboxId any_mailbox(std::mt19937& random) {
        const auto all = account.view().mailboxes().value();
        return all[random() % std::min<std::size_t>(all.size(), 3)].id;
    }
    static UidSet any_uid(std::mt19937& random) {
        return uids({static_cast<std::uint32_t>(1 + random() % 10)});
    }
};

TEST_F(RandomLife, LeavesAnIndexThatAgreesWithTheMessages) {
    std::mt19937 random(20261121);
    std::vector<std::string> needles{"e",    "hel", "lo",   "你", "你好", "鸿雁",
                                     "雁传", "カ",  "fish", "12", "x",    "ss"};
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 30; ++i) ASSERT_NO_FATAL_FAILURE(step(random));
        needles.resize(12);
        if (round % 5 == 0) {
            index_all(account);
            ASSERT_NO_FATAL_FAILURE(compare(account, needles, Doubt::none));
        }
        for (int i = 0; i < 5; ++i) needles.push_back(random_text(random));
        ASSERT_NO_FATAL_FAILURE(compare(account, needles, Doubt::allowed));
    }
    EXPECT_TRUE(check(store).value().findings.empty());
}

// Mail comes and is indexed while the power is cut; what the index says afterwards is true.
class IndexedLife {
public:
    struct Machine {
        Machine(engine::SimulatedDisk& disk, const Clock& clock)
            : engine(engine::open_small_engine(disk)), store(*engine, clock), account(store.account(ann)) {}
        std::unique_ptr<engine::Engine> engine;
        Store store;
        Account account;
    };

    void begin(Machine& machine) { ASSERT_TRUE(machine.store.create_account(ann)); }
    void live(Machine& machine) {
        bool failed = false;
        for (int i = 0; i < 12 && !failed; ++i) {
            const auto text =
                letter("life", fmt::format("life{} common {}", ++count_, std::string(500, 'y')));
            failed = !machine.account.append(inbox, {mail(text)});
            for (bool more = true; more && !failed;) {
                const auto done = machine.account.index_portion();
                failed = !done;
                more = done && *done;
            }
            if (i == 7 && !failed) failed = !machine.account.expunge(inbox, uids({count_ / 2}), Which::all);
        }
    }
    void expect_promise_kept(Machine& machine) {
        const auto findings = check(machine.store).value().findings;
        ASSERT_TRUE(findings.empty()) << findings.front().what;
        const std::vector<std::string> needles{"common", "life1", "yyy"};
        ASSERT_NO_FATAL_FAILURE(compare(machine.account, needles, Doubt::allowed));
    }
    void expect_service() { EXPECT_GT(count_, 12U); }

private:
    std::uint32_t count_ = 0;
};

class TextIndexPromise : public testing::TestWithParam<engine::Cuts> {};

TEST_P(TextIndexPromise, IsTrueWhereverThePowerIsCut) { engine::cut_everywhere<IndexedLife>(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Power, TextIndexPromise,
                         testing::Values(engine::Cuts{"Write", engine::Operation::write, 37},
                                         engine::Cuts{"Sync", engine::Operation::sync, 11}),
                         engine::name_of);

}  // namespace
}  // namespace hongyan::store
