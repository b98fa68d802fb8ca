#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imap/message_url.h"
#include "support/imap_world.h"
#include "support/interrupted_engine.h"

namespace hongyan::imap {
namespace {

class SessionTest : public testing::Test {
protected:
    SessionTest() { client.after("a LOGIN ann secret\r\n"); }

    imap_world::World world;
    imap_world::Session client{world, imap_world::open_settings(), session::Security{}};
};

// Bytes that go out at a time, whatever is asked for.
TEST_F(SessionTest, ALargeAnswerGoesOutInPortions) {
    const std::string body(100'000, 'x');
    for (int i = 0; i < 20; ++i) world.deliver(fmt::format("Subject: {}\r\n\r\n{}\r\n", i, body));
    client.after("b SELECT INBOX\r\n");
    client.receive("c FETCH 1:* BODY.PEEK[]\r\n");
    std::size_t total = 0;
    std::string last;
    for (auto action = client.next(); std::holds_alternative<session::Write>(action);
         action = client.next()) {
        last = std::get<session::Write>(action).bytes;
        EXPECT_LE(last.size(), 2 * enough_said);
        total += last.size();
    }
    EXPECT_GT(total, 20 * body.size());
    EXPECT_TRUE(last.ends_with("\r\nc OK Fetched\r\n"));
}

// However small the messages: the names that it repeats count too.
TEST_F(SessionTest, AnAnswerThatRepeatsLongQuestionsGoesOutInPortions) {
    for (int i = 0; i < 300; ++i) world.deliver("Subject: x\r\n\r\n");
    client.after("b SELECT INBOX\r\n");
    std::string names;
    for (int i = 0; i < 100; ++i) names += fmt::format(" {}{}", std::string(100, 'X'), i);
    client.receive(fmt::format("c FETCH 1:* BODY.PEEK[HEADER.FIELDS ({})]\r\n", names.substr(1)));
    std::size_t total = 0;
    for (auto action = client.next(); std::holds_alternative<session::Write>(action);
         action = client.next()) {
        EXPECT_LE(std::get<session::Write>(action).bytes.size(), 2 * enough_said);
        total += std::get<session::Write>(action).bytes.size();
    }
    EXPECT_GT(total, 300 * names.size());
}

// What was marked and could not be shown the client hears as news.
TEST_F(SessionTest, AMessageThatCannotBeShownIsToldToBeSeen) {
    world.deliver("Subject: 1\r\n\r\none\r\n");
    world.deliver("Content-Transfer-Encoding: odd\r\n\r\ntwo\r\n");
    client.after("b SELECT INBOX\r\n");
    const auto said = client.after("c FETCH 1:2 BINARY[1]\r\n");
    EXPECT_THAT(said, testing::HasSubstr("c NO [UNKNOWN-CTE]"));
    EXPECT_THAT(said, testing::HasSubstr("* 2 FETCH (FLAGS (\\Seen \\Recent))"));
}

// Several threads put it together.
TEST_F(SessionTest, ALongAnswerIsInTheOrderOfTheMessages) {
    for (int i = 1; i <= 500; ++i) world.deliver(fmt::format("Subject: {}\r\n\r\ntext {}\r\n", i, i));
    client.after("b SELECT INBOX\r\n");
    std::string headers, texts;
    for (int i = 1; i <= 500; ++i) {
        headers +=
            fmt::format("* {} FETCH (ENVELOPE (NIL \"{}\" NIL NIL NIL NIL NIL NIL NIL NIL))\r\n", i, i);
        const auto text = fmt::format("text {}\r\n", i);
        texts += fmt::format("* {} FETCH (FLAGS (\\Seen \\Recent) BODY[TEXT] {{{}}}\r\n{})\r\n", i,
                             text.size(), text);
    }
    EXPECT_EQ(client.after("c FETCH 1:* ENVELOPE\r\n"), headers + "c OK Fetched\r\n");
    EXPECT_EQ(client.after("d FETCH 1:* BODY[TEXT]\r\n"), texts + "d OK Fetched\r\n");
}

TEST_F(SessionTest, WhatCameInTheClearBehindStartTlsIsForgotten) {
    auto settings = imap_world::open_settings();
    settings.offers_tls = true;
    imap_world::Session stranger(world, settings, session::Security{});
    EXPECT_THAT(stranger.after("a STARTTLS\r\nb LOGIN ann secret\r\n"),
                testing::EndsWith("a OK Begin TLS\r\n"));
    stranger.secured({.circumstances = {.encrypted = true}});
    EXPECT_EQ(stranger.after("c NOOP\r\n"), "c OK Done\r\n");
}

TEST_F(SessionTest, AMessageThatCameIsReadByteForByte) {
    const std::string message("From: a\r\n\r\n\x80\xff.\r\nline without end");
    client.after("b SELECT INBOX\r\n");
    client.after(fmt::format("c APPEND INBOX {{{}+}}\r\n{}\r\n", message.size(), message));
    EXPECT_THAT(client.after("d FETCH 1 BODY.PEEK[]\r\n"),
                testing::HasSubstr(fmt::format("BODY[] {{{}}}\r\n{})", message.size(), message)));
}

// RFC 5464 §4.3
TEST_F(SessionTest, TooManyAnnotationsAreRefusedAndNoneIsSet) {
    std::string entries;
    for (std::size_t i = 0; i < store::max_annotations; ++i)
        entries += fmt::format("{}/private/vendor/x/{} \"v\"", i == 0 ? "" : " ", i);
    EXPECT_EQ(client.after(fmt::format("b SETMETADATA INBOX ({})\r\n", entries)), "b OK Set\r\n");
    EXPECT_THAT(client.after("c SETMETADATA INBOX (/private/vendor/x/0 \"w\" /private/comment \"v\")\r\n"),
                testing::StartsWith("c NO [METADATA TOOMANY] "));
    EXPECT_THAT(client.after("d GETMETADATA INBOX /private/vendor/x/0\r\n"), testing::HasSubstr("\"v\""));
    const std::string large(store::max_annotation_size + 1, 'x');
    EXPECT_THAT(client.after(fmt::format("e SETMETADATA INBOX (/private/comment \"{}\")\r\n", large)),
                testing::StartsWith("e NO [METADATA MAXSIZE 16384] "));
}

// RFC 5465 §5.8
TEST_F(SessionTest, WhoWouldBeToldTooMuchIsToldNothing) {
    client.after("b SELECT INBOX\r\nc NOTIFY SET (selected (MessageNew (UID) MessageExpunge))\r\n");
    std::vector<store::NewMessage> many(501);
    for (auto& message : many) message.content = store::prepare("Subject: x\r\n\r\nx\r\n");
    ASSERT_TRUE(world.account().append(store::inbox, many));
    client.mail_changed();
    EXPECT_THAT(client.after(""), testing::HasSubstr("* OK [NOTIFICATIONOVERFLOW] "));
    world.deliver("Subject: x\r\n\r\nx\r\n");
    client.mail_changed();
    EXPECT_EQ(client.after("d NOOP\r\n"), "d OK Done\r\n");
}

// RFC 5465 §5.8: those count that are only looked at for what comes from there or goes there (§5.4).
TEST_F(SessionTest, WhoWouldHaveTooManyMailboxesWatchedIsRefused) {
    auto settings = imap_world::open_settings();
    settings.most_watched = 10;
    imap_world::Session other(world, settings, session::Security{});
    other.after("a LOGIN ann secret\r\n");
    constexpr auto watch = "b NOTIFY SET (mailboxes INBOX (MailboxName))\r\n";
    EXPECT_EQ(other.after(watch), "b OK Done\r\n");
    client.after("b CREATE 1/2/3/4/5\r\n");
    other.mail_changed();
    EXPECT_THAT(other.after(""), testing::HasSubstr("* OK [NOTIFICATIONOVERFLOW] "));
    EXPECT_THAT(other.after(watch), testing::StartsWith("b NO "));
    EXPECT_EQ(other.after("c NOTIFY SET (mailboxes INBOX (MessageNew MessageExpunge))\r\n"), "c OK Done\r\n");
}

// RFC 5530 §3. The literal is taken, so that the next command is read as one.
TEST_F(SessionTest, MoreThanTheQuotaIsRefused) {
    ASSERT_TRUE(world.account().set_quota({.bytes = 10, .messages = 0}));
    EXPECT_THAT(client.after("b APPEND INBOX {6+}\r\nA: b\r\n\r\n"), testing::StartsWith("b OK [APPENDUID "));
    EXPECT_THAT(
        client.after("c APPEND INBOX {6+}\r\nA: b\r\n\r\nd NOOP\r\n"),
        testing::AllOf(testing::StartsWith("c NO [OVERQUOTA] "), testing::EndsWith("\r\nd OK Done\r\n")));
}

// RFC 8508 §3.4: only what is used more counts.
TEST_F(SessionTest, WhatIsReplacedMakesRoom) {
    ASSERT_TRUE(world.account().set_quota({.bytes = 10, .messages = 1}));
    client.after("b APPEND INBOX {8+}\r\nA: b\r\n\r\n\r\nc SELECT INBOX\r\n");
    EXPECT_THAT(client.after("d REPLACE 1 INBOX {10+}\r\nA: b\r\n\r\nc\n\r\n"),
                testing::EndsWith("\r\nd OK Replaced\r\n"));
    EXPECT_THAT(client.after("e REPLACE 1 INBOX {11+}\r\nA: b\r\n\r\nc\r\n\r\n"),
                testing::StartsWith("e NO [OVERQUOTA] "));
    EXPECT_THAT(client.after("f FETCH 1 (UID RFC822.SIZE)\r\n"),
                testing::StartsWith("* 1 FETCH (UID 2 RFC822.SIZE 10)\r\n"));
    EXPECT_THAT(client.after("g REPLACE 1 INBOX {10+}\r\nA: b\r\n\r\nc\n\r\n"),
                testing::EndsWith("\r\ng OK Replaced\r\n"));
    EXPECT_THAT(client.after("h FETCH 1 BODY.PEEK[TEXT]\r\n"), testing::HasSubstr("{2}\r\nc\n)"));
}

// Before a response is a whole one it is kept: what a client may ask for has an end.
TEST_F(SessionTest, NobodyIsToldTheSameOctetsManyTimesOver) {
    world.deliver("Subject: x\r\n\r\n" + std::string(500'000, 'x'));
    client.after("b SELECT INBOX\r\n");
    std::string items = "BODY.PEEK[] BODY.PEEK[TEXT] BODY.PEEK[1]";
    EXPECT_THAT(client.after(fmt::format("c FETCH 1 ({})\r\n", items)),
                testing::EndsWith("c OK Fetched\r\n"));
    for (int i = 0; i < 50; ++i) items += fmt::format(" BODY.PEEK[]<{}.500000>", i);
    EXPECT_EQ(client.after(fmt::format("d FETCH 1 ({})\r\n", items)),
              "d NO [TOOBIG] Not possible: one FETCH asks for the same octets many times over\r\n");
    EXPECT_EQ(client.after("e FETCH 1 (UID UID UID)\r\n"), "* 1 FETCH (UID 1)\r\ne OK Fetched\r\n");
}

// Each name is looked up in order, and a large header is not searched for ever.
TEST_F(SessionTest, FieldsOfALargeHeaderAreFoundWithinBounds) {
    std::string message;
    while (message.size() < 2'000'000) message += "X: a\r\n";
    world.deliver(message + "Y: b\r\n\r\n");
    client.after("b SELECT INBOX\r\n");
    std::string names = "y";
    for (int i = 0; i < 499; ++i) names += fmt::format(" n{}", i);
    EXPECT_THAT(client.after(fmt::format("c FETCH 1 BODY.PEEK[HEADER.FIELDS ({})]\r\n", names)),
                testing::EndsWith(" {8}\r\nY: b\r\n\r\n)\r\nc OK Fetched\r\n"));
    std::string items;
    for (int i = 0; i < 100; ++i) items += fmt::format(" BODY.PEEK[HEADER.FIELDS (n{})]", i);
    EXPECT_THAT(client.after(fmt::format("d FETCH 1 ({})\r\n", items.substr(1))),
                testing::StartsWith("d NO [TOOBIG]"));
}

TEST_F(SessionTest, AHeaderOfOneFieldOverAndOverIsSearchedOnce) {
    std::string message;
    while (message.size() < 1'000'000) message += "X: a\r\n";
    world.deliver(message + "\r\n");
    client.after("b SELECT INBOX\r\n");
    EXPECT_EQ(client.after("c SEARCH HEADER X b\r\n"), "* SEARCH\r\nc OK Searched\r\n");
    EXPECT_EQ(client.after("d SEARCH HEADER X a\r\n"), "* SEARCH 1\r\nd OK Searched\r\n");
}

// Who has to make room must see what there is.
TEST(Session, MailIsReadOnAFullDiskToo) {
    std::atomic<bool> is_full = false;
    imap_world::World world(engine::make_memory_engine({.before_write = [&is_full](auto) -> Result<void> {
        if (is_full) return fail(Error::Kind::no_space, "the disk is full");
        return {};
    }}));
    world.deliver("Subject: x\r\n\r\nabc");
    is_full = true;
    imap_world::Session client(world, imap_world::open_settings(), session::Security{});
    client.after("a LOGIN ann secret\r\n");
    const auto selected = client.after("b SELECT INBOX\r\n");
    EXPECT_THAT(selected, testing::HasSubstr("* 1 RECENT\r\n"));
    EXPECT_THAT(selected, testing::EndsWith("b OK [READ-WRITE] Selected\r\n"));
    EXPECT_EQ(client.after("c FETCH 1 BODY[TEXT]\r\n"),
              "* 1 FETCH (FLAGS (\\Recent) BODY[TEXT] {3}\r\nabc)\r\nc OK Fetched\r\n");
    EXPECT_THAT(client.after("d STORE 1 +FLAGS (\\Seen)\r\n"), testing::StartsWith("d NO [UNAVAILABLE]"));
}

// RFC 3502 §6.3.11
TEST_F(SessionTest, OfManyMessagesAllAreKeptOrNone) {
    ASSERT_TRUE(world.account().set_quota({.bytes = 10, .messages = 0}));
    EXPECT_THAT(client.after("b APPEND INBOX {6+}\r\nA: b\r\n {6+}\r\nA: c\r\n\r\n"),
                testing::StartsWith("b NO [OVERQUOTA] "));
    EXPECT_THAT(client.after("c STATUS INBOX (MESSAGES UIDNEXT)\r\n"),
                testing::StartsWith("* STATUS INBOX (MESSAGES 0 UIDNEXT 1)\r\n"));
}

// RFC 5465 §5: what a client does itself is no news, what others do in the same moment is.
TEST_F(SessionTest, WhatOthersDoWhileACommandChangesSomethingIsTold) {
    const auto archive = world.account().view().find(store::MailboxName::parse("Archive").value()).value().id;
    const auto trash = world.account().view().find(store::MailboxName::parse("Trash").value()).value().id;
    world.deliver("Subject: one\r\n\r\n");
    client.after(
        "b SELECT INBOX\r\nb NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) "
        "(personal (MessageNew MessageExpunge))\r\n");
    world.deliver("Subject: two\r\n\r\n", archive);
    world.deliver("Subject: three\r\n\r\n");
    const auto said = client.after("c COPY 1 Trash\r\n");
    EXPECT_THAT(said, testing::HasSubstr("* STATUS Archive ("));
    EXPECT_THAT(said, testing::Not(testing::HasSubstr("* STATUS Trash (")));
    EXPECT_THAT(said, testing::HasSubstr("* 2 FETCH (UID 2)\r\n"));
    world.deliver("Subject: four\r\n\r\n", trash);
    EXPECT_THAT(client.after("d CREATE New\r\n"), testing::HasSubstr("* STATUS Trash ("));
    EXPECT_EQ(client.after("e REPLACE 1 New {3+}\r\na:b\r\n"),
              "* OK [APPENDUID 1700000006 1] It has replaced the other\r\n* 1 EXPUNGE\r\n"
              "e OK Replaced\r\n");
}

TEST_F(SessionTest, SoItIsOfOtherMessagesInTheMailboxThatItChanges) {
    const auto trash = world.account().view().find(store::MailboxName::parse("Trash").value()).value().id;
    world.deliver("Subject: one\r\n\r\n");
    client.after(
        "b SELECT INBOX\r\nb NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) "
        "(personal (MessageNew MessageExpunge FlagChange))\r\n");
    world.deliver("Subject: two\r\n\r\n", trash);
    EXPECT_THAT(client.after("c COPY 1 Trash\r\n"), testing::HasSubstr("* STATUS Trash ("));
    EXPECT_THAT(client.after("d COPY 1 Trash\r\n"), testing::Not(testing::HasSubstr("* STATUS Trash (")));
    const store::FlagChange seen{.flags = {store::Flag::seen}};
    ASSERT_TRUE(world.account().change_flags(trash, {store::Uid(1)}, seen));
    EXPECT_THAT(client.after("e COPY 1 Trash\r\n"), testing::HasSubstr("* STATUS Trash ("));
    // In the selected one too.
    world.deliver("Subject: three\r\n\r\n");
    const auto said = client.after("f COPY 1 INBOX\r\n");
    EXPECT_THAT(said, testing::HasSubstr("* 2 FETCH (UID 2)\r\n"));
    EXPECT_THAT(said, testing::Not(testing::HasSubstr("* 3 FETCH (")));
}

TEST_F(SessionTest, SoItIsOfOtherNamesAndAnnotations) {
    const auto name = [](std::string_view text) { return store::MailboxName::parse(text).value(); };
    client.after("b NOTIFY SET (personal (MailboxName SubscriptionChange MailboxMetadataChange))\r\n");
    const auto others = world.account().create(name("Others")).value().id;
    EXPECT_THAT(client.after("c CREATE Mine\r\n"),
                testing::StartsWith("* LIST (\\HasNoChildren) \"/\" Others\r\nc OK "));
    const store::Note note{store::shared_notes, "/comment", "x"};
    ASSERT_TRUE(world.account().annotate(others, std::span(&note, 1)));
    EXPECT_THAT(client.after("d SETMETADATA Mine (/shared/comment \"y\")\r\n"),
                testing::StartsWith("* METADATA Others /shared/comment\r\nd OK "));
    // What is refused has changed nothing.
    ASSERT_TRUE(world.account().subscribe(name("Others"), true));
    EXPECT_THAT(client.after("e CREATE Mine\r\n"),
                testing::StartsWith("* LIST (\\HasNoChildren \\Subscribed) \"/\" Others\r\ne NO "));
    EXPECT_THAT(client.after("f DELETE Mine\r\n"), testing::StartsWith("f OK "));
}

// RFC 5267 §4.3.1: a context whose news are too large ends and its client hears so; the others go on.
TEST_F(SessionTest, AContextOfWhichThereIsTooMuchToTellEnds) {
    client.after(
        "b SELECT INBOX\r\nc SEARCH RETURN (UPDATE (BODY.PEEK[])) ALL\r\n"
        "d SEARCH RETURN (UPDATE (BODY.PEEK[])) ALL\r\n");
    const auto large = "Subject: x\r\n\r\n" + std::string(700'000, 'x');
    world.deliver(large);
    world.deliver(large);
    const auto said = client.after("e NOOP\r\n");
    EXPECT_LT(said.size(), 1'500'000U);
    EXPECT_THAT(said, testing::HasSubstr("* ESEARCH (TAG \"c\") ADDTO (0 1:2)\r\n"));
    EXPECT_THAT(said, testing::HasSubstr("* NO [NOUPDATE \"d\"] "));
    world.deliver("Subject: y\r\n\r\n");
    const auto next = client.after("f NOOP\r\n");
    EXPECT_THAT(next, testing::HasSubstr("* ESEARCH (TAG \"c\") ADDTO (0 3)\r\n"));
    EXPECT_THAT(next, testing::Not(testing::HasSubstr("TAG \"d\"")));
    EXPECT_THAT(client.after("g CANCELUPDATE \"d\"\r\n"), testing::StartsWith("g BAD "));
}

// A change of a flag makes no message long or short; whoever asks for both has it looked into. What that may
// cost has an end.
TEST_F(SessionTest, AContextThatIsTooMuchToLookAtEnds) {
    const auto large = "Subject: x\r\n\r\n" + std::string(std::size_t{1} << 20U, 'a');
    world.deliver(large);
    std::string keys;
    for (int i = 0; i < 200; ++i) keys += fmt::format(" NOT BODY \"aaz{}\"", i);
    EXPECT_THAT(
        client.after("b SELECT INBOX\r\nc SEARCH RETURN (UPDATE) UNSEEN" + keys +
                     "\r\nd SEARCH RETURN (UPDATE) UNSEEN\r\ne SEARCH RETURN (UPDATE) ALL" + keys + "\r\n"),
        testing::HasSubstr("e OK "));
    EXPECT_THAT(client.after("f STORE 1 +FLAGS.SILENT (\\Flagged)\r\n"),
                testing::HasSubstr("* NO [NOUPDATE \"c\"] "));
    const auto seen = client.after("g STORE 1 +FLAGS.SILENT (\\Seen)\r\n");
    EXPECT_THAT(seen, testing::HasSubstr("* ESEARCH (TAG \"d\") REMOVEFROM (0 1)\r\n"));
    EXPECT_THAT(seen, testing::Not(testing::HasSubstr("NOUPDATE")));
    world.deliver(large);
    EXPECT_THAT(client.after("h NOOP\r\n"), testing::HasSubstr("* NO [NOUPDATE \"e\"] "));
}

// RFC 3516 §6: what came by SMTP as it is.
TEST_F(SessionTest, NulIsTakenIntoATransferEncoding) {
    using namespace std::string_view_literals;
    world.deliver("Content-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n\r\na\0b\xff\r\n"sv);
    world.deliver("Subject: a\0b\r\n\r\nc"sv);
    (void)client.after("b SELECT INBOX\r\n");
    const auto said = client.after("c FETCH 1 (BODY BODY.PEEK[1] BINARY.PEEK[1])\r\n");
    EXPECT_THAT(said, testing::StartsWith("* 1 FETCH (BODY (\"image\" \"x\" NIL NIL NIL \"base64\" 10) "
                                          "BODY[1] {10}\r\nYQBi/w0K\r\n BINARY[1] ~{6}\r\na\0b\xff\r\n"sv));
    EXPECT_THAT(client.after("d FETCH 1 BODY.PEEK[]\r\n"),
                testing::HasSubstr("Content-Transfer-Encoding: base64\r\n"));
    EXPECT_THAT(client.after("e FETCH 2 (BODY.PEEK[] BINARY.PEEK[])\r\n"),
                testing::StartsWith("* 2 FETCH (BODY[] {17}\r\nSubject: a?b\r\n\r\nc "
                                    "BINARY[] ~{17}\r\nSubject: a\0b\r\n\r\nc)\r\n"sv));
}

// RFC 9051 §2.3.4: its size is that of BODY[], and STATUS counts no less (§6.3.11).
TEST_F(SessionTest, WhatHidesNulHasTheSizesOfWhatIsTold) {
    using namespace std::string_view_literals;
    const auto came = "Subject: s\r\nContent-Type: image/x\r\n\r\na\0b\xff\r\n"sv;
    const auto told =
        "Subject: s\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: base64\r\n"
        "MIME-Version: 1.0\r\n\r\nYQBi/w0K\r\n"sv;
    world.deliver(came);
    (void)client.after("b SELECT INBOX\r\n");
    EXPECT_EQ(client.after("c FETCH 1 (RFC822.SIZE BODY BODY.PEEK[]<40.1000>)\r\n"),
              fmt::format("* 1 FETCH (RFC822.SIZE {} BODY (\"image\" \"x\" NIL NIL NIL \"base64\" 10) "
                          "BODY[]<40> {{{}}}\r\n{})\r\nc OK Fetched\r\n",
                          told.size(), told.size() - 40, told.substr(40)));
    EXPECT_THAT(client.after("d STATUS INBOX (SIZE)\r\n"),
                testing::HasSubstr(fmt::format("(SIZE {})", told.size())));
    EXPECT_THAT(client.after("e SEARCH LARGER 100\r\n"), testing::StartsWith("* SEARCH 1\r\n"));
    EXPECT_THAT(client.after("f COPY 1 INBOX\r\n"), testing::HasSubstr("f OK"));
    EXPECT_THAT(client.after("g FETCH 2 (RFC822.SIZE BINARY.SIZE[])\r\n"),
                testing::StartsWith(fmt::format("* 2 FETCH (RFC822.SIZE {} BINARY.SIZE[] {})\r\n",
                                                told.size(), came.size())));
}

// RFC 4469 §3: as FETCH BODY gives it, since the client writes the encoding that BODYSTRUCTURE says.
TEST_F(SessionTest, WhatHidesNulIsTakenOverByItsUrlAsItIsTold) {
    using namespace std::string_view_literals;
    world.deliver("Content-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n\r\na\0b\xff\r\n"sv);
    (void)client.after("b SELECT INBOX\r\n");
    const auto header = "Content-Type: image/x\r\nContent-Transfer-Encoding: base64\r\n\r\n"sv;
    EXPECT_THAT(client.after(fmt::format(
                    "c APPEND INBOX CATENATE (TEXT {{{}+}}\r\n{} URL \"/INBOX/;UID=1/;SECTION=1\")\r\n",
                    header.size(), header)),
                testing::HasSubstr("c OK [APPENDUID"));
    EXPECT_THAT(
        client.after("d FETCH 2 (BODY.PEEK[1] BINARY.PEEK[1])\r\n"),
        testing::StartsWith("* 2 FETCH (BODY[1] {10}\r\nYQBi/w0K\r\n BINARY[1] ~{6}\r\na\0b\xff\r\n"sv));
}

// RFC 4467 §9: URLFETCH has an nstring for it; the extended form says what it is (RFC 5524 §3.1).
TEST_F(SessionTest, WhatHidesNulIsNamedByItsUrlAsItIsTold) {
    using namespace std::string_view_literals;
    world.deliver("Content-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n\r\na\0b\xff\r\n"sv);
    const auto account = world.account();
    const auto mailbox = account.view().mailbox(store::inbox).value();
    const auto url = wire::parse_message_url("/INBOX/;UID=1/;SECTION=1").value();
    const auto part = NamedPart::read(account.view(), mailbox, url);
    ASSERT_TRUE(part) << part.error().message;
    EXPECT_EQ(part->octets(), "YQBi/w0K\r\n");
    EXPECT_EQ(part->binary(), "a\0b\xff\r\n"sv);
    std::string told, undone;
    part->put_structure(told, NamedPart::Encoded::as_sent);
    part->put_structure(undone, NamedPart::Encoded::undone);
    EXPECT_EQ(told, R"(("image" "x" NIL NIL NIL "base64" 10))");
    EXPECT_EQ(undone, R"(("image" "x" NIL NIL NIL "binary" 6))");
}

// What is kept of it apart has NUL too.
TEST_F(SessionTest, NulInAHeaderIsToldNowhere) {
    using namespace std::string_view_literals;
    world.deliver("Subject: a\0b\r\nX-A: a\0b\r\n\r\nc\0d\r\n"sv);
    (void)client.after("b SELECT INBOX\r\n");
    const auto said = client.after(
        "c FETCH 1 (ENVELOPE PREVIEW BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (SUBJECT)] "
        "BODY.PEEK[HEADER.FIELDS (X-A)])\r\n");
    EXPECT_THAT(said, testing::HasSubstr("\"a?b\""));
    EXPECT_THAT(said, testing::HasSubstr("Subject: a?b\r\n"));
    EXPECT_THAT(said, testing::HasSubstr("X-A: a?b\r\n"));
    EXPECT_FALSE(said.contains('\0')) << said;
}

// Where nothing has happened nothing is read to know so.
TEST_F(SessionTest, WhatOthersDoIsHeardHoweverQuietItWasBefore) {
    for (int i = 0; i < 20; ++i) world.deliver("Subject: x\r\n\r\ny\r\n");
    (void)client.after("b SELECT INBOX\r\n");
    const store::FlagChange flagged{.flags = {store::Flag::flagged}};
    for (int i = 0; i < 3; ++i) {
        EXPECT_THAT(client.after("c FETCH 3 (FLAGS BODY.PEEK[TEXT])\r\n"),
                    testing::EndsWith(" BODY[TEXT] {3}\r\ny\r\n)\r\nc OK Fetched\r\n"));
    }
    EXPECT_TRUE(world.account().change_flags(store::inbox, {store::Uid(3)}, flagged));
    EXPECT_THAT(client.after("d FETCH 3 (FLAGS BODY.PEEK[TEXT])\r\n"),
                testing::StartsWith("* 3 FETCH (FLAGS (\\Flagged \\Recent) BODY[TEXT]"));
    EXPECT_EQ(client.after("e NOOP\r\n"), "e OK Done\r\n");
    EXPECT_TRUE(world.account().expunge(store::inbox, {store::Uid(3)}, store::Which::all));
    EXPECT_THAT(client.after("f UID FETCH 3 BODY.PEEK[TEXT]\r\n"), testing::StartsWith("* 3 EXPUNGE\r\nf "));
    EXPECT_THAT(client.after("g UID FETCH 4 UID\r\n"), testing::StartsWith("* 3 FETCH (UID 4)\r\ng "));
}

// Others come between two steps of a command.
class InterruptedSession : public testing::Test {
protected:
    InterruptedSession() {
        for (const auto* subject : {"one", "two", "three"})
            world.deliver(fmt::format("Subject: {}\r\n\r\nabc", subject));
        client.after("a LOGIN ann secret\r\na SELECT INBOX\r\n");
    }

    void expunge(store::Uid uid) {
        check(world.account().expunge(store::inbox, {uid}, store::Which::all).has_value(),
              "mail is expunged");
    }

    InterruptedEngine* engine = new InterruptedEngine;
    imap_world::World world{std::unique_ptr<engine::Engine>(engine)};
    imap_world::Session client{world, imap_world::open_settings(), session::Security{}};
};

// RFC 3501 §7: a response is a whole one, and what has gone meanwhile is like what had gone before.
TEST_F(InterruptedSession, WhatIsExpungedWhileItIsFetchedIsLeftOut) {
    engine->before_next_read = [this] { expunge(store::Uid(1)); };
    EXPECT_EQ(client.after("b FETCH 1:2 BODY.PEEK[TEXT]\r\n"),
              "* 2 FETCH (BODY[TEXT] {3}\r\nabc)\r\n"
              "b NO [EXPUNGEISSUED] Some of the messages are there no more\r\n");
    engine->before_next_read = [this] { expunge(store::Uid(2)); };
    EXPECT_EQ(client.after("c UID FETCH 1:* BODY.PEEK[TEXT]\r\n"),
              "* 3 FETCH (UID 3 BODY[TEXT] {3}\r\nabc)\r\n"
              "* 1 EXPUNGE\r\n* 1 EXPUNGE\r\nc OK Fetched\r\n");
}

TEST_F(InterruptedSession, WhatIsExpungedWhileItIsSearchedIsNotFound) {
    engine->before_next_read = [this] { expunge(store::Uid(1)); };
    EXPECT_EQ(client.after("b UID SEARCH TEXT abc\r\n"), "* SEARCH 2 3\r\n* 1 EXPUNGE\r\nb OK Searched\r\n");
}

// RFC 5267 §4.3: what has gone before its place could be told never had one. Another session has read the
// keys of those that are left.
TEST_F(InterruptedSession, WhatIsExpungedWhileItIsSortedIntoAContextIsLeftOut) {
    auto settings = imap_world::open_settings();
    settings.keys = std::make_shared<KeyCache>();
    imap_world::Session sorting(world, settings, {}), other(world, settings, {});
    for (auto* session : {&sorting, &other}) session->after("a LOGIN ann secret\r\na SELECT INBOX\r\n");
    sorting.after("b SORT RETURN (UPDATE) (SUBJECT) UTF-8 TEXT abc\r\n");
    for (const auto* subject : {"z", "m", "a"}) world.deliver(fmt::format("Subject: {}\r\n\r\nabc", subject));
    // When the last is read the second has been found.
    const auto at_the_last = [&] {
        expunge(store::Uid(5));
        other.after("b SORT (SUBJECT) UTF-8 ALL\r\n");
    };
    engine->before_next_read = [&] {
        engine->before_next_read = [&] { engine->before_next_read = at_the_last; };
    };
    EXPECT_THAT(sorting.after("c NOOP\r\n"), testing::HasSubstr("* ESEARCH (TAG \"b\") ADDTO (1 6 5 4)\r\n"));
}

// Nobody has asked for it: who fetches it hears why it cannot be told.
TEST_F(InterruptedSession, NewsOfADamagedMessageIsPassedOver) {
    client.after("b NOTIFY SET (selected (MessageNew (UID BODY.PEEK[TEXT]) MessageExpunge))\r\n");
    world.deliver("Subject: four\r\n\r\nabc");
    engine->is_damaged = true;
    EXPECT_EQ(client.after("c NOOP\r\n"), "* 4 EXISTS\r\n* 4 RECENT\r\nc OK Done\r\n");
    EXPECT_THAT(client.after("d FETCH 4 BODY.PEEK[TEXT]\r\n"), testing::HasSubstr("d NO "));
    engine->is_damaged = false;
    EXPECT_THAT(client.after("e FETCH 4 BODY.PEEK[TEXT]\r\n"), testing::HasSubstr("abc)\r\ne OK "));
}

// RFC 3501 §6.4.7: a COPY that fails leaves nothing behind.
TEST_F(InterruptedSession, WhatIsExpungedWhileItIsCopiedLeavesNothingBehind) {
    engine->before_next_write = [this] { expunge(store::Uid(2)); };
    EXPECT_EQ(client.after("b COPY 1:3 Archive\r\n"),
              "* 2 EXPUNGE\r\nb NO [EXPUNGEISSUED] Some of the messages are there no more\r\n");
    EXPECT_THAT(client.after("c STATUS Archive (MESSAGES)\r\n"),
                testing::StartsWith("* STATUS Archive (MESSAGES 0)"));
}

// RFC 4467 §8: the clock tells nobody who has an account here, nor which mailboxes there are.
TEST_F(InterruptedSession, ToFetchFromNobodysMailIsAsMuchWorkAsFromSomebodys) {
    const auto work_for = [this](std::string_view url) {
        const auto before = engine->snapshots;
        const auto said = client.after(
            fmt::format("b URLFETCH \"imap://{}/INBOX/;uid=1;urlauth=anonymous:internal:{}\"\r\n", url,
                        std::string(66, '0')));
        EXPECT_THAT(said, testing::HasSubstr(" NIL\r\nb OK ")) << said;
        return engine->snapshots - before;
    };
    const auto of_somebody = work_for("bob@example.test");
    EXPECT_GT(of_somebody, 0U);
    EXPECT_EQ(work_for("nobody@example.test"), of_somebody);
    EXPECT_EQ(work_for("nobody"), of_somebody);
}

// RFC 3501 §6.4.6: who stores in silence knows the flags, except for those that others set meanwhile.
TEST_F(InterruptedSession, StoringInSilenceHidesNothing) {
    engine->before_next_write = [this] {
        const store::FlagChange flagged{.flags = {store::Flag::flagged}};
        check(world.account().change_flags(store::inbox, {store::Uid(1)}, flagged).has_value(),
              "flags change");
    };
    EXPECT_EQ(client.after("b STORE 1:2 +FLAGS.SILENT (\\Seen)\r\n"),
              "* 1 FETCH (FLAGS (\\Flagged \\Seen \\Recent))\r\nb OK Stored\r\n");
}

}  // namespace
}  // namespace hongyan::imap
