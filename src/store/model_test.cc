// Random work on an account, held step by step to the model, to `check`, and to what snapshots say of
// changes.
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "engine/memory_engine.h"
#include "engine/open_engine.h"
#include "store/check.h"
#include "store/store_fixture.h"
#include "store/store_model.h"

namespace hongyan::store {
namespace {

class Dice {
public:
    explicit Dice(std::uint32_t seed) : engine_(seed) {}
    std::uint32_t below(std::size_t end) {
        return static_cast<std::uint32_t>(engine_() % std::max<std::size_t>(end, 1));
    }
    bool one_in(std::size_t count) { return below(count) == 0; }
    template <typename Map>
    auto key_of(const Map& map) {
        return std::next(map.begin(), below(map.size()))->first;
    }

private:
    std::mt19937 engine_;
};

// The store's account, read into the shape of the model.
ModelAccount read_back(Store& store, AccountId id) {
    ModelAccount account;
    const auto view = store.account(id).view();
    const auto state = view.state().value();
    account.modseq = state.modseq;
    account.next_mailbox = state.next_mailbox;
    account.next_message = state.next_message;
    account.quota = state.quota;
    for (const auto& mailbox : view.mailboxes().value()) {
        auto& box = account.mailboxes[mailbox.id];
        box = {mailbox.name.text(), mailbox.selectable(), mailbox.uid_next, {}};
        const auto walked = view.each_message(
            mailbox.id, UidSet::all(), [&](const Entry& entry, const MessageView& message) -> Result<void> {
                box.entries[entry.uid] = {entry.message, entry.flags, entry.modseq};
                TRY(account.messages[entry.message], view.read(message));
                return {};
            });
        EXPECT_TRUE(walked) << walked.error().message;
    }
    return account;
}

void expect_same(const ModelAccount& model, const ModelAccount& store) {
    EXPECT_EQ(model.mailboxes, store.mailboxes);
    EXPECT_EQ(model.messages, store.messages);
    EXPECT_EQ(model.modseq, store.modseq);
    EXPECT_EQ(model.next_mailbox, store.next_mailbox);
    EXPECT_EQ(model.next_message, store.next_message);
}

void expect_whole(Store& store) {
    const auto report = check(store);
    ASSERT_TRUE(report) << report.error().message;
    for (const auto& finding : report->findings)
        ADD_FAILURE() << finding.mailbox.value() << ": " << finding.what;
}

std::size_t distinct_texts(const ModelAccount& account) {
    std::set<std::string> texts;
    for (const auto& [id, text] : account.messages) texts.insert(text);
    return texts.size();
}

// What changed, found the slow way: by comparing an account with what it was.

MailboxChanges difference(const ModelMailbox& before, const ModelMailbox& now) {
    MailboxChanges changes;
    for (const auto& [uid, entry] : now.entries) {
        const auto old = before.entries.find(uid);
        if (old == before.entries.end() || old->second.modseq != entry.modseq) changes.changed.add(uid);
    }
    for (const auto& [uid, entry] : before.entries)
        if (!now.entries.contains(uid)) changes.vanished.add(uid);
    for (auto uid = before.uid_next; uid < now.uid_next; uid = uid.next())
        if (!now.entries.contains(uid)) changes.vanished.add(uid);
    return changes;
}

// Where a message is, and with which flags.
std::set<std::tuple<MailboxId, Uid, ModSeq>> places(const ModelAccount& account, MessageId id) {
    std::set<std::tuple<MailboxId, Uid, ModSeq>> all;
    for (const auto& [mailbox, box] : account.mailboxes)
        for (const auto& [uid, entry] : box.entries)
            if (entry.message == id) all.insert({mailbox, uid, entry.modseq});
    return all;
}

void expect_changes_since(const View& view, const ModelAccount& before, const ModelAccount& now) {
    for (const auto& [id, box] : now.mailboxes) {
        const auto old = before.mailboxes.find(id);
        const auto expected = difference(old == before.mailboxes.end() ? ModelMailbox() : old->second, box);
        const auto changes = view.changes(id, before.modseq).value();
        EXPECT_TRUE(changes.exact);
        EXPECT_EQ(changes.changed, expected.changed);
        EXPECT_EQ(changes.vanished, expected.vanished);
    }
    const auto messages = view.message_changes(before.modseq).value().value();
    EXPECT_EQ(messages.now, now.modseq);
    MessageChanges expected;
    for (const auto& [id, text] : now.messages) {
        if (!before.messages.contains(id))
            expected.created.push_back(id);
        else if (places(before, id) != places(now, id))
            expected.updated.push_back(id);
    }
    for (const auto& [id, text] : before.messages)
        if (!now.messages.contains(id)) expected.destroyed.push_back(id);
    EXPECT_EQ(messages.created, expected.created);
    // What was changed and changed back may be named too.
    EXPECT_THAT(messages.updated, testing::IsSupersetOf(expected.updated));
    for (const auto id : messages.updated)
        EXPECT_TRUE(before.messages.contains(id) && now.messages.contains(id)) << id.value();
    EXPECT_EQ(messages.destroyed, expected.destroyed);

    const auto mailboxes = view.mailbox_changes(before.modseq).value().value();
    std::vector<MailboxId> created, removed;
    for (const auto& [id, box] : now.mailboxes)
        if (!before.mailboxes.contains(id)) created.push_back(id);
    for (const auto& [id, box] : before.mailboxes)
        if (!now.mailboxes.contains(id)) removed.push_back(id);
    EXPECT_EQ(mailboxes.created, created);
    EXPECT_EQ(mailboxes.removed, removed);
    for (const auto& [id, box] : now.mailboxes) {
        const auto old = before.mailboxes.find(id);
        if (old != before.mailboxes.end() && old->second.entries != box.entries)
            EXPECT_THAT(mailboxes.updated, testing::Contains(id));
    }
}

constexpr std::string_view some_names[] = {"a", "a/b", "a/b/c", "d", "d/b", "重要", "INBOX/x", "Sent/2026"};

// One random call on both.
class Step {
public:
    Step(const Account& account, ModelAccount& model, Dice& dice)
        : account_(account), model_(model), dice_(dice) {}

