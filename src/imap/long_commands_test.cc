// Commands about so many messages that a client waits: RFC 9585.
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imap/effort.h"
#include "imap/progress.h"
#include "message/summary.h"
#include "support/imap_world.h"

namespace hongyan::imap {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class LongCommands : public testing::Test {
protected:
    LongCommands() {
        store::NewMessage message;
        message.content = store::prepare("Subject: x\r\n\r\nabc\r\n");
        const std::vector<store::NewMessage> thousand(1'000, message);
        for (int i = 0; i < 16; ++i) EXPECT_TRUE(world.account().append(store::inbox, thousand));
        after("a LOGIN ann secret\r\n");
        after("a SELECT INBOX\r\n");
    }

    std::uint64_t count() { return world.account().view().mailbox(store::inbox).value().counts.messages; }
    std::uint64_t copies() {
        const auto mail = world.account().view();
        const auto archive = mail.find(store::MailboxName::parse("Archive").value()).value();
        return archive.counts.messages;
    }
    // What is said, while each portion of work takes six seconds. `between` is called before each portion but
    // the first.
    std::string after(std::string_view commands, const std::function<void()>& between = {}) {
        session.receive(commands);
        std::string said;
        std::size_t portions = 0;
        for (;;) {
            const auto action = session.next();
            if (const auto* write = std::get_if<session::Write>(&action)) {
                said += write->bytes;
            } else if (const auto* question = std::get_if<Question>(&action)) {
                world.clock().advance(std::chrono::seconds(6));
                if (portions++ > 0 && between) between();
                session.answer(world.answer(*question));
            } else {
                return said;
            }
        }
    }
    std::string last_line(const std::string& said) {
        const auto end = said.rfind("\r\n", said.size() - 3);
        return said.substr(end == std::string::npos ? 0 : end + 2);
    }

    imap_world::World world;
    Session session{std::make_shared<const Settings>(imap_world::open_settings()), {}, world.random()};
};

TEST_F(LongCommands, SayHowFarTheyHaveCome) {
    const auto all = count();
    const auto told = fmt::format("* OK [INPROGRESS (\"b\" {} {})] ", 3 * changed_at_once, all);
    ASSERT_GT(all, 3 * changed_at_once);
    for (const auto& [command, end] : {std::pair("b COPY 1:* Archive", "b OK [COPYUID "),
                                       std::pair(R"(b STORE 1:* +FLAGS.SILENT (\Answered))", "b OK Stored"),
                                       std::pair("b MOVE 1:* Trash", "b OK Done")}) {
        const auto said = after(fmt::format("{}\r\n", command));
        EXPECT_THAT(said, StartsWith(told)) << command;
        EXPECT_THAT(last_line(said), StartsWith(end)) << command;
    }
    EXPECT_EQ(count(), 0U);
}

// RFC 3501 §6.4.7: all or nothing, though the client has gone in the middle.
TEST_F(LongCommands, ACopyWithoutItsClientIsTakenBack) {
    session.receive("b COPY 1:* Archive\r\n");
    for (std::size_t step = 1; step <= 2; ++step) {
        const auto asked = session.next();
        if (step == 1) EXPECT_EQ(session.take_unfinished(), nullptr);
        session.answer(world.answer(std::get<Question>(asked)));
        EXPECT_EQ(copies(), step * changed_at_once);
    }
    const auto task = session.take_unfinished();
    ASSERT_NE(task, nullptr);
    EXPECT_TRUE(task->end_alone(world.store()));  // no more at once than any other step
    EXPECT_EQ(copies(), changed_at_once);
    EXPECT_FALSE(task->end_alone(world.store()));
    EXPECT_EQ(copies(), 0U);
    EXPECT_EQ(task->take_output(), "");
    EXPECT_EQ(task->fault(), "");
    EXPECT_EQ(session.take_unfinished(), nullptr);
}

TEST_F(LongCommands, WhatIsNoWholeStopsWhereItsClientHasGone) {
    session.receive("b STORE 1:* +FLAGS.SILENT (\\Answered)\r\n");
    session.answer(world.answer(std::get<Question>(session.next())));
    EXPECT_EQ(session.take_unfinished(), nullptr);
}

TEST_F(LongCommands, WhatChangesNothingNeedsNoEnd) {
    session.receive("b FETCH 1:* BODY[]\r\n");
    session.answer(world.answer(std::get<Question>(session.next())));
    EXPECT_EQ(session.take_unfinished(), nullptr);
}

TEST_F(LongCommands, ThatAreShortSayNothingOfIt) {
    EXPECT_THAT(after("b COPY 1:100 Archive\r\n"), Not(HasSubstr("INPROGRESS")));
}

// RFC 3501 §6.4.7
TEST_F(LongCommands, ACopyThatFailsInTheMiddleLeavesNothing) {
    const auto bob = world.store().account(imap_world::bob);
    const auto team = bob.create(store::MailboxName::parse("Team").value()).value();
    ASSERT_TRUE(
        bob.change_rights(team.id, imap_world::ann,
                          {store::RightsChange::How::replace, {store::Right::lookup, store::Right::insert}}));
    ASSERT_TRUE(bob.set_quota({.bytes = 0, .messages = changed_at_once + 1}));
    const auto said = after("b COPY 1:* \"Other Users/bob@example.test/Team\"\r\n");
    EXPECT_THAT(last_line(said), StartsWith("b NO [OVERQUOTA]"));
    EXPECT_EQ(bob.view().state().value().usage.messages, 0U);
}

class IntoBobs : public LongCommands {
protected:
    IntoBobs() {
        team = bob.create(store::MailboxName::parse("Team").value()).value().id;
        using enum store::Right;
        EXPECT_TRUE(bob.change_rights(team, imap_world::ann,
                                      {store::RightsChange::How::replace, {lookup, insert, write, read}}));
        EXPECT_TRUE(bob.set_quota({.bytes = 0, .messages = changed_at_once + 1}));
    }

