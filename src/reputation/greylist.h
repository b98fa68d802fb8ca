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

    // What a good message changes.
    struct Credit {
        std::string name;
        Slots::Mark mark;
    };
    // A message of this client was good. `domain` is its sender's where SPF vouches for it, or else empty.
    // Reads only; blocks for the disk. Nothing: there is no more to earn.
    std::vector<Credit> earned(const Site& client, std::string_view domain) const;
    // Noted, not waited for.
    void note(const std::vector<Credit>& earned);
    void was_good(const Site& client, std::string_view domain) { note(earned(client, domain)); }
    // Refused, or junk, which costs as much as three good ones earn. Blocks for the disk; what it learns is
    // noted.
    void was_bad(const Site& client, std::string_view domain);
    // Whether mail for which SPF vouched has come from there and was good. Blocks for the disk.
    bool knows(std::string_view domain) const;

private:
    GreylistOptions options() const;
    bool network_passes(const std::string& network, Instant now, const GreylistOptions& options);
    void count(const std::string& name, Instant now, const GreylistOptions& options);

    Notebook& notebook_;
    Slots slots_;
    mutable std::mutex mutex_;  // guards options_
    GreylistOptions options_;
};

}  // namespace hongyan::reputation
