// A search in a segment agrees with a search in the texts themselves.
#include <map>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "index/builder.h"
#include "index/testing/memory_blocks.h"

namespace hongyan::index {
namespace {

constexpr Offset span = 200;

struct Document {
    Offset offset;
    Texts texts;
};

std::vector<std::string> terms_of(Kind kind, std::string_view text) {
    std::vector<std::string> all;
    Terms terms(kind, text);
    while (const auto term = terms.next()) all.emplace_back(*term);
    return all;
}

using Words = std::vector<std::string>;

TEST(Terms, AreRunsOfLettersAndDigits) {
    EXPECT_EQ(terms_of(Kind::words, "HELLO, MY-WORLD 42\n"), (Words{"HELLO", "MY", "WORLD", "42"}));
    EXPECT_EQ(terms_of(Kind::words, "\u041f\u0420\u0418\u0412\u0415\u0422 E\u0301T"),
              (Words{"\u041f\u0420\u0418\u0412\u0415\u0422", "E\u0301T"}));
    EXPECT_EQ(terms_of(Kind::words, " .,- \ufffd"), Words());
}

TEST(Terms, ArePairsOfIdeographs) {
    EXPECT_EQ(terms_of(Kind::words, "你好吗"), (Words{"你好", "好吗"}));
    EXPECT_EQ(terms_of(Kind::words, "A你B好吗。中"), (Words{"A", "你", "B", "好吗", "中"}));
}

TEST(Terms, AreCutWhereTheyAreLong) {
    const std::string word(100, 'X');
    EXPECT_EQ(terms_of(Kind::words, word),
              (Words{std::string(64, 'X'), std::string(64, 'X'), std::string(36, 'X')}));
    EXPECT_EQ(terms_of(Kind::values, std::string(1'100, 'Y')),
              (Words{std::string(1'024, 'Y'), std::string(588, 'Y')}));
}

TEST(Terms, OfValuesAreLines) { EXPECT_EQ(terms_of(Kind::values, "A B\n\nC\n"), (Words{"A B", "", "C"})); }

TEST(Question, IsExactForAWordAndForOneOrTwoIdeographs) {
    EXPECT_TRUE(question(Kind::words, "HELL").is_exact);
    EXPECT_TRUE(question(Kind::words, "你").is_exact);
    EXPECT_TRUE(question(Kind::words, "你好").is_exact);
    EXPECT_FALSE(question(Kind::words, "你好吗").is_exact);
    EXPECT_FALSE(question(Kind::words, "HELLO WORLD").is_exact);
    EXPECT_FALSE(question(Kind::words, "\nHELLO").is_exact);
    EXPECT_FALSE(question(Kind::words, std::string(33, 'X')).is_exact);
    EXPECT_TRUE(question(Kind::values, "ANY, TEXT <AT@ALL>").is_exact);
    EXPECT_FALSE(question(Kind::values, std::string(513, 'X')).is_exact);
}

TEST(Question, TakesWhatStandsBetweenTwoEndsForAWholeTerm) {
    EXPECT_EQ(question(Kind::words, "LO, BIG WO").patterns,
              (std::vector<Pattern>{"\nBIG\n", "\nWO", "LO\n"}));
    EXPECT_EQ(question(Kind::words, "...").patterns, std::vector<Pattern>());
    EXPECT_EQ(question(Kind::values, "A\nB").patterns, std::vector<Pattern>());
}

TEST(Lists, ComeBack) {
    for (const auto& list :
         std::vector<std::vector<Offset>>{{}, {0}, {199}, {0, 1, 2, 3, 4, 5, 6, 7, 8}, {7, 100, 180}}) {
        std::string bytes;
        put_list(bytes, list);
        std::string_view in = bytes;
        std::vector<Offset> again;
        ASSERT_TRUE(take_list(in, span, again));
        EXPECT_EQ(again, list);
        EXPECT_TRUE(in.empty());
        std::string_view skipped = bytes;
        EXPECT_TRUE(skip_list(skipped));
        EXPECT_TRUE(skipped.empty());
    }
}

TEST(Lists, OfNumbersBeyondTheSpanAreRefused) {
    std::string bytes;
    put_list(bytes, std::vector<Offset>{1, span});
    std::string_view in = bytes;
    std::vector<Offset> again;
    EXPECT_FALSE(take_list(in, span, again));
}

// Texts that share much, of all kinds of characters, with needles cut out of them.
rc::Gen<std::string> any_text() {
    static const std::vector<std::string> pieces{"HELLO",
                                                 "HE",
                                                 "LL",
                                                 "O",
                                                 "WORLD",
                                                 " ",
                                                 " ",
                                                 ", ",
                                                 "-",
                                                 "@",
                                                 "\n",
                                                 "你",
                                                 "好",
                                                 "吗",
                                                 "中",
                                                 "。",
                                                 "カ",
                                                 "\u3099",
                                                 "E\u0301",
                                                 "\u0130",
                                                 "1",
                                                 "42",
                                                 "\u0e01",
                                                 "\u0e02",
                                                 "😀",
                                                 "\u1112\u1161\u11ab",
                                                 "\ufffd",
                                                 std::string(30, 'Q'),
                                                 std::string(70, 'Z')};
    return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)),
                        [](const std::vector<std::string>& some) {
                            std::string text;
                            for (const auto& piece : some) text += piece;
                            return text;
                        });
}

bool begins_a_character(std::string_view text, std::size_t at) {
    return at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80U;
}

std::string any_needle(const std::vector<std::string>& texts) {
    const auto text = *rc::gen::elementOf(texts);
    auto begin = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
    auto end = *rc::gen::inRange<std::size_t>(begin, std::min(text.size(), begin + 45) + 1);
    while (!begins_a_character(text, begin)) --begin;
    while (!begins_a_character(text, end)) ++end;
    auto needle = text.substr(begin, end - begin);
    if (*rc::gen::inRange(0, 4) == 0) needle += *rc::gen::element<std::string>("HE", "你", "好", " ", "X");
    return needle;
}

// Whether what a question gives is a superset, and the same where it is said to be exact.
void compare(Column column, const std::string& needle, const std::vector<Document>& documents,
             MemoryBlocks& blocks) {
    const auto asked = question(kind_of(column), needle);
    const auto found = find(blocks, column, blocks.shape(), asked.patterns).value();
    for (const auto& document : documents) {
        const auto& text = document.texts[static_cast<std::size_t>(column)];
        const bool contains = text && text->contains(needle);
        const bool is_found = found.contains(document.offset);
        if (contains) RC_ASSERT(is_found);
        if (asked.is_exact) RC_ASSERT(is_found == contains);
    }
}

std::vector<Document> documents_of(const std::vector<std::string>& texts, Offset first) {
    std::vector<Document> documents;
    for (const auto& text : texts) {
        Document document{first++, {}};
        document.texts[static_cast<std::size_t>(Column::subject)] = text;
        document.texts[static_cast<std::size_t>(Column::body)] = text;
        documents.push_back(std::move(document));
    }
    return documents;
}

MemoryBlocks built(const std::vector<Document>& documents) {
    Builder builder;
    for (const auto& document : documents) builder.add(document.offset, document.texts);
    MemoryBlocks blocks(span);
    blocks.set_counts(builder.write(blocks.sink()).value());
    return blocks;
}

RC_GTEST_PROP(Segment, FindsWhatTheTextsContain, ()) {
    const auto texts = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(any_text()));
    const auto some =
        std::vector(texts.begin(),
                    texts.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(texts.size(), span)));
    const auto documents = documents_of(some, 0);
    auto blocks = built(documents);
    for (int i = 0; i < 5; ++i) {
        const auto needle = any_needle(some);
        compare(Column::body, needle, documents, blocks);
        compare(Column::subject, needle, documents, blocks);
    }
}

RC_GTEST_PROP(Segment, OfMergedOnesIsTheOneOfAllTheirMessages, ()) {
    const auto first =
        documents_of(*rc::gen::resize(20, rc::gen::container<std::vector<std::string>>(any_text())), 0);
    const auto second =
        documents_of(*rc::gen::resize(20, rc::gen::container<std::vector<std::string>>(any_text())), 0);
    auto a = built(first);
    auto b = built(second);
    const Offset shift = 100;
    auto lives = Numbers::all(span);
    const auto dead = *rc::gen::inRange<Offset>(0, span);
    Numbers gone(span);
    gone.add(dead);
    lives -= gone;
    MemoryBlocks merged(span);
    const std::array sources{Source{a, a.shape(), 0}, Source{b, b.shape(), shift}};
    merged.set_counts(merge(sources, lives, merged.sink()).value());

    auto all = first;
    for (auto document : second) {
        document.offset += shift;
        all.push_back(std::move(document));
    }
    std::erase_if(all, [&](const Document& document) { return document.offset == dead; });
    RC_ASSERT(merged.values() == built(all).values());
}

TEST(Segment, OfManyTermsIsOfManyBlocksNoneTooLarge) {
    Builder builder;
    for (Offset offset = 0; offset < 150; ++offset) {
        Texts texts;
        auto& body = texts[static_cast<std::size_t>(Column::body)].emplace();
        for (int i = 0; i < 400; ++i) body += fmt::format("{}X{} ", i % 7 == 0 ? 0 : offset, i);
        builder.add(offset, texts);
    }
    MemoryBlocks blocks(span);
    blocks.set_counts(builder.write(blocks.sink()).value());
    EXPECT_GT(blocks.shape().blocks[static_cast<std::size_t>(Column::body)], 10);
    for (const auto& [key, value] : blocks.values()) EXPECT_LE(value.size(), max_block_size);
    const std::vector<Pattern> everywhere{"\n0X7\n"};
    EXPECT_EQ(find(blocks, Column::body, blocks.shape(), everywhere).value().count(), 150);
    const std::vector<Pattern> once{"\n77X398"};
    EXPECT_EQ(find(blocks, Column::body, blocks.shape(), once).value().count(), 1);
}

}  // namespace
}  // namespace hongyan::index
