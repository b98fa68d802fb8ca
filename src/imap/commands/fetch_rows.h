// The responses of a FETCH to many messages, put together by as many threads as are free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "imap/message_data.h"
#include "imap/task.h"
#include "imap/wire/values.h"
#include "store/view.h"

namespace hongyan::imap::commands {

// What is said of a message besides what its entry tells.
struct FetchRow {
    SequenceNumber number;
    bool is_recent = false;
    std::span<const WantedItem> items = {};
};

// How all of them are said.
struct FetchManner {
    SetOf named_by = SetOf::numbers;
    Headers headers = Headers::as_they_stand;
};
FetchManner manner_for(const Standing& standing);

// What putting responses has come to.
struct FetchTally {
    UidSet surrogates;              // of these a surrogate was told (RFC 6858 §3)
    std::uint64_t octets_read = 0;  // of messages themselves

    void add(const FetchTally& other) {
        surrogates.add(other.surrogates);
        octets_read += other.octets_read;
    }
};

// Appends the response to `out`. False if the message is gone by now: then nothing.
Result<bool> put_row(std::string& out, const store::View& mail, const store::Entry& entry,
                     const FetchRow& row, const store::MessageView* message, const FetchManner& manner,
                     FetchTally& tally);

// Some of the messages, each entry with the row in the same place.
struct FetchRows {
    std::span<const store::Entry> entries;
    std::span<const FetchRow> rows;
};

// The same for all in their order, to the desk's output; so many were there. Depth is more than `entry`.
// What stands before a row that fails has been appended.
Result<std::size_t> put_rows(Desk& desk, const FetchRows& rows, Depth depth, FetchTally& tally);

}  // namespace hongyan::imap::commands
