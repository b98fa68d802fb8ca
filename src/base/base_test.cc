#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/ascii.h"
#include "base/budget.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/crc32c.h"
#include "base/decimal.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/lately.h"
#include "base/log.h"
#include "base/log_with_next.h"
#include "base/metrics.h"
#include "base/named.h"
#include "base/random.h"
#include "base/record.h"
#include "base/result.h"
#include "base/scanner.h"
#include "base/testing/scratch_folder.h"

namespace hongyan {
namespace {

using Uid = Named<std::uint32_t, struct UidTag>;

Result<int> half(int number) {
    if (number % 2 != 0) return fail(Error::Kind::invalid, "{} is odd", number);
    return number / 2;
}
Result<int> quarter(int number) {
    TRY(const auto first, half(number));
    TRY(const auto second, half(first));
    return second;
}

TEST(Result, TryGivesTheValueOrReturnsTheError) {
    EXPECT_EQ(quarter(8), 2);
    ASSERT_FALSE(quarter(6));
    EXPECT_EQ(quarter(6).error(), (Error{Error::Kind::invalid, "3 is odd"}));
}

TEST(Result, ErrnoBecomesAKindThatCallersCanActOn) {
    EXPECT_EQ(from_errno(ENOSPC, "write").kind, Error::Kind::no_space);
    EXPECT_EQ(from_errno(EFBIG, "write").kind, Error::Kind::no_space);
    EXPECT_EQ(from_errno(ENOENT, "open").kind, Error::Kind::not_found);
    EXPECT_EQ(from_errno(EIO, "read").kind, Error::Kind::io);
}

TEST(Check, ABrokenBeliefSaysWhereAndWhat) {
    try {
        check(false, "UIDs only grow");
        FAIL();
    } catch (const BrokenInvariant& broken) {
        EXPECT_THAT(broken.what(), testing::HasSubstr("not so: UIDs only grow"));
    }
}

TEST(Named, ComparesPrintsAndCountsOn) {
    EXPECT_LT(Uid(3), Uid(3).next());
    EXPECT_EQ(fmt::format("{}", Uid(7)), "7");
}

TEST(Scanner, TheFirstFailureSticks) {
    Scanner in("a1 42");
    in.expect("A");
    EXPECT_EQ(in.number(), 1U);
    in.expect("x");
    EXPECT_EQ(in.number(), 0U);
    EXPECT_TRUE(in.failed());
    EXPECT_FALSE(in.complete());
}

TEST(Scanner, ANumberTooLargeIsAFailureAndNotAnotherNumber) {
    for (const auto* text : {"4294967296", "99999999999999999999999", ""}) {
        Scanner in(text);
        EXPECT_EQ(in.number(), 0U) << text;
        EXPECT_TRUE(in.failed()) << text;
    }
    Scanner largest("4294967295");
    EXPECT_EQ(largest.number(), 4294967295U);
    EXPECT_TRUE(largest.complete());
}

TEST(Scanner, TakesUpToAStopAndFailsWithoutOne) {
    Scanner in("key=value");
    EXPECT_EQ(in.take_until("="), "key");
    EXPECT_EQ(in.rest(), "value");
    EXPECT_EQ(in.take_until("="), "");
    EXPECT_TRUE(in.failed());
}

TEST(Bytes, NumbersGoRound) {
    for (const std::uint64_t number : {0ULL, 1ULL, 127ULL, 128ULL, 16384ULL, ~0ULL}) {
        std::string out;
        bytes::put_varint(out, number);
        bytes::put_big_endian(out, number);
        std::string_view in = out;
        EXPECT_EQ(bytes::take_varint(in), number);
        EXPECT_EQ(bytes::take_big_endian<std::uint64_t>(in), number);
        EXPECT_TRUE(in.empty());
    }
    for (const std::int64_t number : {std::int64_t{0}, std::int64_t{-1}, INT64_MAX, INT64_MIN})
        EXPECT_EQ(bytes::unzigzag(bytes::zigzag(number)), number);
}

TEST(Bytes, AVarintThatNeverEndsOrOverflowsIsRefused) {
    for (const auto& bad : {std::string(11, '\xff'), std::string("\x80"),
                            std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02")}) {
        std::string_view in = bad;
        EXPECT_FALSE(bytes::take_varint(in));
    }
}

TEST(Bytes, BigEndianSortsAsTheNumbersDo) {
    std::string small, large;
    bytes::put_big_endian<std::uint32_t>(small, 255);
    bytes::put_big_endian<std::uint32_t>(large, 256);
    EXPECT_LT(small, large);
}

TEST(Record, UnknownFieldsAreKept) {
    const auto newer = RecordWriter(3).text(1, "ann").number(900, 5).take();
    std::string unknown;
    std::string name;
    RecordReader in(newer);
    while (in.next()) {
        if (in.tag() == 1)
            name = in.text();
        else
            unknown += in.field();
    }
    ASSERT_FALSE(in.failed());
    EXPECT_EQ(in.version(), 3U);
    EXPECT_EQ(RecordWriter(3).text(1, name).fields(unknown).take(), newer);
}

TEST(Record, DamageIsAFailure) {
    const auto good = RecordWriter(1).text(1, "0123456789").take();
    for (std::size_t size = 0; size < good.size(); ++size) {
        RecordReader in(std::string_view(good).substr(0, size));
        while (in.next()) {
        }
        EXPECT_EQ(in.failed(), size != 1) << size;
    }
}

TEST(Encoding, Base64OfRfc4648Section10) {
    const std::pair<std::string_view, std::string_view> rows[] = {{"", ""},
                                                                  {"f", "Zg=="},
                                                                  {"fo", "Zm8="},
                                                                  {"foo", "Zm9v"},
                                                                  {"foob", "Zm9vYg=="},
                                                                  {"fooba", "Zm9vYmE="},
                                                                  {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : rows) {
        EXPECT_EQ(to_base64(bytes), text);
        EXPECT_EQ(from_base64(text), bytes);
    }
    for (const auto* bad : {"Zg", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n", "Zg==Zg=="})
        EXPECT_FALSE(from_base64(bad)) << bad;
}

TEST(Encoding, FoldedBase64IsReadWhereverItIsFolded) {
    for (const auto* text : {"Zm9vYg==", "Zm9vYg", "Zm9vYg=", "Z m9v\r\n\tYg = = ", "\tZm9vY\r\n g"})
        EXPECT_EQ(from_folded_base64(text), "foob") << text;
    for (const auto* text : {"Zm9v", "Zm9v=", "Z m 9 v = ="})
        EXPECT_EQ(from_folded_base64(text), "foo") << text;
    for (const auto* empty : {"", " \r\n", "=", "=="}) EXPECT_EQ(from_folded_base64(empty), "") << empty;
    for (const auto* bad :
         {"Z", "Zm9vY", "Zh", "Zm9", "Zg===", "=Zm9v", "Zg=v", "Zm9v-", "Zm9v\f", "Zm9\xe9"})
        EXPECT_FALSE(from_folded_base64(bad)) << bad;
}

// What reads it at one go is held to the strict one, without its white space and with its padding.
TEST(Encoding, FoldedBase64IsBase64BesidesItsFolding) {
    constexpr std::string_view octets = "AZaz09+/AZaz09+/AZaz09+/AZaz09+/  \r\n\t=-";
    SeededRandom random(7);
    for (int i = 0; i < 20'000; ++i) {
        std::string text, digits;
        for (auto size = random.number() % 24; size > 0; --size)
            text += octets[random.number() % octets.size()];
        std::ranges::remove_copy_if(text, std::back_inserter(digits), ascii::is_space);
        for (int padding = 0; padding < 2 && digits.ends_with('='); ++padding) digits.pop_back();
        digits.append((4 - digits.size() % 4) % 4, '=');
        EXPECT_EQ(from_folded_base64(text), from_base64(digits)) << text;
    }
}

TEST(Encoding, HexGoesRound) {
    EXPECT_EQ(to_hex("\x01\xfe"), "01fe");
    EXPECT_EQ(from_hex("01FE"), "\x01\xfe");
    EXPECT_FALSE(from_hex("0"));
    EXPECT_FALSE(from_hex("0g"));
}

TEST(Crc32c, KnownAnswersOfRfc3720) {
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
    EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
    EXPECT_EQ(crc32c("6789", crc32c("12345")), crc32c("123456789"));
    EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
}

TEST(Random, TheSameSeedGivesTheSameBytes) {
    SeededRandom a(1), b(1), c(2);
    const auto bytes = a.bytes(16);
    EXPECT_EQ(b.bytes(16), bytes);
    EXPECT_NE(c.bytes(16), bytes);
    EXPECT_NE(SystemRandom().bytes(16), SystemRandom().bytes(16));
}

RC_GTEST_PROP(Decimal, IsWrittenAsByPrintf, (double value)) {
    std::string fixed, general;
    decimal::put_fixed(fixed, value, 1, decimal::Plus::yes);
    decimal::put_general(general, value, decimal::Plus::yes);
    RC_ASSERT(fixed == fmt::format("{:+.1f}", value));
    RC_ASSERT(general == fmt::format("{:+g}", value));
}
TEST(Log, EveryLineHasItsSessionAndMessage) {
    const Instant when{std::chrono::milliseconds(1'700'000'000'123)};
    const log::Field fields[] = {{"from", "a b"}, {"size", "12"}};
    EXPECT_EQ(
        log::format_line(log::Format::human, when, log::Level::info, "s1", "", "message accepted", fields),
        "2023-11-14T22:13:20.123Z info    [s1] [-] message accepted from=\"a b\" size=12");
    EXPECT_EQ(
        log::format_line(log::Format::json, when, log::Level::error, "s1", "m1", "x", {}),
        R"({"time":"2023-11-14T22:13:20.123Z","level":"error","session":"s1","message":"m1","event":"x"})");
}

TEST(Log, ALineThatWaitsGoesOutWithTheNextAndIsNotLost) {
    const ScratchFolder folder;
    const auto file = (folder.path() / "log").string();
    const auto lines = [&file] {
        std::ifstream in(file);
        std::vector<std::string> events;
        for (std::string line; std::getline(in, line);) events.push_back(line.substr(line.rfind(' ') + 1));
        return events;
    };
    const SystemClock clock;
    const auto to_file = log::Settings{.file = file};
    {
        log::Output output(clock);
        ASSERT_TRUE(output.apply(to_file));
        const log::Log log(output);
        const auto later = [&log](std::string_view event) {
            const log::WithNext together;
            log.info(event);
        };
        later("first");
        EXPECT_TRUE(lines().empty());
        log.info("second");
        EXPECT_EQ(lines(), (std::vector<std::string>{"first", "second"}));
        later("third");
        ASSERT_TRUE(output.apply(to_file));
        EXPECT_EQ(lines().back(), "third");
        later("fourth");
    }
    EXPECT_EQ(lines(), (std::vector<std::string>{"first", "second", "third", "fourth"}));
}
TEST(Log, InputCannotForgeALine) {
    const log::Field fields[] = {{"helo", "x\n2023 info forged"}};
    for (const auto format : {log::Format::human, log::Format::json})
        EXPECT_EQ(log::format_line(format, {}, log::Level::info, "", "", "e", fields).find('\n'),
                  std::string::npos);
}

TEST(Metrics, TheSameNameIsTheSameCounter) {
    Metrics metrics;
    metrics.counter("hongyan_x_total", "x").add();
    metrics.counter("hongyan_x_total", "x").add(2);
    metrics.histogram("hongyan_y_seconds", "y").observe(0.001);
    EXPECT_EQ(metrics.counter("hongyan_x_total", "x").value(), 3);
    EXPECT_THAT(metrics.exposition(), testing::HasSubstr("hongyan_x_total 3"));
}

TEST(File, IsReplacedWholeWithTheModeAskedFor) {
    const ScratchFolder folder;
    const auto path = folder.path() / "secret";
    ASSERT_TRUE(write_file(path, "one", Mode::secret));
    ASSERT_TRUE(write_file(path, "two", Mode::secret));
    EXPECT_EQ(read_file(path), "two");
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
    EXPECT_EQ(read_file(path, 2).error().kind, Error::Kind::too_large);
    EXPECT_EQ(MappedFile::open(path)->bytes(), "two");
    EXPECT_EQ(read_file(folder.path() / "none").error().kind, Error::Kind::not_found);
}

TEST(Budget, IsExceededByOneHolderOnlyWhoSoGetsDone) {
    const auto budget = std::make_shared<Budget>(100);
    Share first(budget), second(budget), third(budget);
    EXPECT_TRUE(first.grow_to(60));
    EXPECT_TRUE(first.grow_to(50)) << "it has that already";
    EXPECT_TRUE(second.grow_to(40));
    EXPECT_EQ(budget->held(), 100);
    EXPECT_TRUE(third.grow_to(10)) << "it is favoured from here on";
    EXPECT_FALSE(first.grow_to(61));
    EXPECT_EQ(first.bytes(), 60);
    EXPECT_FALSE(budget->has_room(1));
    EXPECT_TRUE(third.grow_to(500));
    Share moved(std::move(third));
    EXPECT_FALSE(first.grow_to(61)) << "the favour has moved on with its share";
    moved.release();
    EXPECT_TRUE(budget->has_room(1));
    EXPECT_TRUE(first.grow_to(61));
    EXPECT_FALSE(second.grow_to(41));
    first.release();
    EXPECT_EQ(budget->held(), 40);
    budget->set_limit(10);
    EXPECT_TRUE(first.grow_to(1'000)) << "nothing is too large for ever";
    EXPECT_FALSE(second.grow_to(41));
}

TEST(Budget, HoldsAmongThreads) {
    const auto budget = std::make_shared<Budget>(1'000);
    std::vector<std::jthread> threads;
    std::atomic<bool> exceeded = false;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < 1'000; ++round) {
                Share share(budget);
                const bool has_some = share.grow_to(400);
                if (!has_some || !share.grow_to(500)) continue;
                if (budget->held() > 1'000 + 500) exceeded = true;
            }
        });
    threads.clear();
    EXPECT_FALSE(exceeded);
    EXPECT_EQ(budget->held(), 0);
}

TEST(PrivateFolder, IsMadeForUsAloneAndThenLeftAsItIs) {
    namespace fs = std::filesystem;
    const ScratchFolder scratch;
    const auto folder = scratch.path() / "a" / "b";
    EXPECT_TRUE(make_private_folder(folder));
    EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all);
    fs::permissions(folder, fs::perms::owner_all | fs::perms::group_exec);
    EXPECT_TRUE(make_private_folder(folder));
    EXPECT_NE(fs::status(folder).permissions(), fs::perms::owner_all);
    EXPECT_FALSE(make_private_folder("/dev/null/x"));
}

TEST(Lately, KnowsWhatWasUsedLastAndForgetsTheRest) {
    Lately<std::string, int> lately(3);
    for (int i = 0; i < 3; ++i) lately.keep(std::to_string(i), i);
    ASSERT_NE(lately.find("0"), nullptr);
    for (int i = 3; i < 100; ++i) {
        lately.keep(std::to_string(i), i);
        ASSERT_NE(lately.find("0"), nullptr) << "used all the time, after " << i;
        EXPECT_EQ(*lately.find("0"), 0);
    }
    int known = 0;
    for (int i = 0; i < 100; ++i) known += lately.find(std::to_string(i)) != nullptr ? 1 : 0;
    EXPECT_LE(known, 6);
    EXPECT_NE(lately.find("99"), nullptr);
    EXPECT_EQ(lately.find("1"), nullptr);
}

TEST(Lately, KeepsOneValueOfAKey) {
    Lately<std::string, int> lately(2);
    lately.keep("a", 1);
    lately.keep("b", 2);
    lately.keep("c", 3);  // "a" is among the older now
    EXPECT_EQ(lately.keep("a", 4), 4);
    lately.keep("d", 5);
    ASSERT_NE(lately.find("a"), nullptr);
    EXPECT_EQ(*lately.find("a"), 4);
}

}  // namespace
}  // namespace hongyan
