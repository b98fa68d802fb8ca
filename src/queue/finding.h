// Looking for messages in the queue, page by page: by destination, address, sender or account without walking
// through what does not fit.
#pragma once

#include "queue/queue.h"

namespace hongyan::queue {

struct Found {
    std::vector<Entry> entries;  // with all of their recipients, in the order of arrival
    // Where to go on (Page::after), if there may be more: a page may be short, or empty, where much had to be
    // looked at.
    std::optional<EntryId> next;
};

// Entries of which a recipient that is not final fits all that is said; Selection::all says nothing. Looks at
// a bounded number of keys. not_found if a message is named that is not there.
Result<Found> find(engine::Engine& engine, const Selection& selection, const Queue::Page& page);

}  // namespace hongyan::queue
