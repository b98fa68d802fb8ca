#include "store/check.h"

#include "store/keys.h"
#include "store/reading.h"
#include "store/records.h"
#include "store/store_fixture.h"
#include "store/url_keys.h"

namespace hongyan::store {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class CheckTest : public StoreTest {
public:
    CheckTest() {
        append("one", {Flag::seen});
        append("two", Flags{Flag::deleted}.add("$x"));
        append("three");
        EXPECT_TRUE(account.copy(inbox, uids({1}), id_of("Archive")));
        EXPECT_TRUE(account.create(name("a/b")));
        // What others may do, notes and a key for URLs, all of which is in order.
        EXPECT_TRUE(account.change_rights(id_of("a"), anyone, {RightsChange::How::replace, {Right::read}}));
        const std::vector<Note> notes{{shared_notes, "/comment", "x"}};
        EXPECT_TRUE(account.annotate(id_of("a"), notes));
        EXPECT_TRUE(account.annotate(no_mailbox, notes));
        EXPECT_TRUE(need_url_key(store, ann, id_of("a"), std::string(url_key_size, 'k')));
        EXPECT_TRUE(account.expunge(inbox, uids({3}), Which::all));
    }

    void put(const std::string& key, std::optional<std::string> value) {
        ASSERT_TRUE(engine->transact(engine::Scope::account(ann),
                                     [&](engine::Transaction& transaction) -> Result<void> {
                                         if (value)
                                             transaction.put(key, *value);
                                         else
                                             transaction.erase(key);
                                         return {};
                                     }));
    }
    void put_global(const std::string& key, std::string_view value) {
        ASSERT_TRUE(
            engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
                transaction.put(key, value);
                return {};
            }));
    }
    template <typename State>
    void change_mailbox(MailboxId id, State change) {
        auto mailbox = read_mailbox(*engine->snapshot(engine::Scope::account(ann)), id).value();
        change(mailbox);
        put(keys::mailbox(id), encode(mailbox));
    }
    template <typename State>
    void change_account(State change) {
        auto state = account.view().state().value();
        change(state);
        put(keys::account(), encode(state));
    }
    template <typename Change>
    void change_entry(Uid uid, Change change) {
        auto entry = account.view().entry(inbox, uid).value().value();
        change(entry);
        put(keys::entry(inbox, uid), encode(entry));
    }

    std::vector<std::string> findings(Repair repair = Repair::no) {
        std::vector<std::string> all;
        const auto report = check(store, {.repair = repair});
        EXPECT_TRUE(report) << report.error().message;
        for (const auto& finding : report.value_or(CheckReport()).findings) {
            all.push_back(finding.what);
            EXPECT_EQ(finding.repaired, repair == Repair::yes) << finding.what;
        }
        return all;
    }
};

TEST_F(CheckTest, AStoreThatWasLeftAloneIsClean) {
    EXPECT_THAT(findings(), IsEmpty());
    const auto report = check(store).value();
    EXPECT_EQ(report.accounts, 1U);
    EXPECT_EQ(report.mailboxes, 8U);
    EXPECT_EQ(report.messages, 2U);
    EXPECT_EQ(report.blobs, 2U);
}

// Its entries tell another size than the account is charged with.
TEST_F(CheckTest, AMessageWithNulIsCountedAsItCame) {
    const auto before = usage().bytes;
    append({"A: b\r\n\r\na\0b", 11});
    EXPECT_EQ(usage().bytes, before + 11);
    EXPECT_GT(account.view().entry(inbox, Uid(4)).value()->size, 11U);
    EXPECT_TRUE(account.copy(inbox, uids({4}), id_of("Archive")));
    EXPECT_THAT(findings(), IsEmpty());
    put(keys::entry(inbox, Uid(4)), "\x01\x02");
    EXPECT_THAT(findings(Repair::yes), Not(IsEmpty()));
    EXPECT_THAT(findings(), IsEmpty());
    EXPECT_TRUE(account.expunge(inbox, uids({4}), Which::all));
    EXPECT_TRUE(account.expunge(id_of("Archive"), UidSet::all(), Which::all));
    EXPECT_THAT(findings(), IsEmpty());
}

struct Damage {
    std::string_view name;
    std::function<void(CheckTest&)> harm;
    std::string_view finding;
};

