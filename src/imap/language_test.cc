#include "imap/language.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "message/utf8.h"

namespace hongyan::imap {
namespace {

std::string found(const std::vector<std::string_view>& wishes) {
    const auto language = find_language(wishes);
    return language ? std::string(to_string(*language)) : "none";
}

TEST(Language, IsFoundByLessAndLessOfAWish) {
    EXPECT_EQ(found({"en"}), "en");
    EXPECT_EQ(found({"EN-ca"}), "en");
    EXPECT_EQ(found({"zh"}), "zh-CN");
    EXPECT_EQ(found({"zh-cn"}), "zh-CN");
    EXPECT_EQ(found({"zh-Hans-CN"}), "zh-CN");
    EXPECT_EQ(found({"zh-x-private"}), "zh-CN");
    EXPECT_EQ(found({"FR-CA", "EN-CA"}), "en");  // RFC 5255 §3.2
    EXPECT_EQ(found({"i-default"}), "i-default");
    EXPECT_EQ(found({"default"}), "i-default");
    EXPECT_EQ(found({"*"}), "i-default");
    for (const auto* unknown : {"MUL", "e", "z", "", "-", "--", "x-en", "english", "enx", "a-b-c-d"})
        EXPECT_EQ(found({unknown}), "none") << unknown;
    EXPECT_EQ(found({}), "none");
}

// A translation of what nobody says any more, or twice of one thing, would go unseen.
TEST(Language, EveryTranslationIsOfSomethingThatIsSaid) {
    std::string sources;
    for (const auto& each : std::filesystem::recursive_directory_iterator(SOURCE_ROOT "/src/imap"))
        if (each.path().extension() == ".cc" && each.path() != SOURCE_ROOT "/src/imap/language.cc")
            sources += read_file(each.path()).value();
    std::set<std::string_view> seen;
    for (const auto& [english, chinese] : translations()) {
        EXPECT_TRUE(sources.contains('"' + std::string(english) + '"')) << english;
        EXPECT_TRUE(seen.insert(english).second) << english;
        // UTF8-TEXT-CHAR   RFC 5255 §3.5
        EXPECT_TRUE(message::valid_utf8(chinese) && !chinese.contains('[') && !chinese.empty()) << english;
        EXPECT_EQ(in_language(Language::chinese, english), chinese);
        EXPECT_EQ(in_language(Language::english, english), english);
    }
    EXPECT_EQ(in_language(Language::chinese, "of no table"), "of no table");
}

}  // namespace
}  // namespace hongyan::imap
