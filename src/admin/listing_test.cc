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
