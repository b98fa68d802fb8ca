#include "directory/name.h"

#include <gtest/gtest.h>

#include "message/address.h"

namespace hongyan::directory {
namespace {

TEST(DomainName, IsTheSameInEveryNotation) {
    struct Row {
        std::string_view text, ascii, unicode;
    };
    const Row rows[] = {
        {"Example.ORG", "example.org", "example.org"},
        {"localhost", "localhost", "localhost"},
        {"Bücher.example", "xn--bcher-kva.example", "bücher.example"},
        {"bu\u0308cher.example", "xn--bcher-kva.example", "bücher.example"},
        {"XN--bcher-KVA.example", "xn--bcher-kva.example", "bücher.example"},
        {"鸿雁.中国", "xn--9n5an1m.xn--fiqs8s", "鸿雁.中国"},
        {"ｅｘａｍｐｌｅ。org", "example.org", "example.org"},
        {"exam\u200bple.org", "example.org", "example.org"},
        {"faß.de", "xn--fa-hia.de", "faß.de"},
    };
    for (const auto& row : rows) {
        const auto name = DomainName::parse(row.text);
        ASSERT_TRUE(name) << row.text << ": " << name.error().message;
        EXPECT_EQ(name->ascii(), row.ascii);
        EXPECT_EQ(name->unicode(), row.unicode);
        EXPECT_EQ(DomainName::parse(name->ascii()), *name);
        EXPECT_EQ(DomainName::parse(name->unicode()), *name);
    }
}

TEST(DomainName, WhatIsNoneIsRefused) {
    for (const auto* bad : {"", ".", "a..b", ".a", "a.", "-a.b", "a-.b", "a_b.c", "a b", "a@b", "[192.0.2.1]",
                            "xn--a", "\xff.example", "a\u0020.example", "*.example"})
        EXPECT_FALSE(DomainName::parse(bad)) << bad;
    EXPECT_FALSE(DomainName::parse(std::string_view("a\0b", 3)));
    EXPECT_FALSE(DomainName::parse(std::string(64, 'a') + ".org"));
    std::string long_name = "org";
    while (long_name.size() <= message::max_domain) long_name += ".abcdefgh";
    EXPECT_FALSE(DomainName::parse(long_name));
}

TEST(Name, ComparesWithoutCaseAndInNfc) {
    EXPECT_EQ(Name::parse("Ann.Smith@Example.org"), Name::parse("ann.smith@example.org"));
    EXPECT_EQ(Name::parse("A\u0308rger@example.org")->local_part, "ärger");
    EXPECT_EQ(Name::parse("用户@鸿雁.中国")->local_part, "用户");
    EXPECT_EQ(to_string(*Name::parse("X@xn--bcher-kva.example")), "x@bücher.example");
    EXPECT_EQ(Name::parse("\"ann\"@example.org")->local_part, "ann");
    EXPECT_EQ(Name::parse("@example.org")->local_part, "");
}

TEST(Name, WhatWouldNeedQuotesIsRefused) {
    for (const auto* bad : {"ann", "a b@x.org", "a..b@x.org", ".a@x.org", "a.@x.org", "\"a b\"@x.org",
                            "a@b@x.org", "a\n@x.org", "\xff@x.org", "a@", "a,b@x.org", "<a@x.org>"})
        EXPECT_FALSE(Name::parse(bad)) << bad;
    EXPECT_TRUE(Name::parse(std::string(message::max_local_part, 'a') + "@x.org"));
    EXPECT_FALSE(Name::parse(std::string(message::max_local_part + 1, 'a') + "@x.org"));
}

}  // namespace
}  // namespace hongyan::directory
