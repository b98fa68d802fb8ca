// The flags of a message in a mailbox: RFC 9051 §2.3.2, and keywords of RFC 8621 §4.1.1.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/types.h"

namespace hongyan::store {

enum class Flag : std::uint8_t { seen = 1, answered = 2, flagged = 4, deleted = 8, draft = 16 };

inline constexpr std::size_t max_keyword_size = 255;  // bytes (RFC 8621 §4.1.1)
inline constexpr std::size_t max_keywords = 100;      // of one message

// 1 to 255 printable ASCII characters that an IMAP atom may hold (RFC 9051 §9, flag-keyword).
bool is_keyword(std::string_view text);

class Flags {
public:
    Flags() = default;
    Flags(std::initializer_list<Flag> flags) {
        for (const auto flag : flags) add(flag);
    }
    // Bits without a name are dropped.
    static Flags of_bits(std::uint8_t bits);

    bool contains(Flag flag) const { return (bits_ & static_cast<std::uint8_t>(flag)) != 0; }
    // Without regard to case.
    bool contains(std::string_view keyword) const;
    std::uint8_t bits() const { return bits_; }
    // In the order of their lower-case letters, each as it was first spelled.
    std::span<const std::string> keywords() const { return keywords_; }

    Flags& add(Flag flag);
    Flags& add(std::string_view keyword);
    Flags& add(const Flags& others);
    Flags& remove(Flag flag);
    Flags& remove(std::string_view keyword);
    Flags& remove(const Flags& others);

    friend bool operator==(const Flags&, const Flags&) = default;

private:
    std::uint8_t bits_ = 0;
    std::vector<std::string> keywords_;
};

// What STORE asks for (RFC 9051 §6.4.6, RFC 7162 §3.1.3).
struct FlagChange {
    enum class How { add, remove, replace };

    How how = How::add;
    Flags flags = {};
    // A replacement leaves these alone: who does it may not change them (RFC 4314 §4).
    struct Untouchable {
        bool seen = false;
        bool deleted = false;
        bool others = false;
        friend bool operator==(const Untouchable&, const Untouchable&) = default;
    };
    Untouchable untouchable = {};
    // Messages that changed after this are left alone and reported.
    std::optional<ModSeq> unchanged_since = {};

    Flags applied_to(const Flags& before) const;
};

}  // namespace hongyan::store
