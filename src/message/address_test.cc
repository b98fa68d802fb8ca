#include "message/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace hongyan::message {
namespace {

using Kind = ListedAddress::Kind;

ListedAddress mailbox(std::string name, std::string local_part, std::string domain, std::string route = "") {
    return {Kind::mailbox, std::move(name), std::move(route), std::move(local_part), std::move(domain)};
}
ListedAddress group(std::string name) { return {Kind::group_start, std::move(name), "", "", ""}; }
const ListedAddress group_end{Kind::group_end, "", "", "", ""};

TEST(Address, SplitsAtTheLastAtSign) {
    const auto address = parse_address(R"("a@b"@Example.ORG)");
    ASSERT_TRUE(address);
    EXPECT_EQ(address->local_part.text(), "a@b");
    EXPECT_EQ(address->domain.text(), "example.org");
    EXPECT_EQ(address->to_string(), R"("a@b"@example.org)");
}

TEST(Address, WaysOfWritingOneLocalPartAreOne) {
    for (const auto* written : {"ann@here.test", R"("ann"@here.test)", R"("a\nn"@HERE.test)"})
        EXPECT_EQ(*parse_address(written), *parse_address("ann@here.test")) << written;
    EXPECT_NE(*parse_address("Ann@here.test"), *parse_address("ann@here.test"));
}

TEST(Address, WhatRfc5321AllowsIsTakenAndWrittenInItsShortestForm) {
    struct Row {
        std::string_view text;
        std::string_view written;
    };
    const auto longest = std::string(255, 'a') + "@" + std::string(63, 'b') + ".test";
    const Row rows[] = {
        {"ann@here.test", "ann@here.test"},
        {"ann.lee+tag@sub.here.test", "ann.lee+tag@sub.here.test"},
        {"!#$%&'*+-/=?^_`{|}~@here.test", "!#$%&'*+-/=?^_`{|}~@here.test"},
        {R"("ann lee"@here.test)", R"("ann lee"@here.test)"},
        {R"("\"\\"@here.test)", R"("\"\\"@here.test)"},
        {R"(""@here.test)", R"(""@here.test)"},
        {R"("..")"
         "@here.test",
         R"("..")"
         "@here.test"},
        {"ann@localhost", "ann@localhost"},
        {"ann@1.2", "ann@1.2"},
        {"ann@[192.0.2.1]", "ann@[192.0.2.1]"},
        {"ann@[ipv6:2001:DB8:0:0:0:0:0:1]", "ann@[IPv6:2001:db8::1]"},
        {"鸿雁@例子.测试", "鸿雁@例子.测试"},
        {"ann@xn--fsqu00a.test", "ann@xn--fsqu00a.test"},
        {longest, longest},
    };
    for (const auto& [text, written] : rows) {
        const auto address = parse_address(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->to_string(), written);
        EXPECT_EQ(*parse_address(address->to_string()), *address);
    }
}

TEST(Address, WhatRfc5321ForbidsIsRefused) {
    const std::string rows[] = {
        "",
        "ann",
        "@here.test",
        "ann@",
        "ann@here.test ",
        " ann@here.test",
        "<ann@here.test>",
        ".ann@here.test",
        "ann.@here.test",
        "an..n@here.test",
        "an n@here.test",
        "ann@.test",
        "ann@here..test",
        "ann@here.test.",
        "ann@-here.test",
        "ann@here-.test",
        "ann@he_re.test",
        "ann@he re.test",
        R"("ann@here.test)",
        R"(a"nn"@here.test)",
        "\"a\nn\"@here.test",
        "ann(x)@here.test",
        "ann@[192.0.2]",
        "ann@[192.0.2.256]",
        "ann@[IPv6:192.0.2.1]",
        "ann@[2001:db8::1]",
        "ann@[192.0.2.1",
        "ann@[x:y]",
        "ann@\xff.test",
        "\xc0\x80@here.test",
        std::string(256, 'a') + "@here.test",
        "ann@" + std::string(64, 'b') + ".test",
        "ann@" + std::string(120, 'b').replace(60, 1, ".") + "." + std::string(120, 'c').replace(60, 1, ".") +
            "." + std::string(20, 'd'),
        std::string("ann@[192.0.2.1\0]", 16),
        std::string("a\0nn@here.test", 14),
    };
    for (const auto& text : rows) EXPECT_FALSE(parse_address(text)) << text;
}

