#include "admin/listing.h"

#include <gtest/gtest.h>

namespace hongyan::admin {
namespace {

TEST(Listing, ColumnsStandUnderEachOtherWhateverTheScript) {
    Listing listing({"name", "messages"});
    listing.add({std::string("INBOX"), std::uint64_t{3}});
    listing.add({std::string("收件箱"), std::uint64_t{12}});
    EXPECT_EQ(listing.table(),
              "NAME    MESSAGES\n"
              "INBOX   3\n"
              "收件箱  12\n");
}

TEST(Listing, JsonKeepsNumbersTextsAndLists) {
    Listing listing({"name", "size", "on", "flags"});
    listing.add({std::string("a\"b"), std::uint64_t{7}, true, std::vector<std::string>{"x", "y"}});
    EXPECT_EQ(listing.json(), "[{\"name\":\"a\\\"b\",\"size\":7,\"on\":true,\"flags\":[\"x\",\"y\"]}]\n");
    EXPECT_EQ(Listing({"name"}).json(), "[]\n");
}

TEST(Listing, ATableCutsWhatIsTooWideAndJsonDoesNot) {
    Listing listing({{"subject", 6}});
    listing.add({std::string("中文主题")});
    EXPECT_EQ(listing.table(), "SUBJECT\n中文…\n");
    EXPECT_EQ(listing.json(), "[{\"subject\":\"中文主题\"}]\n");
}

TEST(LongListing, IsWrittenPageByPageAndReadsAsOne) {
    for (const bool as_json : {false, true}) {
        Listing whole({"name", "size"});
        std::string written;
        std::size_t pages = 0;
        LongListing listing({"name", "size"}, as_json, [&](std::string_view text) {
            written += text;
            ++pages;
        });
        for (std::uint64_t i = 0; i < 1000; ++i) {
            const std::vector<Cell> row{fmt::format("{:04}", i), 1000 + i};
            whole.add(row);
            listing.add(row);
            if (i % 100 == 99) listing.write(LongListing::Page::more);
        }
        listing.write(LongListing::Page::last);
        EXPECT_EQ(written, as_json ? whole.json() : whole.table());
        EXPECT_GE(pages, 10U);
    }
}

TEST(LongListing, ThatIsEmptyIsAListToo) {
    std::string written;
    const auto keep = [&written](std::string_view text) { written += text; };
    LongListing(std::vector<Column>{{"name"}}, true, keep).write(LongListing::Page::last);
    LongListing(std::vector<Column>{{"name"}}, false, keep).write(LongListing::Page::last);
    EXPECT_EQ(written, "[]\nNAME\n");
}

TEST(LongListing, ColumnsGrowWithThePages) {
    std::string written;
    LongListing listing({"name", "size"}, false, [&written](std::string_view text) { written += text; });
    listing.add({std::string("a"), std::uint64_t{1}});
    listing.write(LongListing::Page::more);
    listing.add({std::string("longer"), std::uint64_t{2}});
    listing.write(LongListing::Page::last);
    EXPECT_EQ(written,
              "NAME  SIZE\n"
              "a     1\n"
              "longer  2\n");
}

TEST(Printable, NothingInAMessageDrivesTheTerminal) {
    EXPECT_EQ(printable("a\x1b[31mb"), "a�[31mb");
    EXPECT_EQ(printable("a\xe2\x80\xae"
                        "b"),
              "a�b");  // right-to-left override
    EXPECT_EQ(printable("bad \xff utf-8"), "bad � utf-8");
    EXPECT_EQ(printable("好"), "好");
}

TEST(HumanSize, HasOneDigitBehindThePoint) {
    EXPECT_EQ(human_size(0), "0 B");
    EXPECT_EQ(human_size(1023), "1023 B");
    EXPECT_EQ(human_size(1536), "1.5 KiB");
    EXPECT_EQ(human_size(std::uint64_t{5} << 30U), "5.0 GiB");
}

}  // namespace
}  // namespace hongyan::admin
