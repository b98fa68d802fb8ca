// What is being sent since it was accepted and stands in no list of tally.h, in the order of arrival. For
// this folder.
#pragma once

#include "engine/engine.h"
#include "queue/records.h"

namespace hongyan::queue {

// As many as messages are under way: some thousands. Does not own the reader.
class FreshLeases {
public:
    // From that entry on.
    FreshLeases(const engine::Reader& reader, EntryId first);

    bool valid() const { return who_.has_value(); }
    Attemptable who() const { return *who_; }
    void next();
    // What went wrong, when it is not valid any more.
    Result<void> status() const;

private:
    void find();

    std::unique_ptr<engine::Cursor> cursor_;
    std::optional<Attemptable> who_;
};

}  // namespace hongyan::queue