TEST(Address, LettersBeyondAsciiNeedSmtputf8) {
    EXPECT_FALSE(parse_address("鸿雁@here.test", International::no));
    EXPECT_FALSE(parse_address("ann@例子.测试", International::no));
    EXPECT_TRUE(parse_address("鸿雁@here.test")->is_international());
    EXPECT_FALSE(parse_address("ann@here.test", International::no)->is_international());
}

// RFC 5321 §4.5.3.1: what everybody must take are 64 octets of local part and 256 of path.
TEST(Path, MayHaveALongLocalPartWithinTheLengthOfAPath) {
    const std::string domain = "@here.test";
    const std::string fits(max_path - domain.size() - 2, 'a');
    for (const auto& local_part : {std::string(65, 'a'), fits})
        EXPECT_EQ(parse_path("<" + local_part + domain + ">")->address->local_part.text(), local_part);
    EXPECT_FALSE(parse_path("<" + fits + "a" + domain + ">"));
    EXPECT_FALSE(parse_path("<" + std::string(100'000, 'a') + domain + ">"));
    EXPECT_TRUE(parse_path("<@" + std::string(60, 'r') + ".test:" + fits + domain + ">"))
        << "a route is no part of it";
}

TEST(Path, IsAMailboxOrNullOrPostmaster) {
    EXPECT_EQ(parse_path("<ann@here.test>")->address, *parse_address("ann@here.test"));
    EXPECT_EQ(parse_path("<@a.test,@b.test:ann@here.test>")->address, *parse_address("ann@here.test"));
    EXPECT_EQ(parse_path(R"(<"a>b"@here.test>)")->address, *parse_address(R"("a>b"@here.test)"));
    EXPECT_TRUE(parse_path("<>")->is_null());
    EXPECT_TRUE(parse_path("<PostMaster>")->is_postmaster);
    for (const auto* bad :
         {"", "ann@here.test", "<ann>", "<ann@here.test", "<ann@here.test> ", "< ann@here.test>",
          "<@a.test:>", "<@a.test ann@here.test>", "<<ann@here.test>>", "<postmaster@>", "<@:a@b>"})
        EXPECT_FALSE(parse_path(bad)) << bad;
}

TEST(Path, IsTakenOffTheFront) {
    std::string_view text = "<ann@here.test> SIZE=100";
    EXPECT_TRUE(take_path(text));
    EXPECT_EQ(text, " SIZE=100");
    std::string_view bad = "<ann here.test> SIZE=100";
    EXPECT_FALSE(take_path(bad));
    EXPECT_EQ(bad, "<ann here.test> SIZE=100");
}

struct ListRow {
    std::string_view value;
    AddressList list;
};

TEST(AddressList, TheExamplesOfRfc5322AppendixAAreRead) {
    const ListRow rows[] = {
        {"John Doe <jdoe@machine.example>", {mailbox("John Doe", "jdoe", "machine.example")}},  // A.1.1
        {"\"Joe Q. Public\" <john.q.public@example.com>",                                       // A.1.2
         {mailbox("Joe Q. Public", "john.q.public", "example.com")}},
        {"Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
         {mailbox("Mary Smith", "mary", "x.test"), mailbox("", "jdoe", "example.org"),
          mailbox("Who?", "one", "y.test")}},
        {"<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>",
         {mailbox("", "boss", "nil.test"), mailbox("Giant; \"Big\" Box", "sysservices", "example.net")}},
        {"A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",  // A.1.3
         {group("A Group"), mailbox("Ed Jones", "c", "a.test"), mailbox("", "joe", "where.test"),
          mailbox("John", "jdoe", "one.test"), group_end}},
        {"Undisclosed recipients:;", {group("Undisclosed recipients"), group_end}},
        {"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
         {mailbox("Pete", "pete", "silly.test")}},  // A.5
        {"A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n         "
         "joe@example.org,\r\n"
         "  John <jdoe@one.test> (my dear friend); (the end of the group)",
         {group("A Group"), mailbox("Chris Jones", "c", "public.example"), mailbox("", "joe", "example.org"),
          mailbox("John", "jdoe", "one.test"), group_end}},
        {"(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;",
         {group("Hidden recipients"), group_end}},
        {"Joe Q. Public <john.q.public@example.com>",
         {mailbox("Joe Q. Public", "john.q.public", "example.com")}},  // A.6.1
        {"Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
         {mailbox("Mary Smith", "mary", "example.net", "@node.test"), mailbox("", "jdoe", "test.example")}},
        {"John Doe <jdoe@machine(comment).  example>",
         {mailbox("John Doe", "jdoe", "machine.example")}},  // A.6.3
        {"Mary Smith\r\n\r\n          <mary@example.net>", {mailbox("Mary Smith", "mary", "example.net")}},
    };
    for (const auto& [value, list] : rows) EXPECT_EQ(parse_address_list(value), list) << value;
}

TEST(AddressList, RealMailIsReadThoughItBreaksTheRules) {
    const ListRow rows[] = {
        {"", {}},
        {" , ,", {}},
        {"ann@here.test (Ann Lee)", {mailbox("Ann Lee", "ann", "here.test")}},
        {"ann@here.test (Ann (the \\(great) Lee)", {mailbox("Ann (the (great) Lee", "ann", "here.test")}},
        {"ann", {mailbox("", "ann", "")}},
        {"Ann Lee", {mailbox("Ann Lee", "", "")}},
        {"\"Ann\"", {mailbox("Ann", "", "")}},
        {"Ann Lee ann@here.test", {mailbox("Ann Lee", "ann", "here.test")}},
        {"<ann@here.test", {mailbox("", "ann", "here.test")}},
        {"<ann@here.test, <bob@here.test>",
         {mailbox("", "ann", "here.test"), mailbox("", "bob", "here.test")}},
        {"<<ann@here.test>>", {mailbox("", "ann", "here.test")}},
        {"< ann @ here.test >", {mailbox("", "ann", "here.test")}},
        {"ann @ here . test", {mailbox("", "ann", "here.test")}},
        {"ann@here.test <bob@here.test>", {mailbox("ann@here.test", "bob", "here.test")}},
        {"<ann@here.test> <bob@here.test>",
         {mailbox("", "ann", "here.test"), mailbox("", "bob", "here.test")}},
        {"ann@here.test; bob@here.test", {mailbox("", "ann", "here.test"), mailbox("", "bob", "here.test")}},
        {"<@a.test,@b.test:ann@here.test>", {mailbox("", "ann", "here.test", "@a.test,@b.test")}},
        {"\"ann lee\"@here.test", {mailbox("", "ann lee", "here.test")}},
        {"\"a@b\"@here.test", {mailbox("", "a@b", "here.test")}},
        {"\"Ann <ann@here.test>", {mailbox("Ann", "ann", "here.test")}},
        {"Ann :( <ann@here.test>", {mailbox("Ann :(", "ann", "here.test")}},
        {"RE: Ann <ann@here.test>", {mailbox("RE: Ann", "ann", "here.test")}},
        {"friends: ann@here.test", {mailbox("friends:", "ann", "here.test")}},
        {"undisclosed-recipients:", {group("undisclosed-recipients"), group_end}},
        {"=?utf-8?Q?Lee, Ann?= <ann@here.test>", {mailbox("=?utf-8?Q?Lee, Ann?=", "ann", "here.test")}},
        {"=?GB2312?B?wO6wsg==?= <ann@here.test>", {mailbox("=?GB2312?B?wO6wsg==?=", "ann", "here.test")}},
        {"\"=?utf-8?B?5p2O5a6J?=\" <ann@here.test>", {mailbox("=?utf-8?B?5p2O5a6J?=", "ann", "here.test")}},
        {"李安 <ann@here.test>", {mailbox("李安", "ann", "here.test")}},
        {"ann@[192.0.2.1]", {mailbox("", "ann", "[192.0.2.1]")}},
        {"<>", {mailbox("", "", "")}},
        {"<@a@b,c\"d:\":x>", {mailbox("", "@a", "b,cd::x")}},
        {"<@\\[:]", {mailbox("", "]", "", "@")}},
        {"<@[1],@\\[2:a@[3]>", {mailbox("", "a", "[3]", "@[1],@2")}},
        {"Ann \\, Lee <ann@here.test>", {mailbox("Ann , Lee", "ann", "here.test")}},
        {"\"Ann\r\n Lee\" <ann@here.test>", {mailbox("Ann Lee", "ann", "here.test")}},
        {"g: ann@here.test", {mailbox("g:", "ann", "here.test")}},
        {"g: ann@here.test; h: bob@here.test, c@d;",
         {group("g"), mailbox("", "ann", "here.test"), group_end, group("h"), mailbox("", "bob", "here.test"),
          mailbox("", "c", "d"), group_end}},
    };
    for (const auto& [value, list] : rows) {
        EXPECT_EQ(parse_address_list(value), list) << value;
        EXPECT_EQ(parse_address_list(to_string(list)), list) << to_string(list);
    }
}

TEST(AddressList, ABackslashThatIsHalfACharacterOfGbkEscapesNothing) {
    EXPECT_EQ(parse_address_list("\"\xd5\x5c\" <ann@here.test>"),
              (AddressList{mailbox("\xd5\x5c", "ann", "here.test")}));
}

TEST(AddressList, WhateverIsUnclosedCostsNoMoreThanOneLook) {
    for (const auto* piece :
         {"(", "((a)", "\"", "\"\\", "<",  "[",    "<@a:", "=?a?q?", "=?a?q?x ", "a:",     "a:;", "<a@b, ",
          ":", "@",    ". ", "a@ ",  "\\", "(a))", "@ ",   "@>",     ">@",       "@\r\n ", "\" ", " ."}) {
        std::string value;
        while (value.size() < 1'000'000) value += piece;
        EXPECT_LE(parse_address_list(value).size(), max_listed_addresses + 1) << piece;
    }
}

TEST(AddressList, WhatIsWrittenReadsBack) {
    EXPECT_TRUE(
        rc::check("parse(to_string(parse(text))) is parse(text)", [](const std::vector<std::uint8_t>& bytes) {
            std::string text;
            for (const auto byte : bytes) text += "ab .@,;:<>()[]\"\\=?q\r\n"[byte % 22];
            const auto list = parse_address_list(text);
            RC_ASSERT(parse_address_list(to_string(list)) == list);
        }));
}

TEST(Mailbox, HasItsNameForPeople) {
    EXPECT_THAT(mailboxes_in("=?GB2312?B?wO6wsg==?= <Ann@Here.test>, nobody, g: bob@here.test;"),
                testing::ElementsAre(Mailbox{"李安", *parse_address("Ann@here.test")},
                                     Mailbox{"", *parse_address("bob@here.test")}));
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const ListedAddress& item) {
    return out << static_cast<int>(item.kind) << " {" << item.name << "} {" << item.route << "} {"
               << item.local_part << "} {" << item.domain << "}";
}

}  // namespace hongyan::message