    store::Account bob = world.store().account(imap_world::bob);
    store::MailboxId team;
};

// Bob's mailbox is the source, and he takes ann's rights away after the first portion.
class FromBobs : public LongCommands {
protected:
    FromBobs() {
        team = bob.create(store::MailboxName::parse("Team").value()).value().id;
        using enum store::Right;
        EXPECT_TRUE(bob.change_rights(
            team, imap_world::ann,
            {store::RightsChange::How::replace, {lookup, read, write, mark_deleted, expunge}}));
        store::NewMessage message;
        message.content = store::prepare("Subject: x\r\n\r\nabc\r\n");
        const std::vector<store::NewMessage> thousand(1'000, message);
        for (int i = 0; i < 6; ++i) EXPECT_TRUE(bob.append(team, thousand));
        after("a SELECT \"Other Users/bob@example.test/Team\"\r\n");
    }

    std::function<void()> take_rights = [this] {
        EXPECT_TRUE(
            bob.change_rights(team, imap_world::ann, {store::RightsChange::How::replace, store::Rights()}));
    };
    store::Account bob = world.store().account(imap_world::bob);
    store::MailboxId team;
};

// RFC 3501 §6.4.7, RFC 4314 §5.1.1
TEST_F(FromBobs, ACopyThatLosesItsRightsLeavesNothing) {
    std::uint64_t copied = 0;
    const auto said = after("b COPY 1:* Archive\r\n", [&] {
        copied = std::max(copied, copies());
        take_rights();
    });
    EXPECT_EQ(copied, changed_at_once);
    EXPECT_EQ(copies(), 0U);
    EXPECT_THAT(said, HasSubstr("b NO [NOPERM] "));
    EXPECT_THAT(last_line(said), StartsWith("* BYE "));
}

// RFC 6851 §4.3
TEST_F(FromBobs, AMoveThatLosesItsRightsSaysWhatHasMoved) {
    const auto said = after("b MOVE 1:* Archive\r\n", take_rights);
    EXPECT_EQ(copies(), changed_at_once);
    const auto moved = said.find("* OK [COPYUID "), refused = said.find("b NO [NOPERM] ");
    ASSERT_NE(moved, said.npos) << said.substr(0, 300);
    ASSERT_NE(refused, said.npos);
    EXPECT_LT(moved, refused);
}

// RFC 7377 §2.2: in a mailbox that may be read no longer nothing is found, whether it is selected or not.
TEST_F(FromBobs, ASearchOfManyMailboxesThatLosesItsRightsFindsNothingMore) {
    after("b UNSELECT\r\n");
    const std::string_view search =
        "c ESEARCH IN (mailboxes \"Other Users/bob@example.test/Team\") RETURN (COUNT) BODY abc\r\n";
    EXPECT_THAT(after(search), HasSubstr(" COUNT 6000\r\n"));
    const auto said = after(search, take_rights);
    EXPECT_THAT(said, Not(HasSubstr(" COUNT ")));
    EXPECT_THAT(last_line(said), StartsWith("c OK Searched"));
}

// Also in those that it has not come to yet.
TEST_F(FromBobs, NorInTheNextOne) {
    const auto zebra = bob.create(store::MailboxName::parse("Zebra").value()).value().id;
    using enum store::Right;
    const store::RightsChange reading{store::RightsChange::How::replace, {lookup, read}};
    ASSERT_TRUE(bob.change_rights(zebra, imap_world::ann, reading));
    store::NewMessage message;
    message.content = store::prepare("Subject: x\r\n\r\nabc\r\n");
    ASSERT_TRUE(bob.append(zebra, {message}));
    after("b UNSELECT\r\n");
    const std::string_view search = "c ESEARCH IN (subtree \"Other Users\") RETURN (COUNT) BODY abc\r\n";
    EXPECT_THAT(after(search), AllOf(HasSubstr(" COUNT 6000\r\n"), HasSubstr(" COUNT 1\r\n")));
    const auto said = after(search, [&] {
        take_rights();
        const store::RightsChange none{store::RightsChange::How::replace, store::Rights()};
        ASSERT_TRUE(bob.change_rights(zebra, imap_world::ann, none));
    });
    EXPECT_THAT(said, Not(HasSubstr(" COUNT ")));
    EXPECT_THAT(last_line(said), StartsWith("c OK Searched"));
}

TEST_F(FromBobs, SoDoesOneOfTheSelectedMailbox) {
    const auto said = after("b ESEARCH IN (selected) RETURN (COUNT) BODY abc\r\n", take_rights);
    EXPECT_THAT(said, Not(HasSubstr(" COUNT ")));
    EXPECT_THAT(said, HasSubstr("b OK Searched\r\n"));
    EXPECT_THAT(last_line(said), StartsWith("* BYE "));
}

// RFC 9585: how far a search has come is of what it looks at.
TEST_F(LongCommands, ASearchOfSomeCountsThoseAlone) {
    const auto said = after("b SEARCH 1:1000 HEADER X-None y\r\n");
    EXPECT_THAT(said, HasSubstr("* OK [INPROGRESS (\"b\" "));
    EXPECT_THAT(said, HasSubstr(" 1000)] "));
}

// RFC 6851 §4.3: what has moved is told before it is told to be gone, though the rest could not.
TEST_F(IntoBobs, AMoveThatFailsInTheMiddleSaysWhatHasMoved) {
    const auto all = count();
    const auto said = after("b MOVE 1:* \"Other Users/bob@example.test/Team\"\r\n");
    const auto moved = said.find("* OK [COPYUID "), gone = said.find(" EXPUNGE\r\n");
    ASSERT_NE(moved, said.npos) << said.substr(0, 300);
    ASSERT_NE(gone, said.npos);
    EXPECT_LT(moved, gone);
    EXPECT_THAT(last_line(said), StartsWith("b NO [OVERQUOTA]"));
    EXPECT_EQ(count() + bob.view().state().value().usage.messages, all);
}

// How long a portion is depends on what there is to look at, not on how many messages it is in.
class LargeMessages : public testing::Test {
protected:
    static constexpr std::size_t octets = std::size_t{1} << 20U;

