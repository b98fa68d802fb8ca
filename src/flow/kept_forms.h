// A message as mailboxes, the queue and the history keep it: header fields put before it, the envelope as
// values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "engine/engine.h"
#include "flow/delivery_plan.h"
#include "flow/handover.h"
#include "flow/kept_content.h"
#include "queue/entry.h"
#include "queue/history.h"
#include "store/message.h"

namespace hongyan::flow {

// Looks at what it is made of. For one thread. Blocks: hashes and compresses.
class KeptForms {
public:
    KeptForms(const World& world, const Policy& policy, const smtp::Deliver& message,
              const Handling& handling);

    queue::EntryId id() const { return id_; }
    Instant now() const { return now_; }
    // Until then everybody waits; {}: nobody.
    Instant release() const { return release_; }
    // By which the message is found in the queue's history: its own, or that which we give it.
    const std::string& message_id() const { return message_id_; }

    // Into the account's INBOX.
    store::Delivery delivery_to(store::AccountId account, const smtp::Path& recipient);

    // For the history: that the message was placed, or that it came.
    queue::Record record_of_placing(std::size_t index, store::AccountId account,
                                    const smtp::Path& recipient) const;
    queue::Record record_of_arrival() const;

    // Of the queue, for those who are elsewhere, or wait. The first has the message's own id.
    queue::Recipient waiting(const std::string& address, const smtp::Recipient& recipient) const;
    queue::Entry entry_from(const std::string& sender);
    // ARC fields where a name of ours passes on what others have sent (RFC 8617 §5.1).
    std::string seal(const message::Address& passed_on_by) const;

    // With a lease for somebody who stands ready to send it, if somebody does.
    struct Entered {
        engine::Part part;
        std::optional<Fresh> fresh = {};
    };
    Entered enter(queue::Entry entry);

    // A name without a domain means nothing later: what is for it is not held.
    bool is_quarantined(const smtp::Recipient& recipient) const;

private:
    queue::Record record() const;
    std::string received(const smtp::Path& recipient, const std::string& id) const;
    const std::string& signatures();
    bool may_sign() const;

    const World& world_;
    const Policy& policy_;
    const smtp::Deliver& message_;
    const Handling& handling_;
    queue::EntryId id_;
    Instant now_;
    Instant release_;
    KeptContent content_;
    std::string additions_;  // fields that the message has not and should have
    std::string message_id_;
    bool is_first_entry_ = true;
    std::optional<std::string> signatures_ = {};
};

}  // namespace hongyan::flow
