// Marks on things of which there are too many to keep them by their names.
#pragma once

#include <optional>

#include "reputation/notebook.h"

namespace hongyan::reputation {

// A fixed number of places; a thing's is found by a digest of its name. A newer thing takes the place of an
// older one in the same, which is then forgotten: so the whole is bounded. Any thread.
class Slots {
public:
    // `kind` sets these apart from others: one letter. `notebook` outlives this.
    Slots(Notebook& notebook, char kind) : notebook_(notebook), kind_(kind) {}

    struct Mark {
        Instant first{};
        Instant last{};
        std::uint64_t count = 0;
        friend bool operator==(const Mark&, const Mark&) = default;
    };
    // Blocks for the disk. Nothing also if it matters no more.
    Result<std::optional<Mark>> find(std::string_view name) const;
    // Noted, not waited for.
    void put(std::string_view name, const Mark& mark, Instant expires);
    void erase(std::string_view name);

private:
    std::string key_of(std::string_view digest) const;

    Notebook& notebook_;
    char kind_;
};

// As they lie in a slot, with the digest of the thing's name.
std::string encode(const Slots::Mark& mark, std::string_view digest, Instant expires);
struct MarkedSlot {
    Slots::Mark mark;
    std::string digest;
    Instant expires{};
};
// Corrupt if it is none.
Result<MarkedSlot> decode_slot(std::string_view record);

}  // namespace hongyan::reputation
