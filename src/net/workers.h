// Threads for work that may block: the disk, passwords, large messages.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <type_traits>
#include <vector>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>

#include "base/hands.h"
#include "base/named.h"
#include "base/result.h"
#include "net/hand_over.h"

namespace hongyan::net {

// Is a job the beginning of something, which can be refused, or the next part of what has been begun? That
// was let in once and waits for its turn, however much waits already: each who has begun something has one
// such part at a time.
enum class JobOf { something_new, something_begun };

// Whose work a job is: an account, by a number of the caller's choice. Nobody's is nobody's in particular.
using Owner = Named<std::uint64_t, struct OwnerTag>;
inline constexpr Owner nobody{};

// A bounded pool: when too much waits, submit() says no, and the caller tells its peer to come back later.
// Jobs are begun in the order in which they came, but of one owner no more than half as many run or stand in
// the queue as there are threads; his others wait behind those, so that who has many sessions keeps nobody
// else from his turn. May be used from any thread.
class Workers final : public Hands {
public:
    // Hears, on the worker, why a job broke that nobody waits for. Its own faults are lost.
    using OnBroken = std::function<void(std::string_view why)>;

    // At most `waiting_limit` jobs wait beside those that run, an owner's held-back ones among them.
    Workers(std::size_t threads, std::size_t waiting_limit, OnBroken on_broken = {});
    // Finishes every job that was taken.
    ~Workers() override;
    // The same now; none is taken from here on. For an owner of what jobs give their outcome to.
    void finish();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    // False if too many wait, but never where it is of something begun, and after finish(); the job is
    // untouched then: whoever must have it done does it himself. A job that throws ends itself and nothing
    // else.
    bool submit(std::move_only_function<void()>&& job, JobOf of = JobOf::something_new, Owner owner = nobody);

    // One for each core beyond the first, as far as there are threads.
    std::size_t spare() const override;
    // Only to a thread that has nothing else to do.
    bool offer(std::move_only_function<void()>&& job) override;

private:
    struct Waiting {
        std::move_only_function<void()> job;
        Owner owner;
    };
    // What is taken of one owner.
    struct Taken {
        std::size_t let_in = 0;                              // running or in the queue
        std::deque<std::move_only_function<void()>> held{};  // until one of those has ended
    };

    void work();
    void enter(std::move_only_function<void()>&& job, Owner owner);
    void leave(Owner owner);
    void run(std::move_only_function<void()>& job) noexcept;
    void tell_broken(std::string_view why) noexcept;

    const std::size_t waiting_limit_;
    const OnBroken on_broken_;
    const std::size_t most_of_one_;
    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::deque<Waiting> waiting_;
    std::map<Owner, Taken> owners_;  // who have let in
    std::size_t held_ = 0;           // jobs of all of them
    bool stopping_ = false;
    std::size_t idle_ = 0;
    std::vector<std::jthread> threads_;
};

// What on_worker gives for a job: Result<T> for one that returns T, and Result<T> as it is.
template <typename Value>
struct OutcomeOf {
    using type = Result<Value>;
};
template <typename Value>
struct OutcomeOf<Result<Value>> {
    using type = Result<Value>;
};
template <typename Job>
using Outcome = OutcomeOf<std::invoke_result_t<Job&>>::type;

// Runs the job on a worker and resumes here, on the caller's own thread, with what it returned: `unavailable`
// if too many jobs wait, or the workers end. A belief of ours that breaks in the job breaks here.
template <typename Job>
Task<Outcome<Job>> on_worker(Workers& workers, Job job, JobOf of = JobOf::something_new,
                             Owner owner = nobody) {
    std::optional<Outcome<Job>> outcome;
    std::exception_ptr broken;
    auto run = [&outcome, &broken, &job] {
        try {
            if constexpr (std::is_void_v<std::invoke_result_t<Job&>>) {
                job();
                outcome.emplace();
            } else {
                outcome.emplace(job());
            }
        } catch (...) {
            broken = std::current_exception();
        }
    };
    bool taken = true;
    auto start = [&workers, &run, &taken, of, owner](auto handler) {
        auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
        // The guard is given away: the loop may be gone before this worker has thrown the job away.
        std::move_only_function<void()> whole = [&run, &taken, handler = std::move(handler),
                                                 guard = std::move(guard)]() mutable {
            if (taken) run();
            hand_over(std::move(guard), [handler = std::move(handler)]() mutable { std::move(handler)(); });
        };
        if (workers.submit(std::move(whole), of, owner)) return;
        taken = false;
        whole();
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
        std::move(start), asio::use_awaitable_t<Executor>{});
    if (broken) std::rethrow_exception(broken);
    if (!taken) co_return fail(Error::Kind::unavailable, "too much work is waiting");
    co_return *std::move(outcome);
}

}  // namespace hongyan::net
