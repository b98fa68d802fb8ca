// What clients were refused, for the history: so that `hongyan trace` tells why a message is not there.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "queue/queue.h"
#include "smtp/session.h"

namespace hongyan::flow {

// Any thread may tell; nobody waits. Kept by commits of their own, one at a time, which take all that has
// come meanwhile. A flood is not kept: a thousand at once and then five a second, which are counted and the
// rest too; there may be millions of them.
class Refusals {
public:
    // All three outlive what is on its way in the engine.
    Refusals(engine::Engine& engine, queue::Queue& queue, const Clock& clock, log::Log log);
    // What still waits is given to the engine.
    ~Refusals();
    Refusals(const Refusals&) = delete;
    Refusals& operator=(const Refusals&) = delete;

    // The record gets an id of its own, if it has none, and its time.
    void tell(queue::Record record);
    // How many were not kept.
    std::uint64_t dropped() const;

private:
    struct Desk;
    std::shared_ptr<Desk> desk_;
};

// What a session has refused, told of all whom it concerns: nothing of what is no mail, or is told elsewhere.
std::vector<queue::Record> records_of(const smtp::Client& client, const smtp::Refusal& refusal);

// The address of "RCPT TO:<ann@here.test> NOTIFY=NEVER" or "MAIL FROM:<…>", the word behind the
// colon where there are no brackets; empty if there is none.
std::string_view address_in(std::string_view command);

}  // namespace hongyan::flow
