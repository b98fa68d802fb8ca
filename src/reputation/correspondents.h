// To whom an account has written.
#pragma once

#include <span>

#include "reputation/notebook.h"

namespace hongyan::reputation {

inline constexpr std::size_t correspondents_of_a_shelf = 512;  // of sixteen

// Five octets of a digest each, some eight thousand an account, the latest; one in a trillion is taken for
// another. Any thread.
class Correspondents {
public:
    // `notebook` outlives this.
    explicit Correspondents(Notebook& notebook) : notebook_(notebook) {}

    // Blocks for the disk.
    bool knows(std::string_view account, std::string_view address) const;
    // Noted, not waited for.
    void remember(std::string_view account, std::span<const std::string> addresses);

private:
    Notebook& notebook_;
};

// As they lie on a shelf: digests one after the other, the latest first.
std::string encode_shelf(std::string_view digests, Instant expires);
// Corrupt if it is none.
Result<std::string> decode_shelf(std::string_view record);

}  // namespace hongyan::reputation
