#include "admin/indexing.h"

#include <sys/resource.h>

#include "base/guarded.h"
#include "base/thread_name.h"

namespace hongyan::admin {

namespace {

// Fewer than that are as quickly read by whoever searches as found in a segment of their own.
constexpr std::uint64_t messages_worth_a_segment = 64;

// Behind those who wait for an answer; not so far behind that a busy machine never gets to it, since who
// holds the index of an account meanwhile may keep `store reindex` waiting.
constexpr int lower_priority = 5;

}  // namespace

Indexing::Indexing(store::Store& store, log::Log log, const Pace& pace)
    : store_(store),
      log_(std::move(log)),
      pace_(pace),
      thread_([this](const std::stop_token& stop) { run(stop); }),
      changes_(store.on_change([this](store::AccountId account, store::ModSeq) { note(account); })) {}

void Indexing::note(store::AccountId account) {
    const std::scoped_lock lock(mutex_);
    const bool is_new = changed_.insert(account).second;
    if (is_new && changed_.size() == 1) woken_.notify_one();  // the thread is asleep, and not only resting
}

void Indexing::run(const std::stop_token& stop) {
    name_this_thread("indexing");
    // Of this thread alone, as Linux has it. If that is refused, it is no worse than any other.
    (void)::setpriority(PRIO_PROCESS, 0, lower_priority);
    const auto begun = std::chrono::steady_clock::now();
    for (bool visited = false; !stop.stop_requested();) {
        if (!visited && std::chrono::steady_clock::now() - begun >= pace_.first_visit) {
            visited = true;
            visit_all();
        }
        for (const auto account : wait_for_changes(stop)) try_to_work_on(account, stop);
    }
}

// What breaks in one account, and would again, ends neither the server nor the work on the others.
void Indexing::try_to_work_on(store::AccountId account, const std::stop_token& stop) {
    const auto name = fmt::format("{}", account);
    const auto complain = [&](const Error& why) {
        log_.error("the mail of an account could not be indexed",
                   {{"account", name}, {"reason", why.message}});
    };
    put_off_.attempt(name, std::chrono::steady_clock::now(), [&] { work_on(account, stop); }, complain);
}

void Indexing::visit_all() {
    const auto accounts = guarded([this] { return store_.accounts(); });
    if (!accounts)
        return log_.error("accounts could not be listed to index their mail",
                          {{"reason", accounts.error().message}});
    const std::scoped_lock lock(mutex_);
    changed_.insert(accounts->begin(), accounts->end());
}

// Empty from time to time, and when it is to stop.
std::set<store::AccountId> Indexing::wait_for_changes(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, stop, pace_.first_visit, [this] { return !changed_.empty(); });
    if (changed_.empty()) return {};
    woken_.wait_for(lock, stop, pace_.pause, [] { return false; });
    return std::exchange(changed_, {});
}

void Indexing::work_on(store::AccountId account, const std::stop_token& stop) {
    const auto stopped = [&stop] { return stop.stop_requested(); };
    for (bool more = true; more && !stop.stop_requested();) {
        const auto done = store_.account(account).index_portion(messages_worth_a_segment, stopped);
        more = done && *done;
        // Removed meanwhile, or we are to stop.
        const bool is_failure = !done && done.error().kind != Error::Kind::not_found &&
                                done.error().kind != Error::Kind::unavailable;
        if (is_failure)
            log_.error("the mail of an account could not be indexed",
                       {{"account", fmt::format("{}", account)}, {"reason", done.error().message}});
    }
}

}  // namespace hongyan::admin
