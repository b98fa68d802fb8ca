#include "dsn/notify.h"

#include <gtest/gtest.h>

#include "dsn/automatic.h"
#include "dsn/typed_address.h"

namespace hongyan::dsn {
namespace {

constexpr Action all_actions[] = {Action::failed, Action::delayed, Action::delivered, Action::relayed,
                                  Action::expanded};

TEST(Notify, ReadsBackWhatItWrites) {
    for (const auto* text : {"", "NEVER", "SUCCESS", "SUCCESS,FAILURE", "SUCCESS,FAILURE,DELAY", "DELAY"})
        EXPECT_EQ(to_string(parse_notify(text)), text);
    EXPECT_EQ(to_string(parse_notify("failure, success")), "SUCCESS,FAILURE");
    EXPECT_EQ(to_string(parse_notify("NONSENSE")), "");
}

// RFC 3461 §5.2.2 to §5.2.7: a row for each wish, a column for each action.
TEST(Notify, DecidesWhoIsToldOfWhat) {
    const struct {
        const char* notify;
        bool failed, delayed, others;
    } rows[] = {
        {"", true, true, false},
        {"NEVER", false, false, false},
        {"SUCCESS", false, false, true},
        {"FAILURE", true, false, false},
        {"DELAY", false, true, false},
        {"FAILURE,DELAY", true, true, false},
        {"SUCCESS,FAILURE", true, false, true},
    };
    for (const auto& row : rows) {
        const auto notify = parse_notify(row.notify);
        EXPECT_EQ(is_wanted("ann@here.test", notify, Action::failed), row.failed) << row.notify;
        EXPECT_EQ(is_wanted("ann@here.test", notify, Action::delayed), row.delayed) << row.notify;
        for (const auto action : {Action::delivered, Action::relayed, Action::expanded})
            EXPECT_EQ(is_wanted("ann@here.test", notify, action), row.others) << row.notify;
    }
}

TEST(Notify, NobodyBouncesABounce) {
    for (const auto* wish : {"", "SUCCESS,FAILURE,DELAY"})
        for (const auto action : all_actions) EXPECT_FALSE(is_wanted("", parse_notify(wish), action));
    EXPECT_TRUE(concerns_postmaster("", parse_notify(""), Action::failed));
    EXPECT_FALSE(concerns_postmaster("", parse_notify("NEVER"), Action::failed));
    EXPECT_FALSE(concerns_postmaster("", parse_notify(""), Action::delayed));
    EXPECT_FALSE(concerns_postmaster("ann@here.test", parse_notify(""), Action::failed));
}

TEST(Notify, GoesToMembersWithoutSuccess) {
    EXPECT_EQ(to_string(without_success(parse_notify("SUCCESS,FAILURE"))), "FAILURE");
    EXPECT_EQ(to_string(without_success(parse_notify("SUCCESS"))), "NEVER");
    EXPECT_EQ(to_string(without_success(parse_notify(""))), "");
}

TEST(Status, IsReadAndWritten) {
    for (const auto* text : {"5.1.1", "4.4.7", "2.0.0", "5.7.999"})
        EXPECT_EQ(to_string(*parse_status(text)), text);
    EXPECT_EQ(to_string(*parse_status(" 5.1.1 (no such user)")), "5.1.1");
    for (const auto* text :
         {"", "5", "5.1", "5.1.", "3.1.1", "5.1.1000", "5.1.1.1", "5.1.1x", "-5.1.1", "192.0.2.1"})
        EXPECT_FALSE(parse_status(text)) << text;
    std::string_view text = "5.1.1 nobody";
    EXPECT_TRUE(take_status(text));
    EXPECT_EQ(text, "nobody");
}

TEST(Status, HasTheClassOfTheAction) {
    EXPECT_EQ(to_string(status_for(Action::failed, parse_status("4.4.1"))), "5.4.1");
    EXPECT_EQ(to_string(status_for(Action::failed, std::nullopt)), "5.0.0");
    EXPECT_EQ(to_string(status_for(Action::delayed, std::nullopt)), "4.0.0");
    EXPECT_EQ(to_string(status_for(Action::relayed, parse_status("2.1.9"))), "2.1.9");
}

TEST(Action, IsReadInAnyCaseWithAComment) {
    for (const auto action : all_actions) EXPECT_EQ(parse_action(to_string(action)), action);
    EXPECT_EQ(parse_action(" Delivered (to mailbox)"), Action::delivered);
    EXPECT_EQ(parse_action("Failed;x"), Action::failed);
    EXPECT_EQ(parse_action("failure"), std::nullopt);
    EXPECT_EQ(parse_action(""), std::nullopt);
}

// RFC 6533 §3
TEST(TypedAddress, EscapesInternationalAddresses) {
    EXPECT_EQ(to_string(typed_address("ann@here.test"), Letters::ascii), "rfc822;ann@here.test");
    EXPECT_EQ(to_string(typed_address("王+=\\@here.test"), Letters::ascii),
              "utf-8;\\x{738B}\\x{2B}\\x{3D}\\x{5C}@here.test");
    EXPECT_EQ(to_string(typed_address("王@here.test"), Letters::utf8), "utf-8;王@here.test");
    EXPECT_EQ(from_utf8_xtext(to_utf8_xtext("\x01 王😀+\\\x7f")), "\x01 王😀+\\\x7f");
    for (const auto* broken : {"\\x{", "\\x{}", "\\x{D800}", "\\x{110000}", "\\x{1234567}", "\\x{zz}", "\\"})
        EXPECT_EQ(from_utf8_xtext(broken), broken);
}

TEST(TypedAddress, IsReadWithItsTypeAndWithout) {
    EXPECT_EQ(parse_typed_address(" RFC822 ; ann@here.test "), (TypedAddress{"rfc822", "ann@here.test"}));
    EXPECT_EQ(parse_typed_address("ann@here.test"), (TypedAddress{"rfc822", "ann@here.test"}));
    EXPECT_EQ(parse_typed_address("utf-8;\\x{738B}@here.test"), (TypedAddress{"utf-8", "王@here.test"}));
    EXPECT_EQ(parse_typed_address("x400;a;b"), (TypedAddress{"x400", "a;b"}));
}

TEST(TypedAddress, CannotAddAField) {
    EXPECT_EQ(to_string(parse_typed_address("rfc822;a\r\nStatus: 2.0.0"), Letters::ascii),
              "rfc822;a  Status: 2.0.0");
    EXPECT_EQ(to_ascii_text("a\xff王"), "a?\\x{738B}");
}

TEST(Automatic, IsKnownByTheFirstSign) {
    const struct {
        const char* sender;
        const char* header;
        Automatic automatic;
    } rows[] = {
        {"ann@here.test", "Subject: hello\r\n", Automatic::no},
        {"", "Subject: hello\r\n", Automatic::null_sender},
        {"ann@here.test", "Auto-Submitted: no\r\n", Automatic::no},
        {"ann@here.test", "Auto-Submitted: No (a person)\r\n", Automatic::no},
        {"ann@here.test", "auto-submitted: auto-generated; owner=x\r\n", Automatic::auto_submitted},
        {"ann@here.test", "Auto-Submitted:\r\n auto-replied\r\n", Automatic::auto_submitted},
        {"ann@here.test", "Precedence: bulk\r\nList-Id: <a.b>\r\n", Automatic::list},
        {"ann@here.test", "List-Unsubscribe: <mailto:x@y>\r\n", Automatic::list},
        {"ann@here.test", "Precedence: Junk\r\n", Automatic::precedence},
        {"ann@here.test", "Precedence: first-class\r\n", Automatic::no},
        {"ann@here.test", "X-Auto-Response-Suppress: All\r\n", Automatic::marked},
        {"ann@here.test", "X-Auto-Response-Suppress: None\r\n", Automatic::no},
        {"ann@here.test", "Subject: x\r\n\r\nPrecedence: bulk\r\n", Automatic::no},
        {"MAILER-DAEMON@here.test", "", Automatic::daemon},
        {"owner-list@here.test", "", Automatic::daemon},
        {"list-request@here.test", "", Automatic::daemon},
        {"-request@here.test", "", Automatic::no},
        {"requester@here.test", "", Automatic::no},
    };
    for (const auto& row : rows)
        EXPECT_EQ(find_automatic(row.sender, row.header), row.automatic) << row.header << row.sender;
}

}  // namespace
}  // namespace hongyan::dsn
