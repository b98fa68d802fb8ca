// Wares that are offered in the same words year by year: what a server knows before it has learned anything.
#include <array>
#include <bitset>
#include <cstdint>

#include "classify/extract.h"

namespace hongyan::classify {

namespace {

// A trait holds where a phrase stands in the text; with `and_also`, where that does too.
struct Phrase {
    Trait trait;
    std::string_view text;  // lower case
    std::string_view and_also = {};
};
using enum Trait;
constexpr auto phrases = std::to_array<Phrase>({
    {sells_invoices, "代开", "发票"},
    {sells_invoices, "代開", "發票"},
    {sells_invoices, "优惠代开"},
    {sells_invoices, "发票", "点数低"},
    {sells_invoices, "发票", "验证后付款"},
    {offers_gambling, "六合彩"},
    {offers_gambling, "博彩", "注册"},
    {offers_gambling, "真人荷官"},
    {offers_gambling, "澳门", "赌场"},
    {offers_gambling, "online casino", "bonus"},
    {offers_fortune, "next of kin", "million"},
    {offers_fortune, "late president", "million"},
    {offers_fortune, "foreign partner", "fund"},
    {offers_fortune, "strictly confidential", "million united states dollars"},
    {offers_fortune, "you have won", "lottery"},
    {offers_medicine, "viagra", "order"},
    {offers_medicine, "cialis", "order"},
    {offers_medicine, "penis enlargement"},
    {offers_medicine, "without prescription"},
    {offers_medicine, "no prescription needed"},
    {offers_credit, "consolidate your debt"},
    {offers_credit, "mortgage rates", "free quote"},
    {offers_credit, "bad credit", "no problem"},
    {offers_credit, "无抵押", "贷款"},
    {offers_removal, "\"remove\" in the subject"},
    {offers_removal, "remove in the subject"},
    {offers_removal, "如不想再收到", "退订"},
});

// All texts of the table: two for a phrase, the second one perhaps empty.
constexpr std::size_t text_count = 2 * phrases.size();
constexpr std::string_view text_of(std::size_t number) {
    const auto& phrase = phrases[number / 2];
    return number % 2 == 0 ? phrase.text : phrase.and_also;
}

// The texts are looked for all at once, by the four octets with which each begins.
constexpr std::size_t beginning = 4;
constexpr std::size_t places = 4096;
constexpr std::size_t place_of(std::uint32_t octets) { return (octets * 0x9e37'79b1U) >> 20U; }
constexpr std::uint32_t octets_of(const char* text) {
    std::uint32_t octets = 0;
    for (std::size_t i = 0; i < beginning; ++i)
        octets |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(text[i])) << (8 * i);
    return octets;
}

// At the place of its beginning stands the number of a text and one; from there each leads to the next.
struct Index {
    std::array<std::uint8_t, places> first{};
    std::array<std::uint8_t, text_count + 1> next{};
};
constexpr Index index_of_texts() {
    Index index;
    for (std::size_t i = 0; i < text_count; ++i) {
        if (text_of(i).empty()) continue;
        auto& first = index.first[place_of(octets_of(text_of(i).data()))];
        index.next[i + 1] = first;
        first = static_cast<std::uint8_t>(i + 1);
    }
    return index;
}
constexpr auto texts = index_of_texts();
static_assert(text_count < 255);
static_assert([] {
    for (std::size_t i = 0; i < text_count; ++i)
        if (const auto text = text_of(i); !text.empty() && text.size() < beginning) return false;
    return true;
}());

std::uint8_t first_at(std::string_view lower, std::size_t at) {
    return texts.first[place_of(octets_of(lower.data() + at))];
}

void find_at(std::string_view lower, std::size_t at, std::bitset<text_count>& found) {
    for (auto number = first_at(lower, at); number != 0; number = texts.next[number])
        if (lower.substr(at).starts_with(text_of(number - 1U))) found.set(number - 1U);
}

// Four places at once: hardly any of them begins a text.
std::bitset<text_count> texts_in(std::string_view lower) {
    std::bitset<text_count> found;
    std::size_t at = 0;
    for (; at + 3 + beginning <= lower.size(); at += 4) {
        const auto any =
            first_at(lower, at) | first_at(lower, at + 1) | first_at(lower, at + 2) | first_at(lower, at + 3);
        for (std::size_t i = at; any != 0 && i < at + 4; ++i) find_at(lower, i, found);
    }
    for (; at + beginning <= lower.size(); ++at) find_at(lower, at, found);
    return found;
}

}  // namespace

void look_at_phrases(Seen& seen, std::string_view lower) {
    const auto found = texts_in(lower);
    for (std::size_t i = 0; i < phrases.size(); ++i) {
        const bool is_all = found.test(2 * i) && (phrases[i].and_also.empty() || found.test(2 * i + 1));
        seen.traits.set(phrases[i].trait, is_all);
    }
}

}  // namespace hongyan::classify
