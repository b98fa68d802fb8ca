// Who has come back.
#pragma once

#include "reputation/site.h"
#include "reputation/slots.h"

namespace hongyan::reputation {

struct GreylistOptions {
    std::chrono::milliseconds delay = std::chrono::minutes(1);  // until a second attempt counts
    std::chrono::milliseconds window = std::chrono::hours(24);  // in which it must come
    std::chrono::milliseconds kept =
        std::chrono::hours(24 * 36);  // what has passed is remembered for so long
    std::uint64_t trusted_after =
        1;  // triplets that have passed, and all of the client's network does; 0: never
};

// RFC 6647 §2.4, §5: a client that is a server tries again, and whoever only wants to be rid of his mail does
// not. Any thread.
class Greylist {
public:
    // `notebook` outlives this.
    Greylist(Notebook& notebook, GreylistOptions options)
        : notebook_(notebook), slots_(notebook, 'g'), options_(options) {}

    void apply(const GreylistOptions& options);

    // How much longer this client, from this sender to this recipient, is to wait; nothing: it may pass.
    // Blocks for the disk; what it learns is noted.
    std::optional<std::chrono::milliseconds> wait(const Site& client, std::string_view sender,
                                                  std::string_view recipient);

private:
    bool network_passes(const std::string& network, Instant now, const GreylistOptions& options);
    void count_network(const std::string& network, Instant now, const GreylistOptions& options);

    Notebook& notebook_;
    Slots slots_;
    mutable std::mutex mutex_;  // guards options_
    GreylistOptions options_;
};

}  // namespace hongyan::reputation
