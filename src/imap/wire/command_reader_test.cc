#include "imap/wire/command_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::imap::wire {
namespace {

Limits small_limits() {
    return {.command = 200, .literal = 20, .message = 100, .unasked = 10, .thrown_away = 1000};
}

// What the reader says, a word each, however the bytes are cut.
std::vector<std::string> readings(std::string_view bytes, std::size_t piece, Limits limits = small_limits()) {
    std::vector<std::string> said;
    CommandReader reader(limits);
    for (std::size_t i = 0; i < bytes.size(); i += piece) {
        reader.receive(bytes.substr(i, piece));
        while (auto reading = reader.next()) {
            if (const auto* command = std::get_if<CommandText>(&*reading)) said.push_back(command->text);
            if (std::holds_alternative<GoOn>(*reading)) said.emplace_back("go on");
            if (const auto* refused = std::get_if<Refused>(&*reading))
                said.push_back(fmt::format("refused {} {}", static_cast<int>(refused->why), refused->begin));
            if (std::holds_alternative<Abuse>(*reading)) {
                said.emplace_back("abuse");
                return said;
            }
        }
    }
    return said;
}

TEST(CommandReader, SaysTheSameHoweverTheNetworkCutsTheBytes) {
    const std::string long_line(300, 'x');
    const struct {
        std::string bytes;
        std::vector<std::string> said;
    } rows[] = {
        {"a NOOP\r\nb\rNO\nOP\r\n", {"a NOOP", "b\rNO\nOP"}},
        {"a LOGIN {4}\r\nfred {3}\r\nfat\r\n", {"go on", "go on", "a LOGIN {4}\r\nfred {3}\r\nfat"}},
        {"a LOGIN {4+}\r\nfred {0+}\r\n\r\nb NOOP\r\n", {"a LOGIN {4+}\r\nfred {0+}\r\n", "b NOOP"}},
        {"a APPEND x {50}\r\n" + std::string(50, '\n') + "\r\n",
         {"go on", "a APPEND x {50}\r\n" + std::string(50, '\n')}},
        {"a APPEND {1+}\r\nx {50}\r\n" + std::string(50, '}') + "\r\n",
         {"go on", "a APPEND {1+}\r\nx {50}\r\n" + std::string(50, '}')}},
        {"a APPEND {50}\r\nb NOOP\r\n", {"refused 1 a APPEND {50}", "b NOOP"}},
        {"a APPEND x {101}\r\nb NOOP\r\n", {"refused 2 a APPEND x {101}", "b NOOP"}},
        {"a X {21}\r\nb NOOP\r\n", {"refused 1 a X {21}", "b NOOP"}},
        {"a X {11+}\r\n0123456789\n y {2+}\r\n\r\n z\r\nb NOOP\r\n", {"refused 3 a X {11+}", "b NOOP"}},
        {"a X {2000+}\r\n0", {"refused 3 a X {2000+}", "abuse"}},
        {"a X {99999999999999999999}\r\n", {"a X {99999999999999999999}"}},
        {"a {x}\r\n", {"a {x}"}},
        {"\r\n", {""}},
    };
    for (const auto& row : rows)
        for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, row.bytes.size()})
            EXPECT_EQ(readings(row.bytes, piece), row.said) << row.bytes << " by " << piece;
}

TEST(CommandReader, ALineWithoutEndIsRefusedBeforeItIsKept) {
    const auto said = readings("a SEARCH " + std::string(10'000, 'x') + "\r\nb NOOP\r\n", 50);
    ASSERT_EQ(said.size(), 2U);
    EXPECT_THAT(said[0], testing::StartsWith("refused 0 a SEARCH xxx"));
    EXPECT_EQ(said[1], "b NOOP");

    CommandReader reader(small_limits());
    for (int i = 0; i < 1000; ++i) {
        reader.receive(std::string(100, 'x'));
        while (reader.next()) {
        }
        EXPECT_LE(reader.held(), 300U);
    }
}

TEST(CommandReader, SmallLiteralsTogetherAreBoundedToo) {
    std::string bytes = "a X";
    for (int i = 0; i < 30; ++i) bytes += " {10+}\r\n0123456789";
    const auto said = readings(bytes + "\r\nb NOOP\r\n", 7);
    ASSERT_EQ(said.size(), 2U);
    EXPECT_THAT(said[0], testing::StartsWith("refused 0 a X {10+}"));
    EXPECT_EQ(said[1], "b NOOP");
}

TEST(CommandReader, GivesSingleLinesForAuthenticateAndIdle) {
    CommandReader reader(small_limits());
    reader.receive("a IDLE\r\nDO");
    ASSERT_TRUE(reader.next());
    EXPECT_FALSE(reader.next_line());
    reader.receive("NE\r\nb NOOP\r\n");
    EXPECT_EQ(reader.next_line(), "DONE");
    EXPECT_TRUE(reader.next());
    reader.receive(std::string(1000, 'x'));
    EXPECT_EQ(reader.next_line()->size(), 200U);
    reader.receive("\r\nc NOOP\r\n");
    EXPECT_EQ(std::get<CommandText>(*reader.next()).text, "c NOOP");
}

TEST(CommandReader, AMessageTakesRoomUntilTheNextCommand) {
    const auto budget = std::make_shared<Budget>(100);
    ASSERT_TRUE(budget->take_favour());
    CommandReader first({}, budget);
    CommandReader second({}, budget);
    first.receive("a APPEND INBOX {80}\r\n");
    EXPECT_TRUE(std::holds_alternative<GoOn>(first.next().value()));
    EXPECT_EQ(budget->held(), 80);
    second.receive("b APPEND INBOX {21}\r\nc NOOP\r\n");
    const auto refused = second.next().value();
    ASSERT_TRUE(std::holds_alternative<Refused>(refused));
    EXPECT_EQ(std::get<Refused>(refused).why, Refused::Why::no_room);
    EXPECT_EQ(std::get<CommandText>(second.next().value()).text, "c NOOP");
    first.receive(std::string(80, 'x') + "\r\n");
    EXPECT_TRUE(std::holds_alternative<CommandText>(first.next().value()));
    EXPECT_EQ(budget->held(), 80) << "the command is being dealt with";
    EXPECT_FALSE(first.next());
    EXPECT_EQ(budget->held(), 0);
    second.receive("d APPEND INBOX {21+}\r\n");
    EXPECT_FALSE(second.next());
    EXPECT_EQ(budget->held(), 21);
    second.drop();
    EXPECT_EQ(budget->held(), 0);
}

TEST(CommandReader, AMessageThatComesUnaskedAndHasNoRoomIsReadAway) {
    const auto budget = std::make_shared<Budget>(100);
    ASSERT_TRUE(budget->take_favour());
    Share other(budget);
    ASSERT_TRUE(other.grow_to(90));
    CommandReader reader({}, budget);
    reader.receive("a APPEND INBOX {20+}\r\n" + std::string(20, 'x') + "\r\nb NOOP\r\n");
    EXPECT_TRUE(std::holds_alternative<Refused>(reader.next().value()));
    EXPECT_EQ(std::get<CommandText>(reader.next().value()).text, "b NOOP");
}

}  // namespace
}  // namespace hongyan::imap::wire
