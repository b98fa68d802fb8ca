// The messages that wait to be sent to other servers.
#pragma once

#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "queue/entry.h"

namespace hongyan::queue {

// In the engine's global scope; does not own the engine. May be used from any thread.
class Queue {
public:
    Queue(engine::Engine& engine, const Clock& clock) : engine_(engine), clock_(clock) {}

    // For a message that has just come; different for each, also after a restart, unless the clock goes back.
    EntryId next_id();

    // Puts the entry, whose blob `content` is, into the queue: a part of a larger commit, say with a delivery
    // into a mailbox. Done twice with the same id, it is there once.
    engine::Part part_of(Entry entry, engine::SharedBlob content) const;

    struct Page {
        EntryId after{};  // the last of the page before
        std::size_t limit = 1000;
    };
    // In the order of arrival.
    Result<std::vector<Entry>> list(const Page& page) const;
    // not_found if there is none.
    Result<Entry> entry(EntryId id) const;
    // The whole message: prefix and content.
    Result<std::string> read(const Entry& entry) const;
    // Nobody is told that it will not arrive. not_found if there is none.
    Result<void> remove(EntryId id);

private:
    engine::Engine& engine_;
    const Clock& clock_;
    std::mutex mutex_;  // guards last_
    EntryId last_{};
};

}  // namespace hongyan::queue
