// The world that SMTP sessions ask.
#pragma once

#include <memory>

#include "flow/hearing.h"
#include "flow/policy.h"
#include "flow/world.h"
#include "net/task.h"
#include "smtp/question.h"

namespace hongyan::flow {

// For one session, or where nobody judges for many on one thread. Does not own the world. What may block runs
// on a worker; a fault is an answer 4xx, whatever it was.
class Reception {
public:
    // `log` bears the session's id, if it is for one.
    Reception(const World& world, std::shared_ptr<const Policy> policy, log::Log log)
        : world_(world),
          policy_(std::move(policy)),
          log_(std::move(log)),
          hearing_(world.judges ? world.judges->seated() : nullptr, policy_->judges_patience, log_) {}

    net::Task<smtp::Answer> answer(smtp::Question question);
    // The session is over.
    net::Task<void> leave();

private:
    net::Task<smtp::Answer> find_answer(const smtp::Question& question);
    net::Task<smtp::Answer> ask_world(const smtp::Question& question) const;
    net::Task<smtp::Answer> ask_judges_too(const smtp::Question& question);
    net::Task<smtp::Answer> ask_about_sender(const smtp::Question& question, const smtp::CheckSender& asked);
    net::Task<smtp::Answer> deliver_judged(const smtp::Deliver& message);
    net::Task<smtp::Answer> fetch(smtp::FetchUrl url) const;
    net::Task<smtp::Answer> await_room(smtp::AwaitRoom wanted) const;
    net::Task<smtp::Answer> deliver_message(const smtp::Deliver& message) const;

    const World& world_;
    std::shared_ptr<const Policy> policy_;
    log::Log log_;
    Hearing hearing_;
};

// The answer to every question but Deliver. Blocks for the disk.
smtp::Answer decide(const World& world, const Policy& policy, const smtp::Question& question);

}  // namespace hongyan::flow
