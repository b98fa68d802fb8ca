#include "store/replacing.h"

#include "store/edit.h"
#include "store/placement.h"
#include "store/reading.h"

namespace hongyan::store {

// The old one goes first, so that its room counts for the new one.
engine::Part replace_part(const Store& store, AccountId account, Home old, MailboxId mailbox,
                          NewMessage message, std::shared_ptr<Placed> placed) {
    auto shared = std::make_shared<const NewMessage>(std::move(message));
    auto work = [old, mailbox, shared, placed = std::move(placed),
                 now = store.clock().now()](engine::Transaction& transaction) -> Result<void> {
        TRY(auto edit, Edit::begin(transaction));
        TRY(edit.selectable(mailbox));
        TRY(const auto entry, read_entry(transaction, old.mailbox, old.uid));
        if (!entry) return fail(Error::Kind::conflict, "the message to be replaced is there no more");
        TRY(take_out(edit, old.mailbox, *entry));
        TRY(*placed, place_new(edit, mailbox, *shared, now));
        return edit.finish();
    };
    return engine::Part{engine::Scope::account(account), std::move(work)};
}

}  // namespace hongyan::store
