// Wares that are offered in the same words year by year: what a server knows before it has learned anything.
#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <cstring>

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

// The phrases are looked for all at once, by four octets in a row. All of them are long enough for a look at
// every third place to fall on one of their first three fours.
constexpr std::size_t fours = 4, step = 3;
constexpr std::size_t places = 4096;
constexpr std::size_t place_of(std::uint32_t octets) { return (octets * 0x9e37'79b1U) >> 20U; }
constexpr std::uint32_t octets_of(const char* text) {
    std::uint32_t octets = 0;
    for (std::size_t i = 0; i < fours; ++i)
        octets |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(text[i])) << (8 * i);
    return octets;
}

// At the place of four octets stands the number of an entry and one; from there each leads to the next. Entry
// n is phrase n / step, from its octet n % step on.
constexpr std::size_t entries = step * phrases.size();
struct Index {
    std::array<std::uint8_t, places> first{};
    std::array<std::uint8_t, entries + 1> next{};
};
constexpr Index index_of_phrases() {
    Index index;
    for (std::size_t i = 0; i < entries; ++i) {
        auto& first = index.first[place_of(octets_of(phrases[i / step].text.data() + i % step))];
        index.next[i + 1] = first;
        first = static_cast<std::uint8_t>(i + 1);
    }
    return index;
}
constexpr auto index = index_of_phrases();
static_assert(entries < 255);
static_assert(std::ranges::all_of(phrases,
                                  [](const Phrase& each) { return each.text.size() >= fours + step - 1; }));

std::uint8_t first_at(std::string_view lower, std::size_t at) {
    return index.first[place_of(octets_of(lower.data() + at))];
}

using Found = std::bitset<phrases.size()>;

void find_at(std::string_view lower, std::size_t at, Found& found) {
    for (auto number = first_at(lower, at); number != 0; number = index.next[number]) {
        const auto entry = number - 1U;
        const auto begin = entry % step;
        if (at >= begin && lower.substr(at - begin).starts_with(phrases[entry / step].text))
            found.set(entry / step);
    }
}

// Four places at once: hardly any of them begins anything.
Found phrases_in(std::string_view lower) {
    Found found;
    std::size_t at = 0;
    for (; at + 3 * step + fours <= lower.size(); at += 4 * step) {
        const auto any = first_at(lower, at) | first_at(lower, at + step) | first_at(lower, at + 2 * step) |
                         first_at(lower, at + 3 * step);
        for (std::size_t i = 0; any != 0 && i < 4; ++i) find_at(lower, at + i * step, found);
    }
    for (; at + fours <= lower.size(); at += step) find_at(lower, at, found);
    return found;
}

// Linear in the text whatever stands in it, unlike std::string_view::contains().
bool holds(std::string_view text, std::string_view wanted) {
    return ::memmem(text.data(), text.size(), wanted.data(), wanted.size()) != nullptr;
}

}  // namespace

void look_at_phrases(Seen& seen, std::string_view lower) {
    const auto found = phrases_in(lower);
    for (std::size_t i = 0; i < phrases.size() && found.any(); ++i) {
        const auto& [trait, text, and_also] = phrases[i];
        seen.traits.set(trait, found.test(i) && (and_also.empty() || holds(lower, and_also)));
    }
}

}  // namespace hongyan::classify
