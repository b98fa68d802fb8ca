#include "spam/learning.h"

#include <utility>

#include <sys/resource.h>

#include "base/guarded.h"
#include "base/thread_name.h"

namespace hongyan::spam {

namespace {

// Behind those who wait for an answer.
constexpr int lower_priority = 10;

}  // namespace

Learning::Learning(store::Store& store, Models& models, const TeachingRules& rules, log::Log log,
                   const Pace& pace)
    : store_(store),
      models_(models),
      log_(std::move(log)),
      pace_(pace),
      rules_(rules),
      thread_([this](const std::stop_token& stop) { run(stop); }),
      changes_(store.on_change([this](AccountId account, store::ModSeq) { note(account); })) {}

void Learning::apply(const TeachingRules& rules) {
    const bool begins = [&] {
        const std::scoped_lock lock(mutex_);
        return rules.enabled && !std::exchange(rules_, rules).enabled;
    }();
    if (begins) visit_all();
}

TeachingRules Learning::rules() const {
    const std::scoped_lock lock(mutex_);
    return rules_;
}

void Learning::note(AccountId account) {
    const std::scoped_lock lock(mutex_);
    const bool is_new = changed_.insert(account).second;
    if (is_new && changed_.size() == 1) woken_.notify_one();  // the thread is asleep, and not only resting
}

void Learning::run(const std::stop_token& stop) {
    name_this_thread("learning");
    // Of this thread alone, as Linux has it. If that is refused, it is no worse than any other.
    (void)::setpriority(PRIO_PROCESS, 0, lower_priority);
    const auto begun = std::chrono::steady_clock::now();
    for (bool visited = false; !stop.stop_requested();) {
        if (!visited && std::chrono::steady_clock::now() - begun >= pace_.first_visit) {
            visited = true;
            visit_all();
        }
        for (const auto account : wait_for_changes(stop)) try_to_learn_from(account, stop);
    }
}

// What breaks in one account, and would again, ends neither the server nor the work on the others.
void Learning::try_to_learn_from(AccountId account, const std::stop_token& stop) {
    const auto name = fmt::format("{}", account);
    const auto complain = [&](const Error& why) {
        log_.error("nothing could be learned from the mail of an account",
                   {{"account", name}, {"reason", why.message}});
    };
    put_off_.attempt(name, std::chrono::steady_clock::now(), [&] { learn_from(account, stop); }, complain);
}

void Learning::visit_all() {
    const auto accounts = guarded([this] { return store_.accounts(); });
    if (!accounts)
        return log_.error("accounts could not be listed to learn from their mail",
                          {{"reason", accounts.error().message}});
    const std::scoped_lock lock(mutex_);
    changed_.insert(accounts->begin(), accounts->end());
}

// Empty from time to time, and when it is to stop.
std::set<AccountId> Learning::wait_for_changes(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, stop, pace_.first_visit, [this] { return !changed_.empty(); });
    if (changed_.empty()) return {};
    woken_.wait_for(lock, stop, pace_.pause, [] { return false; });
    return std::exchange(changed_, {});
}

void Learning::learn_from(AccountId account, const std::stop_token& stop) {
    const auto stopped = [&stop] { return stop.stop_requested(); };
    const auto rules = this->rules();
    if (!rules.enabled) return;
    for (bool more = true; more && !stop.stop_requested();) {
        const auto done = teach_portion(store_, models_, account, rules, stopped);
        more = done && *done;
        // Removed meanwhile, or we are to stop.
        const bool is_failure = !done && done.error().kind != Error::Kind::not_found &&
                                done.error().kind != Error::Kind::unavailable;
        if (is_failure)
            log_.error("nothing could be learned from the mail of an account",
                       {{"account", fmt::format("{}", account)}, {"reason", done.error().message}});
    }
}

}  // namespace hongyan::spam
