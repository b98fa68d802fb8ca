// Answering at once what memory can answer.
#pragma once

#include "engine/without_waiting.h"
#include "net/workers.h"

namespace hongyan::spam {

// Runs the job here, on the session's own thread, as far as what it reads is in memory; otherwise again, from
// the beginning, on a worker. So it reads only, and takes no longer than a fraction of a millisecond. To wake
// a worker and be woken by it costs more than most answers.
template <typename Job>
net::Task<net::Outcome<Job>> at_once(net::Workers& workers, Job job) {
    {
        const engine::WithoutWaiting here;
        try {
            net::Outcome<Job> outcome = job();
            if (!here.missed()) co_return outcome;
        } catch (const std::exception&) {
            if (!here.missed()) throw;  // otherwise it broke for want of what was missed
        }
    }
    co_return co_await net::on_worker(workers, std::move(job));
}

}  // namespace hongyan::spam
