#include "admin/manual.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/command.h"

namespace hongyan::admin {
namespace {

TEST(Manual, NamesEveryCommandAndArgument) {
    const auto page = manual_of_commands();
    for (const auto& command : commands()) EXPECT_THAT(page, testing::HasSubstr(std::string(command.help)));
    EXPECT_THAT(page, testing::HasSubstr(".TH HONGYAN 1"));
}

TEST(Manual, NamesEverySetting) { EXPECT_THAT(manual_of_settings(), testing::HasSubstr("hostname")); }

TEST(Commands, EveryListingCanBeJson) {
    for (const auto& command : commands()) {
        if (command.verb != "list" && command.verb != "search") continue;
        EXPECT_TRUE(std::ranges::any_of(command.arguments, [](const auto& argument) {
            return argument.name == "json";
        })) << command.group;
    }
}

TEST(Commands, HelpIsASentenceWithoutItsFullStop) {
    for (const auto& command : commands()) {
        EXPECT_FALSE(command.help.ends_with('.')) << command.help;
        for (const auto& argument : command.arguments)
            EXPECT_FALSE(argument.help.ends_with('.')) << argument.help;
    }
}

}  // namespace
}  // namespace hongyan::admin