std::vector<Damage> damages() {
    return {
        {"counts of a mailbox",
         [](CheckTest& test) { test.change_mailbox(inbox, [](auto& box) { box.counts.unseen += 1; }); },
         "are counted, there are 2"},
        {"UIDNEXT too small",
         [](CheckTest& test) { test.change_mailbox(inbox, [](auto& box) { box.uid_next = Uid(2); }); },
         "UIDNEXT is 2, but UID 2 is in use"},
        {"HIGHESTMODSEQ too small",
         [](CheckTest& test) {
             test.change_mailbox(inbox, [](auto& box) { box.highest_modseq = ModSeq(1); });
         },
         "HIGHESTMODSEQ is 1"},
        {"no UIDVALIDITY",
         [](CheckTest& test) { test.change_mailbox(inbox, [](auto& box) { box.uid_validity = {}; }); },
         "no UIDVALIDITY"},
        {"recent beyond UIDNEXT",
         [](CheckTest& test) { test.change_mailbox(inbox, [](auto& box) { box.first_recent = Uid(9); }); },
         "no longer recent"},
        {"a use twice",
         [](CheckTest& test) { test.change_mailbox(inbox, [](auto& box) { box.use = SpecialUse::sent; }); },
         "another mailbox is used for sent too"},
        {"a parent that is not there",
         [](CheckTest& test) {
             test.change_mailbox(test.id_of("a/b"), [](auto& box) { box.parent = MailboxId(77); });
         },
         "has no way to the top"},
        {"a circle of parents",
         [](CheckTest& test) {
             const auto child = test.id_of("a/b");
             test.change_mailbox(test.id_of("a"), [&](auto& box) { box.parent = child; });
         },
         "has no way to the top"},
        {"two mailboxes of one name",
         [](CheckTest& test) {
             test.change_mailbox(test.id_of("Sent"), [](auto& box) { box.level = "Trash"; });
         },
         "there is another mailbox \"Trash\""},
        {"a mailbox's record damaged",
         [](CheckTest& test) { test.put(keys::mailbox(test.id_of("Archive")), "\x01\x02"); },
         "no readable record"},
        {"INBOX gone", [](CheckTest& test) { test.put(keys::mailbox(inbox), std::nullopt); },
         "no readable record"},
        {"a name gone", [](CheckTest& test) { test.put(keys::name(no_mailbox, "Sent"), std::nullopt); },
         "the name \"Sent\" does not lead to its mailbox"},
        {"a name that leads nowhere",
         [](CheckTest& test) { test.put(keys::name(no_mailbox, "ghost"), encode_id(MailboxId(88))); },
         "the name \"ghost\" leads to no mailbox"},
        {"a name that leads astray",
         [](CheckTest& test) { test.put(keys::name(no_mailbox, "Sent"), encode_id(inbox)); },
         "the name \"Sent\" does not lead to its mailbox"},
        {"usage", [](CheckTest& test) { test.change_account([](auto& state) { state.usage.bytes += 1; }); },
         "are counted, there are 2 of 6"},
        {"the next message's id in use",
         [](CheckTest& test) { test.change_account([](auto& state) { state.next_message = MessageId(1); }); },
         "in use already"},
        {"modseq behind",
         [](CheckTest& test) { test.change_account([](auto& state) { state.modseq = ModSeq(2); }); },
         "in use already"},
        {"the account's record damaged", [](CheckTest& test) { test.put(keys::account(), "\x01\x02"); },
         "the account's record is missing or damaged"},
        {"an entry damaged", [](CheckTest& test) { test.put(keys::entry(inbox, Uid(2)), "\x01\x02"); },
         "the record of UID 2 is damaged"},
        {"an entry gone, the message elsewhere too",
         [](CheckTest& test) { test.put(keys::entry(inbox, Uid(1)), std::nullopt); },
         "message 1 is not in the mailboxes that its record names"},
        {"an entry gone, the message nowhere",
         [](CheckTest& test) { test.put(keys::entry(inbox, Uid(2)), std::nullopt); },
         "message 2 is in no mailbox; it goes to INBOX"},
        {"an entry of another size",
         [](CheckTest& test) { test.change_entry(Uid(2), [](auto& entry) { entry.size = 99; }); },
         "UID 2 has 3 bytes, not 99"},
        {"an entry that is wrong about the last line",
         [](CheckTest& test) { test.change_entry(Uid(2), [](auto& entry) { entry.unended ^= true; }); },
         "UID 2 is wrong about the end of its last line"},
        {"an entry that is wrong about NUL",
         [](CheckTest& test) { test.change_entry(Uid(2), [](auto& entry) { entry.has_nul ^= true; }); },
         "UID 2 is wrong about NUL in its message"},
        {"an entry that is wrong about where its message comes from",
         [](CheckTest& test) { test.change_entry(Uid(2), [](auto& entry) { entry.foreign ^= true; }); },
         "UID 2 is wrong about where its message comes from"},
        {"an entry of no message",
         [](CheckTest& test) {
             test.change_entry(Uid(2), [](auto& entry) { entry.message = MessageId(55); });
         },
         "shows message 55, which is not there"},
        {"a message gone", [](CheckTest& test) { test.put(keys::message(MessageId(2)), std::nullopt); },
         "shows message 2, which is not there"},
        {"places gone", [](CheckTest& test) { test.put(keys::homes(MessageId(1)), std::nullopt); },
         "message 1 is not in the mailboxes"},
        {"places damaged", [](CheckTest& test) { test.put(keys::homes(MessageId(1)), "\x01\x02"); },
         "message 1 is not in the mailboxes"},
        {"places of no message",
         [](CheckTest& test) {
             test.put(keys::homes(MessageId(44)), encode(HomesRecord{{{inbox, Uid(1)}}, {}}));
         },
         "there are places of message 44"},
        {"a summary damaged",
         [](CheckTest& test) {
             const auto kept = test.account.view().message(MessageId(1)).value();
             test.put(keys::message(MessageId(1)), encode(MessageView{MessageId(1), kept.blob, kept.blob_size,
                                                                      kept.received, "", "\xff"}));
         },
         "the summary of message 1 is damaged"},
        {"a log damaged",
         [](CheckTest& test) { test.put(keys::change(inbox, ModSeq(3)), "\x01\x01\x01\xff"); },
         "the log of changes is damaged"},
        {"a change not logged",
         [](CheckTest& test) {
             const auto modseq = test.account.view().entry(inbox, Uid(2)).value()->modseq;
             test.put(keys::change(inbox, modseq), std::nullopt);
         },
         "the log of changes is damaged"},
        {"rights damaged", [](CheckTest& test) { test.put(keys::grant(inbox, ben), "\x01\x01"); },
         "the rights that somebody has in a mailbox are damaged"},
        {"rights in no mailbox",
         [](CheckTest& test) { test.put(keys::grant(MailboxId(66), ben), encode(Rights::all())); },
         "somebody has rights in a mailbox that is not there"},
        {"rights of nobody",
         [](CheckTest& test) { test.put(keys::grants(inbox) + "x", encode(Rights::all())); },
         "somebody has rights in a mailbox that is not there"},
        {"who gets something is not told",
         [](CheckTest& test) { test.put(keys::grant(inbox, ben), encode(Rights{Right::read})); },
         "an account does not know who shares mailboxes with it"},
        {"who gets nothing is told something",
         [](CheckTest& test) { test.put_global(keys::sharer(ben, ann), ""); },
         "an account is said to share mailboxes and shares none"},
        {"an annotation damaged",
         [](CheckTest& test) { test.put(keys::annotation(inbox, shared_notes, "/comment"), "\x01\xff"); },
         "the annotation /comment is damaged"},
        {"an annotation of no mailbox",
         [](CheckTest& test) {
             test.put(keys::annotation(MailboxId(66), ben, "/comment"),
                      encode(AnnotationRecord{"x", {}, false}));
         },
         "there is an annotation of a mailbox that is not there"},
        {"an annotation that the future has changed",
         [](CheckTest& test) {
             test.put(keys::annotation(no_mailbox, ann, "/comment"),
                      encode(AnnotationRecord{"x", ModSeq(999), false}));
         },
         "in use already"},
        {"the key for URLs damaged", [](CheckTest& test) { test.put(keys::url_key(inbox), "short"); },
         "the key that signs URLs of a mailbox is damaged"},
        {"a key for URLs of no mailbox",
         [](CheckTest& test) { test.put(keys::url_key(MailboxId(66)), std::string(url_key_size, 'k')); },
         "there is a key for URLs of a mailbox that is not there"},
        {"the memory of a delivery damaged",
         [](CheckTest& test) { test.put(keys::delivery("k"), "\x01\x02"); },
         "the memory of a delivery is damaged"},
    };
}

