#include "directory/directory.h"

namespace hongyan::directory {

namespace {

constexpr std::size_t usual_password_size = 16;  // bytes

}  // namespace

Directory::Directory(engine::Engine& engine, const Clock& clock, Random& random, Options options,
                     std::optional<crypto::Seal> seal)
    : engine_(engine),
      clock_(clock),
      random_(random),
      seal_(std::move(seal)),
      nobodys_sealed_password_(seal_ ? seal_->close(random.bytes(usual_password_size), {}, random)
                                     : std::string()),
      options_(std::make_shared<const Options>(std::move(options))),
      recent_(clock, random, options_->remembered) {}

void Directory::apply(Options options) {
    auto made = std::make_shared<const Options>(std::move(options));
    recent_.apply(made->remembered);
    {
        const std::lock_guard lock(mutex_);
        options_ = std::move(made);
    }
    resolutions_.forget();
}

std::shared_ptr<const Options> Directory::options() const {
    const std::lock_guard lock(mutex_);
    return options_;
}

Result<void> Directory::transact(engine::Work work) {
    auto outcome = engine_.transact(engine::Scope::global(), std::move(work));
    resolutions_.forget();  // also after a failure: it may be there all the same
    return outcome;
}

std::unique_ptr<engine::Snapshot> Directory::snapshot() const {
    return engine_.snapshot(engine::Scope::global());
}

Quota Directory::quota_of(const Account& account) const { return account.quota.value_or(options()->quota); }

}  // namespace hongyan::directory
