// What people may do with mailboxes of others (RFC 4314 §2.1).
#pragma once

#include <cstdint>
#include <initializer_list>

#include "store/types.h"

namespace hongyan::store {

// The numbers lie on disk.
enum class Right : std::uint16_t {
    lookup = 1,
    read = 2,
    seen = 4,   // change \Seen
    write = 8,  // change other flags but \Deleted
    insert = 16,
    post = 32,
    create = 64,  // mailboxes below it
    remove = 128,
    mark_deleted = 256,
    expunge = 512,
    administer = 1024,
};

class Rights {
public:
    constexpr Rights() = default;
    constexpr Rights(std::initializer_list<Right> rights) {
        for (const auto right : rights) bits_ |= static_cast<std::uint16_t>(right);
    }
    static constexpr Rights all() { return of_bits(all_bits); }
    // Bits without a name are dropped.
    static constexpr Rights of_bits(std::uint64_t bits) {
        Rights rights;
        rights.bits_ = static_cast<std::uint16_t>(bits & all_bits);
        return rights;
    }

    constexpr std::uint16_t bits() const { return bits_; }
    constexpr bool empty() const { return bits_ == 0; }
    constexpr bool contains(Right right) const { return (bits_ & static_cast<std::uint16_t>(right)) != 0; }
    constexpr bool contains(Rights others) const { return (bits_ & others.bits_) == others.bits_; }
    constexpr bool contains_any(Rights others) const { return (bits_ & others.bits_) != 0; }
    constexpr Rights with(Rights others) const {
        return of_bits(static_cast<std::uint16_t>(bits_ | others.bits_));
    }
    constexpr Rights without(Rights others) const {
        return of_bits(static_cast<std::uint16_t>(bits_ & ~others.bits_));
    }

    friend constexpr bool operator==(Rights, Rights) = default;

private:
    static constexpr std::uint16_t all_bits = 2047;
    std::uint16_t bits_ = 0;
};

// To whom rights are given: an account, or everybody who can log in.
inline constexpr AccountId anyone{0};

struct Grant {
    AccountId grantee;
    Rights rights;

    friend bool operator==(const Grant&, const Grant&) = default;
};

// What SETACL asks for.
struct RightsChange {
    enum class How { add, remove, replace };

    How how = How::replace;
    Rights rights;

    constexpr Rights applied_to(Rights before) const {
        return how == How::add ? before.with(rights) : how == How::remove ? before.without(rights) : rights;
    }
};

// Of one mailbox. People share with a team; an administrator's lists stay well below.
inline constexpr std::size_t max_grants = 500;

}  // namespace hongyan::store
