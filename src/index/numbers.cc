#include "index/numbers.h"

#include <algorithm>
#include <bit>

#include "base/bytes.h"

namespace hongyan::index {

Numbers Numbers::all(Offset span) {
    Numbers numbers(span);
    numbers.invert();
    return numbers;
}

std::uint64_t Numbers::count() const {
    std::uint64_t sum = 0;
    for (const auto word : words_) sum += static_cast<std::uint64_t>(std::popcount(word));
    return sum;
}

Numbers& Numbers::operator&=(const Numbers& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
}

Numbers& Numbers::operator|=(const Numbers& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
}

Numbers& Numbers::operator-=(const Numbers& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
    return *this;
}

void Numbers::invert() {
    for (auto& word : words_) word = ~word;
    if (span_ % 64U != 0) words_.back() &= (std::uint64_t{1} << (span_ % 64U)) - 1;
}

namespace {

std::string bits_of(std::span<const Offset> ascending) {
    std::string bits(ascending.back() / 8U + 1, '\0');
    for (const auto offset : ascending)
        bits[offset / 8U] =
            static_cast<char>(static_cast<unsigned char>(bits[offset / 8U]) | 1U << (offset % 8U));
    return bits;
}

std::string differences_of(std::span<const Offset> ascending) {
    std::string out;
    Offset next = 0;
    for (const auto offset : ascending) {
        bytes::put_varint(out, offset - next);
        next = offset + 1;
    }
    return out;
}

// How a list begins: how many there are of what.
struct Head {
    bool is_bits = false;
    std::uint64_t count = 0;  // of offsets, or of octets
};
std::optional<Head> take_head(std::string_view& in) {
    const auto number = bytes::take_varint(in);
    if (!number) return std::nullopt;
    const Head head{(*number & 1U) != 0, *number >> 1U};
    if (head.count > in.size()) return std::nullopt;  // each takes an octet at the least
    return head;
}

template <typename Add>
bool take_bits(std::string_view octets, Offset span, Add add) {
    for (std::size_t i = 0; i < octets.size(); ++i) {
        for (unsigned octet = static_cast<unsigned char>(octets[i]); octet != 0; octet &= octet - 1) {
            const auto offset = i * 8U + static_cast<unsigned>(std::countr_zero(octet));
            if (offset >= span) return false;
            add(static_cast<Offset>(offset));
        }
    }
    return true;
}

template <typename Add>
bool take(std::string_view& in, Offset span, Add add) {
    const auto head = take_head(in);
    if (!head) return false;
    if (head->is_bits) {
        const auto octets = in.substr(0, head->count);
        in.remove_prefix(head->count);
        return take_bits(octets, span, add);
    }
    std::uint64_t next = 0;
    for (std::uint64_t i = 0; i < head->count; ++i) {
        const auto difference = bytes::take_varint(in);
        if (!difference || *difference >= span || next + *difference >= span) return false;
        next += *difference;
        add(static_cast<Offset>(next));
        ++next;
    }
    return true;
}

}  // namespace

void put_list(std::string& out, std::span<const Offset> ascending) {
    auto differences = differences_of(ascending);
    if (!ascending.empty() && ascending.back() / 8U + 1 < differences.size()) {
        const auto bits = bits_of(ascending);
        bytes::put_varint(out, bits.size() * 2 + 1);
        out += bits;
    } else {
        bytes::put_varint(out, ascending.size() * 2);
        out += differences;
    }
}

bool take_list(std::string_view& in, Offset span, std::vector<Offset>& offsets) {
    offsets.clear();
    return take(in, span, [&](Offset offset) { offsets.push_back(offset); });
}

bool take_list(std::string_view& in, Numbers& numbers) {
    return take(in, numbers.span(), [&](Offset offset) { numbers.add(offset); });
}

bool skip_list(std::string_view& in) {
    const auto head = take_head(in);
    if (!head) return false;
    if (head->is_bits) {
        in.remove_prefix(head->count);
        return true;
    }
    for (std::uint64_t left = head->count; left > 0; in.remove_prefix(1)) {
        if (in.empty()) return false;
        if ((static_cast<unsigned char>(in.front()) & 0x80U) == 0) --left;
    }
    return true;
}

}  // namespace hongyan::index
