// All that a message becomes, gathered before anything is written: one commit for everybody it is for.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "flow/policy.h"
#include "flow/recipients.h"
#include "flow/world.h"
#include "smtp/question.h"

namespace hongyan::flow {

// What a commit consists of, and whose replies depend on which part.
struct DeliveryPlan {
    std::string id;  // of the message in trace fields, logs and the queue
    std::vector<engine::Part> parts = {};

    // The outcome of a delivery into a mailbox; parts of the queue have none.
    struct Placing {
        store::AccountId account;
        std::shared_ptr<store::Placed> placed;
        queue::Record record;  // for the history
        std::size_t part = 0;  // that does it
    };
    std::vector<Placing> placings = {};  // in the order of their parts

    // Parts before are the message; those from here on a notification to the sender of what has gone well
    // (RFC 3461 §5.2), and what the history is told.
    std::size_t notice_begins = 0;
    // Whether the last parts tell the history of all placings.
    bool tells = false;
    // Whether something waits in the queue that is not handed over.
    bool queues = false;
    std::string message_id = {};

    // What can be sent at once when its part is durable.
    struct Handing {
        std::size_t part = 0;
        Fresh fresh;
    };
    std::vector<Handing> handings = {};

    // For each recipient of the envelope: the parts that must succeed, or why there are none. Neither for
    // whom a filter has added in vain.
    struct Leg {
        std::vector<std::size_t> parts = {};
        std::optional<smtp::StandardReply> refusal = {};
    };
    std::vector<Leg> legs = {};

    // Filters have left only recipients that there are not: 250 would be a lie (RFC 5321 §6.1).
    bool leads_nowhere() const;
};

// How a message is kept, beyond what its client said of it.
struct Handling {
    // Of a message that has been tried before: under this name it gets into each mailbox once. Empty: it is
    // new.
    std::string key = {};
    std::string fields = {};  // header fields that stand before our Received, each with its line end
    bool is_junk = false;     // into the mailboxes for junk
    std::vector<spam::Placement> placements = {};  // what holds for single accounts beside that
    std::string held_because =
        {};                   // all of it waits in the queue until somebody releases it; empty: it does not
    std::string judged = {};  // account_of() its judgement, for the history
    // Recipients that a filter has added: they may be anywhere, and those that there are not are nobody's
    // reason to refuse the message.
    std::set<std::string> added = {};
    // What was found of its sender; null: nobody looked.
    std::shared_ptr<const spam::Authenticated> authenticated = {};

    // Of that account, or (nothing) of those who are elsewhere or whose mail waits. What is held because of
    // its content is junk where it is delivered nevertheless.
    bool is_junk_for(std::optional<store::AccountId> account) const;
    std::string fields_for(std::optional<store::AccountId> account) const;
};

// An account that several recipients lead to gets the message once. Blocks: hashes, compresses, reads the
// directory; of junk makes mailboxes.
DeliveryPlan plan_delivery(const World& world, const Policy& policy, const smtp::Deliver& message,
                           Handling handling = {});

// Hashing, compressing and taking apart what is larger, or for more, would keep a thread's other sessions
// waiting.
bool is_soon_prepared(std::size_t bytes, std::size_t recipients);
bool is_soon_prepared(const smtp::Deliver& message);

}  // namespace hongyan::flow
