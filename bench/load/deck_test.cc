#include "bench/load/deck.h"

#include <numeric>

#include <gtest/gtest.h>

#include "message/structure.h"

namespace hongyan::load {

namespace {

std::vector<std::size_t> sorted_sizes(const Deck& deck) {
    std::vector<std::size_t> sizes;
    for (std::uint64_t i = 0; i < deck_size; ++i) sizes.push_back(deck.size(i));
    std::ranges::sort(sizes);
    return sizes;
}

std::size_t count(std::string_view text, std::string_view word) {
    std::size_t found = 0;
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) ++found;
    return found;
}

std::string unstuffed(std::string_view data) {
    std::string out(data.substr(0, data.size() - 3));
    if (out.starts_with('.')) out.erase(0, 1);
    for (auto at = out.find("\r\n.."); at != std::string::npos; at = out.find("\r\n..", at + 3))
        out.erase(at + 2, 1);
    return out;
}

}  // namespace

TEST(Deck, IsSpreadAsMailIs) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        const auto sizes = sorted_sizes(Deck({.seed = seed}, 0));
        const auto mean = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}) / sizes.size();
        EXPECT_NEAR(static_cast<double>(sizes[deck_size / 2]), 8'500, 1'000) << seed;
        EXPECT_NEAR(static_cast<double>(mean), 33'000, 2'000) << seed;
        EXPECT_GT(sizes.back(), 1'000'000U) << seed;
        EXPECT_LT(sizes[deck_size - 2], 200'000U) << seed;
    }
}

TEST(Deck, IsTheSameForTheSameSeedAndAnotherForAnother) {
    const Deck one({.seed = 7}, 1);
    const Deck same({.seed = 7}, 1);
    const Deck other({.seed = 8}, 1);
    for (const std::uint64_t number : {0U, 1U, 99U, 100U, 12'345U}) {
        EXPECT_EQ(one.letter(number), same.letter(number));
        EXPECT_NE(one.letter(number), other.letter(number));
    }
}

TEST(Deck, NeverDealsALetterTwice) {
    const Deck deck({.seed = 1}, 1);
    const Deck later({.seed = 1}, 2);
    EXPECT_NE(deck.letter(5), deck.letter(105));
    EXPECT_EQ(deck.letter(5).size(), deck.letter(105).size());
    EXPECT_NE(deck.letter(5), later.letter(5));
}

TEST(Deck, HoldsTheWordsThatAreSearchedFor) {
    const Deck deck({.seed = 1}, 1);
    for (std::uint64_t number = 1'000; number < 1'000 + deck_size; ++number) {
        const auto letter = deck.letter(number);
        EXPECT_EQ(count(letter, Deck::word_of(number)), 3U);
        EXPECT_EQ(count(letter, Deck::goose(number)), 2U);
        EXPECT_EQ(count(letter, Deck::goose(number + 1)), 0U);
    }
}

TEST(Deck, DealsWellFormedMessages) {
    const Deck deck({.seed = 1}, 1);
    for (std::uint64_t number = 0; number < deck_size; ++number) {
        const auto letter = deck.letter(number);
        const auto structure = message::parse(letter);
        ASSERT_TRUE(structure.parts.front().is_multipart());
        EXPECT_GE(structure.parts.size(), 3U);
        EXPECT_EQ(count(letter, "\n"), count(letter, "\r\n"));
    }
}

TEST(Deck, StuffsDotsAndEndsWithOne) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{8'192}}) {
        const Deck deck({.size = size, .seed = 3}, 1);
        for (std::uint64_t number = 0; number < deck_size; ++number) {
            const auto data = deck.data(number);
            ASSERT_TRUE(data.ends_with("\r\n.\r\n"));
            EXPECT_EQ(data.find("\r\n.\r\n"), data.size() - 5);
            EXPECT_EQ(unstuffed(data), deck.letter(number));
        }
    }
}

TEST(Deck, KeepsToASizeThatIsGiven) {
    for (const std::size_t size :
         {std::size_t{2'000}, std::size_t{4'096}, std::size_t{8'192}, std::size_t{100'000}}) {
        const auto sizes = sorted_sizes(Deck({.size = size, .seed = 1}, 0));
        EXPECT_GE(sizes.front(), size * 97 / 100) << size;
        EXPECT_LE(sizes.back(), size * 103 / 100) << size;
    }
}

}  // namespace hongyan::load
