// Wares that are offered in the same words year by year: what a server knows before it has learned anything.
#include <array>

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

}  // namespace

void look_at_phrases(Seen& seen, std::string_view lower) {
    for (const auto& phrase : phrases)
        if (!seen.traits.has(phrase.trait) && lower.contains(phrase.text) && lower.contains(phrase.and_also))
            seen.traits.set(phrase.trait);
}

}  // namespace hongyan::classify