    // The same where the call may fail for other reasons than the model knows.
    void dare() {
        may_fail_ = true;
        take();
    }

    void take() {
        const auto mailbox = dice_.key_of(model_.mailboxes);
        switch (dice_.below(16)) {
            case 0: {
                const std::string to(some_names[dice_.below(std::size(some_names))]);
                return expect(account_.create(name(to)), model_.create(to));
            }
            case 1: {
                const std::string to(some_names[dice_.below(std::size(some_names))]);
                return expect(account_.rename(mailbox, name(to)), model_.rename(mailbox, to));
            }
            case 2: {
                const auto children = dice_.one_in(2) ? Children::forbid : Children::keep_name;
                return expect(account_.remove(mailbox, children), model_.remove(mailbox, children));
            }
            case 3:
            case 4: {
                const auto which = dice_.one_in(3) ? Which::all : Which::marked_deleted;
                const auto some = uids(mailbox);
                return expect(account_.expunge(mailbox, some, which), model_.expunge(mailbox, some, which));
            }
            case 5:
            case 6: {
                const auto to = dice_.key_of(model_.mailboxes);
                const auto some = uids(mailbox);
                return expect(account_.copy(mailbox, some, to), model_.copy(mailbox, some, to));
            }
            case 7:
            case 8: {
                const auto to = dice_.key_of(model_.mailboxes);
                const auto some = uids(mailbox);
                return expect(account_.move(mailbox, some, to), model_.move(mailbox, some, to));
            }
            case 9:
            case 10:
            case 11: {
                const auto some = uids(mailbox);
                const auto change = flag_change();
                return expect(account_.change_flags(mailbox, some, change),
                              model_.change_flags(mailbox, some, change));
            }
            case 12:
                model_.quota = dice_.one_in(2) ? Quota() : Quota{dice_.below(400), dice_.below(40)};
                return expect(account_.set_quota(model_.quota), true);
            default:
                return append(mailbox);
        }
    }

private:
    void append(MailboxId mailbox) {
        std::vector<NewMessage> messages;
        std::vector<std::pair<std::string, Flags>> texts;
        for (std::size_t count = dice_.below(3) + 1; count > 0; --count) {
            const auto text = fmt::format("message {}", dice_.below(20));
            const auto flags = some_flags();
            messages.push_back(mail(text, flags));
            texts.emplace_back(text, flags);
        }
        expect(account_.append(mailbox, messages), model_.append(mailbox, texts));
    }

    UidSet uids(MailboxId mailbox) {
        if (dice_.one_in(4)) return UidSet::all();
        UidSet set;
        const auto end = model_.mailboxes.at(mailbox).uid_next.value() + 2;
        for (auto count = dice_.below(4) + 1; count > 0; --count) {
            const auto first = Uid(dice_.below(end) + 1);
            set.add(UidRange{first, Uid(first.value() + dice_.below(5))});
        }
        return set;
    }

    Flags some_flags() {
        auto flags = Flags::of_bits(static_cast<std::uint8_t>(dice_.below(32)));
        if (dice_.one_in(3)) flags.add(fmt::format("$label{}", dice_.below(3)));
        return flags;
    }

    FlagChange flag_change() {
        FlagChange change;
        change.how = static_cast<FlagChange::How>(dice_.below(3));
        change.flags = some_flags();
        if (dice_.one_in(3)) change.unchanged_since = ModSeq(dice_.below(model_.modseq.value() + 1));
        return change;
    }

    template <typename Outcome>
    void expect(const Result<Outcome>& outcome, bool expected) {
        if (!may_fail_) EXPECT_EQ(outcome.has_value(), expected) << (outcome ? "" : outcome.error().message);
    }

