#include "cli/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>

namespace hongyan::cli {
namespace {

Parsed parsed(const std::vector<std::string>& words) {
    auto outcome = parse(words);
    if (const auto* ended = std::get_if<Ended>(&outcome)) ADD_FAILURE() << ended->err << ended->out;
    return std::get<Parsed>(outcome);
}

Ended ended(const std::vector<std::string>& words) {
    auto outcome = parse(words);
    EXPECT_TRUE(std::holds_alternative<Ended>(outcome));
    return std::get<Ended>(outcome);
}

TEST(CommandLine, FindsTheCommandAndItsValues) {
    const auto call = parsed(
        {"--data", "/d", "message", "import", "ann@a.test", "x", "y", "--flag", "Seen", "--flag", "$Junk"});
    ASSERT_NE(call.command, nullptr);
    EXPECT_EQ(call.command->verb, "import");
    EXPECT_EQ(call.options.data_folder, "/d");
    EXPECT_EQ(call.values.text("account"), "ann@a.test");
    EXPECT_THAT(call.values.texts("path"), testing::ElementsAre("x", "y"));
    EXPECT_THAT(call.values.texts("flag"), testing::ElementsAre("Seen", "$Junk"));
    EXPECT_FALSE(call.values.given("mailbox"));
}

TEST(CommandLine, AValueMayBeEmpty) {
    for (const auto& empty : std::vector<std::vector<std::string>>{{"--mail-from="}, {"--mail-from", ""}}) {
        std::vector<std::string> words{"spf", "check", "--ip", "192.0.2.1"};
        words.insert(words.end(), empty.begin(), empty.end());
        words.insert(words.end(), {"--helo", "a.example"});
        const auto call = parsed(words);
        EXPECT_EQ(call.values.text("mail-from"), "");
        EXPECT_EQ(call.values.text("helo"), "a.example");
    }
}

TEST(CommandLine, ServeIsNoCommandOfTheTable) { EXPECT_EQ(parsed({"serve"}).command, nullptr); }

TEST(CommandLine, WrongWordsAreWrongUsage) {
    const std::vector<std::vector<std::string>> rows = {{},
                                                        {"fly"},
                                                        {"message"},
                                                        {"message", "import", "ann@a.test"},
                                                        {"mailbox", "list", "a", "b"},
                                                        {"version", "--no-such"}};
    for (const auto& words : rows) {
        const auto end = ended(words);
        EXPECT_EQ(end.exit_code, EX_USAGE) << testing::PrintToString(words);
        EXPECT_FALSE(end.err.empty()) << testing::PrintToString(words);
    }
}

TEST(CommandLine, HelpIsCompleteForEveryCommand) {
    for (const auto& command : admin::commands()) {
        std::vector<std::string> words;
        if (!command.group.empty()) words.emplace_back(command.group);
        words.emplace_back(command.verb);
        words.emplace_back("--help");
        const auto end = ended(words);
        EXPECT_EQ(end.exit_code, EX_OK);
        EXPECT_THAT(end.out, testing::HasSubstr(std::string(command.help)));
        for (const auto& argument : command.arguments)
            EXPECT_THAT(end.out, testing::HasSubstr(std::string(argument.name))) << command.verb;
    }
}

}  // namespace
}  // namespace hongyan::cli