TEST(Check, FindsAndRepairsEveryKindOfDamage) {
    struct Fixture : CheckTest {
        void TestBody() override {}
        void run(const Damage& damage) {
            damage.harm(*this);
            EXPECT_THAT(findings(), testing::Contains(HasSubstr(damage.finding)));
            EXPECT_THAT(findings(Repair::yes), testing::Contains(HasSubstr(damage.finding)));
            EXPECT_THAT(findings(), IsEmpty()) << "after the repair";
            append("and it goes on");
            EXPECT_TRUE(account.expunge(inbox, UidSet::all(), Which::all));
            EXPECT_THAT(findings(), IsEmpty()) << "after more work";
        }
    };
    for (const auto& damage : damages()) {
        SCOPED_TRACE(damage.name);
        Fixture().run(damage);
    }
}

TEST_F(CheckTest, ARepairKeepsWhatCanBeKept) {
    put(keys::entry(inbox, Uid(1)), "\x01\x02");
    put(keys::entry(inbox, Uid(2)), std::nullopt);
    EXPECT_FALSE(findings(Repair::yes).empty());
    EXPECT_EQ(state().counts.messages, 2U);
    EXPECT_EQ(account.view().entry(inbox, Uid(1)).value()->message, MessageId(1));
    EXPECT_EQ(account.view().read(MessageId(2)).value(), "two");
}

TEST_F(CheckTest, ARecordThatCannotBeDerivedIsReportedAndLeft) {
    const auto blob = account.view().message(MessageId(2)).value().blob;
    put(keys::message(MessageId(2)), "\x01\x02");
    const auto report = check(store, {.repair = Repair::yes}).value();
    ASSERT_FALSE(report.findings.empty());
    EXPECT_EQ(report.findings.front().what, "the record of message 2 is damaged");
    EXPECT_FALSE(report.findings.front().repaired);
    EXPECT_EQ(present(), uids({1, 2}));
    EXPECT_EQ(engine->read_blob(blob).value(), "two") << "the record may yet be mended by hand";
}

}  // namespace
}  // namespace hongyan::store
