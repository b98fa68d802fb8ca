// Searches whose results a client is kept up to date with: UPDATE (RFC 5267 §4.3).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "imap/message_data.h"
#include "imap/message_keys.h"
#include "imap/search_match.h"
#include "imap/wire/sort.h"

namespace hongyan::imap {

// What of one such search is kept.
struct Context {
    std::string tag;
    SetOf of = SetOf::numbers;  // how its messages are named
    Search search;
    std::vector<Uid> results;  // as the client has been told; in the order of the criteria, or of the mailbox
    wire::SortCriteria criteria{};        // of a SORT; empty: a SEARCH
    std::shared_ptr<MessageKeys> keys{};  // of a SORT

    std::vector<wire::FetchItem> fetched{};  // of messages that are new (RFC 5465 §7)
    Headers headers = Headers::as_they_stand;
};

// "* NO [NOUPDATE "tag"] …": of that search there are no updates, or none any more (RFC 5267 §4.3.1).
void put_no_update(std::string& out, std::string_view tag, std::string_view why);

// Belongs to a selected mailbox.
class Contexts {
public:
    // A session may have as many as real clients show lists at once; each takes 4 bytes a message found.
    static constexpr std::size_t most = 16;

    bool is_known(std::string_view tag) const;
    bool has_room() const { return contexts_.size() < most; }
    bool empty() const { return contexts_.empty(); }
    void add(Context context) { contexts_.push_back(std::move(context)); }
    // False: there is none.
    bool cancel(std::string_view tag);

    // REMOVEFROM of messages that are gone, while their numbers still hold (RFC 5267 §4.3.4).
    void tell_gone(std::string& out, const Selected& mailbox, const UidSet& gone);
    // ADDTO and REMOVEFROM of messages that have changed, which are in the mailbox's view. A context for
    // which more would have to be looked at than is at once ends with NOUPDATE.
    Result<void> tell_changed(std::string& out, const store::View& mail, const Selected& mailbox,
                              const UidSet& changed);

    // The same of messages that are new, and before it what is to be fetched of those that match. A context
    // of which there is too much to say at once, beside the others, or for which they cannot be read, ends
    // with NOUPDATE.
    void tell_arrived(std::string& out, const store::View& mail, const Selected& mailbox,
                      const UidSet& arrived, SetOf named_by);

private:
    std::vector<Context> contexts_;
};

}  // namespace hongyan::imap
