// Sets of messages, numbered within a segment from the first that it may hold, and how they lie on disk.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::index {

// The n-th number after the segment's first.
using Offset = std::uint32_t;
// So many numbers a segment spans at most: a set then is no larger than half a value of the engine.
inline constexpr Offset max_span = 1U << 18U;

// One bit for each number of a segment's span.
class Numbers {
public:
    explicit Numbers(Offset span = 0) : words_((span + 63U) / 64U), span_(span) {}
    static Numbers all(Offset span);

    Offset span() const { return span_; }
    void add(Offset offset) { words_[offset / 64U] |= std::uint64_t{1} << (offset % 64U); }
    bool contains(Offset offset) const {
        return offset < span_ && (words_[offset / 64U] >> (offset % 64U) & 1U) != 0;
    }
    std::uint64_t count() const;

    // All three of one span.
    Numbers& operator&=(const Numbers& other);
    Numbers& operator|=(const Numbers& other);
    Numbers& operator-=(const Numbers& other);
    void invert();

    // In ascending order.
    template <typename Each>
    void each(Each each) const {
        for (std::size_t i = 0; i < words_.size(); ++i)
            for (auto word = words_[i]; word != 0; word &= word - 1)
                each(static_cast<Offset>(i * 64U + static_cast<unsigned>(__builtin_ctzll(word))));
    }

    friend bool operator==(const Numbers&, const Numbers&) = default;

private:
    std::vector<std::uint64_t> words_;
    Offset span_;
};

// Ascending offsets as bytes: their differences, or a map of bits where that is shorter.
//   list = varint (2 * count) 1*varint / varint (2 * octets + 1) *OCTET
void put_list(std::string& out, std::span<const Offset> ascending);

// Reads and removes the list at the front; false where it is damaged, or a number is not below `span`.
bool take_list(std::string_view& in, Offset span, std::vector<Offset>& offsets);
bool take_list(std::string_view& in, Numbers& numbers);
bool skip_list(std::string_view& in);

}  // namespace hongyan::index