    LargeMessages() {
        std::string body;
        while (body.size() < octets)
            body += "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
        for (const auto* last : {"needle 7", "needle 8", "needle 9"})
            world.deliver(fmt::format("Subject: x\r\n\r\n{}{}\r\n", body, last));
        (void)after("a LOGIN ann secret\r\n");
        (void)after("a SELECT INBOX\r\n");
    }

    struct Answer {
        std::string said;
        std::size_t portions = 0;
    };
    Answer after(std::string_view command) {
        session.receive(command);
        Answer answer;
        for (;;) {
            const auto action = session.next();
            if (const auto* write = std::get_if<session::Write>(&action)) {
                answer.said += write->bytes;
            } else if (const auto* question = std::get_if<Question>(&action)) {
                ++answer.portions;
                session.answer(world.answer(*question));
            } else {
                return answer;
            }
        }
    }
    // As many keys as these, and one that only the second message has.
    static std::string command(std::string_view key, int count, std::string_view last) {
        std::string text = "b SEARCH";
        for (int i = 0; i < count; ++i)
            fmt::format_to(std::back_inserter(text), " NOT {} \"aaaz{}\"", key, i);
        return text + fmt::format(" {}\r\n", last);
    }

    imap_world::World world;
    Session session{std::make_shared<const Settings>(imap_world::open_settings()), {}, world.random()};
};

TEST_F(LargeMessages, AreLookedIntoForManyTextsALittleAtATime) {
    constexpr int keys = 100;
    for (const auto* key : {"BODY", "TEXT", "FUZZY BODY"}) {
        const auto answer = after(command(key, keys, "BODY \"needle 8\""));
        EXPECT_THAT(answer.said, StartsWith("* SEARCH 2\r\n")) << key;
        EXPECT_GT(answer.portions, keys * octets / Effort::enough_at_once) << key;
    }
}

TEST_F(LargeMessages, ThatAreEnoughByThemselvesEndAPortion) {
    const auto before = after("b SEARCH BODY \"needle 9\"\r\n");
    EXPECT_THAT(before.said, StartsWith("* SEARCH 3\r\n"));
    for (int i = 0; i < 10; ++i) ASSERT_THAT(after("c COPY 1:3 INBOX\r\n").said, HasSubstr("c OK"));
    const auto answer = after("b SEARCH BODY \"needle 9\"\r\n");
    EXPECT_THAT(answer.said, StartsWith("* SEARCH 3 6 9"));
    EXPECT_GT(answer.portions, before.portions);
}

TEST_F(LargeMessages, ASearchIsLeftOffWhereItsClientHasGone) {
    const auto begin = [this](std::string_view commands) {
        session.receive(commands);
        auto asked = session.next();
        session.client_has_gone();
        return std::get<Work>(std::get<Question>(asked)).task;
    };
    const auto task = begin(command("BODY", 300, "ALL"));
    EXPECT_FALSE(task->only_tells());  // it may be anything yet
    task->run(world.store());
    EXPECT_TRUE(task->only_tells());
    session.answer(Done{});
    EXPECT_TRUE(std::holds_alternative<session::Close>(session.next()));
}

TEST_F(LargeMessages, WhatWasSaidBehindASearchIsDone) {
    session.receive(command("BODY", 300, "ALL") + "c STORE 1 +FLAGS (\\Flagged)\r\n");
    const auto asked = session.next();
    session.answer(world.answer(std::get<Question>(asked)));
    session.client_has_gone();
    EXPECT_THAT(after("").said, HasSubstr("c OK"));
}

// Of these all is read whatever is told of them.
TEST_F(LargeMessages, AreFetchedALittleAtATimeHoweverLittleIsToldOfThem) {
    using namespace std::string_view_literals;
    for (int i = 0; i < 3; ++i) ASSERT_THAT(after("b COPY 1:3 INBOX\r\n").said, HasSubstr("b OK"));
    EXPECT_EQ(after("c FETCH 1:* ENVELOPE\r\n").portions, 1U);

    const auto beginnings = after("d FETCH 1:* BODY.PEEK[TEXT]<0.2>\r\n");
    EXPECT_EQ(beginnings.portions, 2U);
    EXPECT_THAT(beginnings.said, AllOf(StartsWith("* 1 FETCH (BODY[TEXT]<0> {2}\r\naa)"),
                                       HasSubstr("* 12 FETCH (BODY[TEXT]<0> {2}\r\naa)\r\nd OK")));

    const std::string long_subject = "Subject: " + std::string(message::max_summary_field_size + 1, 's');
    std::size_t next = 13;
    for (const auto field :
         {"Content-Transfer-Encoding: binary\r\n\r\n\0"sv, std::string_view(long_subject)}) {
        constexpr int messages = 20;
        for (int i = 0; i < messages; ++i)
            world.deliver(fmt::format("{}\r\n\r\n{}", field, std::string(octets, 'a')));
        (void)after("e NOOP\r\n");
        const auto listed = after(fmt::format("f FETCH {}:* ENVELOPE\r\n", next));
        EXPECT_GT(listed.portions, 1U) << next;
        EXPECT_THAT(listed.said, StartsWith(fmt::format("* {} FETCH (ENVELOPE ", next)));
        next += messages;
        EXPECT_THAT(listed.said, HasSubstr(fmt::format("\r\n* {} FETCH (ENVELOPE ", next - 1)));
    }
}

TEST_F(LargeMessages, AreReadALittleAtATimeWhereUrlsNameALittleOfThem) {
    const auto given = after(
        "b GENURLAUTH \"imap://ann@example.test/INBOX/;uid=1/;section=text/;partial=0.2"
        ";urlauth=user+ann\" INTERNAL\r\n");
    ASSERT_THAT(given.said, AllOf(StartsWith("* GENURLAUTH \""), HasSubstr("\r\nb OK")));
    const auto begin = given.said.find('"');
    const auto url = given.said.substr(begin, given.said.find('"', begin + 1) + 1 - begin);
    std::string command = "c URLFETCH", told;
    for (int i = 0; i < 12; ++i) {
        command += " " + url;
        told += fmt::format("* URLFETCH {} {{2}}\r\naa\r\n", url);
    }
    const auto fetched = after(command + "\r\n");
    EXPECT_EQ(fetched.portions, 2U);
    EXPECT_EQ(fetched.said, told + "c OK Fetched\r\n");
}

// Keys cost something too where no text is read.
TEST_F(LongCommands, ManyKeysMakeSmallPortions) {
    std::string command = "b UID SEARCH UID 16000";
    for (int i = 0; i < 1'500; ++i) fmt::format_to(std::back_inserter(command), " LARGER {}", i % 10);
    const auto portions_of = [this](std::string_view text) {
        std::size_t portions = 1;
        EXPECT_THAT(after(text, [&portions] { ++portions; }), HasSubstr("* SEARCH 16000\r\n"));
        return portions;
    };
    EXPECT_EQ(portions_of(command + "\r\n"), portions_of("b UID SEARCH UID 16000\r\n"));
    command.replace(0, std::string_view("b UID SEARCH UID 16000").size(), "b UID SEARCH NOT UID 1:15999");
    EXPECT_GT(portions_of(command + "\r\n"), 10U);
}

}  // namespace
}  // namespace hongyan::imap
