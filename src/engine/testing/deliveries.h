// Mail-like load for measurements: messages of text and some base64 that compress a little worse than the
// 6,046 real ones of our corpus (0.45 of their size, against 0.39), and the records a mail store writes with
// each.
#pragma once

#include <random>
#include <string>

#include "engine/engine.h"

namespace hongyan::engine {

// Messages that differ in some bytes; belongs to one thread.
class MessageSource {
public:
    MessageSource(std::size_t size, std::uint64_t seed);
    // Valid until the next call.
    std::string_view next();

private:
    std::string make(std::size_t size);

    std::mt19937_64 random_;
    std::vector<std::string> pool_;
};

// Delivers `blob` to the account's inbox: its record and that of the mailbox, the membership, the summary,
// the message, the duplicate index and the change log.
Part delivery(AccountId account, SharedBlob blob);

}  // namespace hongyan::engine
