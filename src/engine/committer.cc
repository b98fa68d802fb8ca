#include "engine/committer.h"

#include <future>

#include "base/thread_name.h"

namespace hongyan::engine {

namespace {

constexpr std::size_t max_waiting = 20'000;     // submissions; seconds of work, so something is wrong
constexpr std::size_t max_batch_parts = 2'000;  // submissions in one batch: some 100 ms

std::vector<Result<void>> all_failed(std::size_t count, const Error& error) {
    return std::vector<Result<void>>(count, std::unexpected(error));
}

Error broken(const std::exception& exception) {
    return {Error::Kind::internal, fmt::format("a commit was given up: {}", exception.what())};
}

}  // namespace

Committer::~Committer() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    arrived_.notify_one();
    thread_.join();
}

bool Committer::accept(Submission& submission) {
    {
        const std::lock_guard lock(mutex_);
        if (closing_ || queue_.size() >= max_waiting) return false;
        queue_.push_back(std::move(submission));
    }
    arrived_.notify_one();
    return true;
}

void Committer::submit(std::vector<Part> parts, Together together, Done done) {
    Submission submission{.parts = std::move(parts),
                          .together = together,
                          .chore = {},
                          .done = std::move(done),
                          .outcomes = {}};
    if (accept(submission)) return;
    const auto count = submission.parts.size();
    submission.parts.clear();
    submission.done(
        all_failed(count, {Error::Kind::unavailable, "the store has too much to do, or is closing"}));
}

Result<void> Committer::run_chore(Chore chore) {
    std::promise<Result<void>> outcome;
    Submission submission;
    submission.chore = std::move(chore);
    submission.done = [&outcome](std::vector<Result<void>> results) {
        outcome.set_value(std::move(results.front()));
    };
    if (!accept(submission)) return fail(Error::Kind::unavailable, "the store is closing");
    return outcome.get_future().get();
}

void Committer::run() {
    name_this_thread("committer");
    for (;;) {
        auto waiting = wait_for_work();
        if (waiting.empty()) return;
        run_batch(std::move(waiting));
    }
}

std::vector<Committer::Submission> Committer::wait_for_work() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    std::vector<Submission> taken;
    while (!queue_.empty() && taken.size() < max_batch_parts) {
        taken.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return taken;
}

// What did not fit goes back to where it was: first in the queue.
void Committer::give_back(std::vector<Submission>& waiting, std::size_t from) {
    const std::lock_guard lock(mutex_);
    while (waiting.size() > from) {
        queue_.push_front(std::move(waiting.back()));
        waiting.pop_back();
    }
}

void Committer::run_batch(std::vector<Submission> waiting) {
    Result<std::size_t> ran = 0;
    try {
        ran = write_batch(waiting);
    } catch (const std::exception& exception) {
        ran = std::unexpected(broken(exception));
    }
    must_recover_ = !ran;
    if (!ran) recent_.forget();
    if (ran) give_back(waiting, *ran);
    ++batches_;
    for (auto& submission : waiting) {
        // Where the batch failed, even a refusal is void: it may rest on what has just been undone.
        if (!ran)
            submission.outcomes = all_failed(std::max<std::size_t>(submission.parts.size(), 1), ran.error());
        transactions_ += submission.parts.size();
        submission.parts.clear();
        submission.done(std::move(submission.outcomes));
    }
}

// Begins again from what is stored, whatever became of the batch that failed.
Result<void> Committer::recover() {
    TRY(storage_.backend.recover());
    versions_.all_known();
    if (storage_.packs == nullptr) return {};
    TRY(const auto known, load_pack_records(storage_.backend.latest()));
    return storage_.packs->load(known);
}

// How many of the waiting are in the batch.
Result<std::size_t> Committer::write_batch(std::vector<Submission>& waiting) {
    if (must_recover_) TRY(recover());
    Batch batch(storage_, recent_);
    std::size_t ran = 0;
    while (ran < waiting.size() && !batch.is_full()) {
        auto& submission = waiting[ran++];
        if (submission.chore)
            submission.outcomes = {submission.chore(batch)};
        else
            submission.outcomes = batch.run(submission.parts, submission.together);
    }
    for (const auto& submission : std::span(waiting).first(ran))
        for (const auto& part : submission.parts) versions_.writing(part.scope);
    TRY(batch.commit());
    versions_.all_known();
    return ran;
}

}  // namespace hongyan::engine
