// What decisions about messages and log-ins stand on.
#pragma once

#include <memory>

#include "base/budget.h"
#include "base/clock.h"
#include "base/log.h"
#include "directory/directory.h"
#include "flow/handover.h"
#include "flow/refusals.h"
#include "forward/srs.h"
#include "net/workers.h"
#include "oauth/verifier.h"
#include "queue/queue.h"
#include "reputation/reputation.h"
#include "spam/panel.h"
#include "store/store.h"

namespace hongyan::flow {

// Made once and shared by all sessions; every part may be used from any thread.
struct World {
    store::Store& store;
    directory::Directory& directory;
    queue::Queue& queue;
    net::Workers& workers;
    net::Workers& log_in_workers;  // so that who guesses passwords keeps others from logging in, at most
    const Clock& clock;
    log::Log log;
    std::shared_ptr<Budget> memory = {};  // for messages that come in; null: without bound
    // For the reverse-path of what aliases pass on; null: it stays as it is, and no bounce comes back by us.
    std::shared_ptr<const forward::Srs> srs = {};
    // To whom goes what may be sent at once; null or wanting nothing: it waits in the queue.
    std::shared_ptr<Handover> handover = {};
    // For the history; null: nobody tells of them.
    std::shared_ptr<Refusals> refusals = {};
    // Who judges what comes by SMTP; null: nobody.
    std::shared_ptr<spam::Panel> judges = {};
    // Who judges tokens; null: none is believed.
    std::shared_ptr<oauth::Verifier> tokens = {};
    // Of those who come; null: nobody is counted or shut out.
    reputation::Reputation* reputation = nullptr;
};

}  // namespace hongyan::flow
