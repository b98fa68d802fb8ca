// What people do to the queue, and what they see of it as a whole.
#pragma once

#include "queue/records.h"

namespace hongyan::queue {

// Recipients that are not final and fit all that is said here; what is empty says nothing.
struct Selection {
    std::optional<EntryId> id = {};
    std::string recipient = {};  // address
    std::string domain = {};     // where it goes: the address' domain, or the route it was given
    std::string sender = {};     // reverse-path
    std::string account = {};
    bool all = false;  // must be said where nothing else is

    bool says_nothing() const {
        return !id && recipient.empty() && domain.empty() && sender.empty() && account.empty() && !all;
    }
};
bool fits(const Selection& selection, const Entry& entry, const Recipient& recipient);

enum class Control {
    hold,     // until it is released
    release,  // what is held is attempted at once
    retry,    // what waits is attempted at once
    reroute,  // goes elsewhere from now on, at once
    cancel,   // is given up; nobody is told
};

// How many recipients were changed.
struct Changed {
    std::size_t recipients = 0;
    std::size_t under_way = 0;  // of these: when the attempt that is being made has failed
};

// A destination, or with an empty name all, for which nothing is attempted.
struct Pause {
    std::string destination = {};
    Instant since = {};
    std::string reason = {};

    friend bool operator==(const Pause&, const Pause&) = default;
};
std::string pause_key(std::string_view destination);
std::string encode(const Pause& pause);
Result<Pause> decode_pause(std::string_view key, std::string_view value);

struct Statistics {
    std::uint64_t messages = 0, bytes = 0;
    std::uint64_t ready = 0, asleep = 0, leased = 0, held = 0, finished = 0;  // recipients

    struct Destination {
        std::string name;
        std::uint64_t recipients = 0;  // not final
        Instant oldest = {};           // arrival
    };
    std::vector<Destination> destinations;  // those with the most recipients first
    std::uint64_t elsewhere = 0;            // recipients of destinations that are not listed
};

}  // namespace hongyan::queue
