#include "store/flags.h"

#include <algorithm>

#include "base/ascii.h"

namespace hongyan::store {
namespace {

constexpr std::uint8_t known_bits = 0x1f;
constexpr std::string_view no_atom_characters = "(){%*\"\\]";

auto place_of(auto& keywords, std::string_view keyword) {
    return std::lower_bound(keywords.begin(), keywords.end(), keyword, ascii::ILess{});
}

bool is_at(const auto& keywords, auto place, std::string_view keyword) {
    return place != keywords.end() && ascii::iequals(*place, keyword);
}

}  // namespace

bool is_keyword(std::string_view text) {
    return !text.empty() && text.size() <= max_keyword_size && std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < '\x7f' && !no_atom_characters.contains(c);
    });
}

Flags Flags::of_bits(std::uint8_t bits) {
    Flags flags;
    flags.bits_ = bits & known_bits;
    return flags;
}

bool Flags::contains(std::string_view keyword) const {
    return is_at(keywords_, place_of(keywords_, keyword), keyword);
}

Flags& Flags::add(Flag flag) {
    bits_ |= static_cast<std::uint8_t>(flag);
    return *this;
}

Flags& Flags::add(std::string_view keyword) {
    const auto place = place_of(keywords_, keyword);
    if (!is_at(keywords_, place, keyword)) keywords_.emplace(place, keyword);
    return *this;
}

Flags& Flags::add(const Flags& others) {
    bits_ |= others.bits_;
    for (const auto& keyword : others.keywords_) add(keyword);
    return *this;
}

Flags& Flags::remove(Flag flag) {
    bits_ &= static_cast<std::uint8_t>(~static_cast<std::uint8_t>(flag));
    return *this;
}

Flags& Flags::remove(std::string_view keyword) {
    const auto place = place_of(keywords_, keyword);
    if (is_at(keywords_, place, keyword)) keywords_.erase(place);
    return *this;
}

Flags& Flags::remove(const Flags& others) {
    bits_ &= static_cast<std::uint8_t>(~others.bits_);
    for (const auto& keyword : others.keywords_) remove(keyword);
    return *this;
}

namespace {

Flags replacement(const Flags& before, const Flags& wanted, const FlagChange::Untouchable& untouchable) {
    if (untouchable == FlagChange::Untouchable{}) return wanted;
    const auto& of_others = untouchable.others ? before : wanted;
    auto after = of_others;
    for (const auto& [flag, stays] :
         {std::pair{Flag::seen, untouchable.seen}, {Flag::deleted, untouchable.deleted}}) {
        after.remove(flag);
        if ((stays ? before : wanted).contains(flag)) after.add(flag);
    }
    return after;
}

}  // namespace

Flags FlagChange::applied_to(const Flags& before) const {
    auto after = before;
    switch (how) {
        case How::add:
            return after.add(flags);
        case How::remove:
            return after.remove(flags);
        case How::replace:
            return replacement(before, flags, untouchable);
    }
    return after;
}

}  // namespace hongyan::store
