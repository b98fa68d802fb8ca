#include "directory/directory.h"

namespace hongyan::directory {

Directory::Directory(engine::Engine& engine, const Clock& clock, Random& random, Options options)
    : engine_(engine),
      clock_(clock),
      random_(random),
      options_(std::make_shared<const Options>(std::move(options))),
      recent_(clock, random) {}

void Directory::apply(Options options) {
    auto made = std::make_shared<const Options>(std::move(options));
    const std::lock_guard lock(mutex_);
    options_ = std::move(made);
}

std::shared_ptr<const Options> Directory::options() const {
    const std::lock_guard lock(mutex_);
    return options_;
}

Result<void> Directory::transact(engine::Work work) {
    return engine_.transact(engine::Scope::global(), std::move(work));
}

std::unique_ptr<engine::Snapshot> Directory::snapshot() const {
    return engine_.snapshot(engine::Scope::global());
}

Quota Directory::quota_of(const Account& account) const { return account.quota.value_or(options()->quota); }

}  // namespace hongyan::directory