    const Account& account_;
    ModelAccount& model_;
    Dice& dice_;
    bool may_fail_ = false;
};

// An engine that a test opens, and opens again.
struct Backend {
    const char* name;
    std::function<std::unique_ptr<engine::Engine>(const std::filesystem::path&)> open;
    std::uint32_t seeds;
    bool forgets;  // when it is closed
};

void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }

class ModelTest : public testing::TestWithParam<Backend> {
protected:
    // Random steps of one seed; what is kept is opened anew now and then.
    void run(std::uint32_t seed) {
        Dice dice(seed);
        ManualClock clock;
        const ScratchFolder folder;
        auto engine = GetParam().open(folder.path());
        auto store = std::make_unique<Store>(*engine, clock);
        ASSERT_TRUE(store->create_account(ann));
        auto model = read_back(*store, ann);
        std::vector<ModelAccount> past{model};
        for (int step = 0; step < 80 && !HasFailure(); ++step) {
            SCOPED_TRACE(fmt::format("seed {}, step {}", seed, step));
            const auto account = store->account(ann);
            Step(account, model, dice).take();
            expect_same(model, read_back(*store, ann));
            expect_whole(*store);
            expect_changes_since(account.view(), past[dice.below(past.size())], model);
            past.push_back(model);
            if (GetParam().forgets || !dice.one_in(20)) continue;
            store.reset();
            engine.reset();
            engine = GetParam().open(folder.path());
            store = std::make_unique<Store>(*engine, clock);
        }
    }
};

TEST_P(ModelTest, TheStoreDoesWhatTheModelDoes) {
    for (std::uint32_t seed = 1; seed <= GetParam().seeds && !HasFailure(); ++seed) run(seed);
}

INSTANTIATE_TEST_SUITE_P(
    Each, ModelTest,
    testing::Values(Backend{"memory", [](const auto&) { return engine::make_memory_engine(); }, 40, true},
                    Backend{"rocksdb",
                            [](const auto& folder) { return engine::open_engine(folder / "store").value(); },
                            3, false}),
    [](const auto& about) { return about.param.name; });

// Failures

struct NeverBack {
    ModSeq modseq;
    MailboxId next_mailbox;
    MessageId next_message;
    std::map<MailboxId, Uid> uid_next;

    void expect_beyond(const ModelAccount& account) {
        EXPECT_GE(account.modseq, modseq);
        EXPECT_GE(account.next_mailbox, next_mailbox);
        EXPECT_GE(account.next_message, next_message);
        modseq = account.modseq;
        next_mailbox = account.next_mailbox;
        next_message = account.next_message;
        for (const auto& [id, mailbox] : account.mailboxes) {
            EXPECT_GE(mailbox.uid_next, uid_next[id]);
            uid_next[id] = mailbox.uid_next;
        }
    }
};

class FailingEngine {
public:
    std::unique_ptr<engine::Engine> make() {
        return engine::make_memory_engine({.before_write = [this](std::uint64_t batch) -> Result<void> {
            if (every == 0 || batch % every != 0) return {};
            ++failures;
            return fail(Error::Kind::no_space, "the disk is full");
        }});
    }

    std::atomic<std::uint64_t> every = 0;  // the n-th batch; zero: none
    std::atomic<int> failures = 0;
};

TEST(Failures, EveryNthFailureLeavesTheAccountWholeAndNothingGoesBack) {
    for (std::uint32_t every = 1; every <= 7; ++every) {
        Dice dice(every);
        ManualClock clock;
        FailingEngine failing;
        const auto engine = failing.make();
        Store store(*engine, clock);
        ASSERT_TRUE(store.create_account(ann));
        const auto account = store.account(ann);
        NeverBack before;
        for (int step = 0; step < 150 && !testing::Test::HasFailure(); ++step) {
            SCOPED_TRACE(fmt::format("every {}, step {}", every, step));
            // Half of the steps without failures, so that there is something to lose.
            failing.every = step % 2 == 0 ? 0 : every;
            auto scratch = read_back(store, ann);
            Step(account, scratch, dice).dare();
            failing.every = 0;
            const auto now = read_back(store, ann);
            before.expect_beyond(now);
            expect_whole(store);
        }
        EXPECT_GT(failing.failures, 5);
        ASSERT_TRUE(account.tidy());
        expect_whole(store);
        EXPECT_EQ(engine->statistics().blobs, distinct_texts(read_back(store, ann)));
    }
}

TEST(Failures, WhatWasNotAcknowledgedIsNotThere) {
    ManualClock clock;
    FailingEngine failing;
    const auto engine = failing.make();
    Store store(*engine, clock);
    ASSERT_TRUE(store.create_account(ann));
    const auto account = store.account(ann);
    ASSERT_TRUE(account.append(inbox, {mail("kept")}));
    const auto before = read_back(store, ann);
    failing.every = 1;
    EXPECT_EQ(account.append(inbox, {mail("lost")}).error().kind, Error::Kind::no_space);
    EXPECT_FALSE(store.deliver({{ann, inbox, mail("lost")}}).front());
    EXPECT_FALSE(account.expunge(inbox, UidSet::all(), Which::all));
    EXPECT_FALSE(account.change_flags(inbox, UidSet::all(), {.flags = {Flag::seen}}));
    EXPECT_FALSE(account.create(name("box")));
    failing.every = 0;
    expect_same(before, read_back(store, ann));
    expect_whole(store);
}

}  // namespace
}  // namespace hongyan::store
