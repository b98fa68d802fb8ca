#include "server/watchers.h"

namespace hongyan::server {

Watchers::Watchers(store::Store& store)
    : subscription_(store.on_change([state = state_](store::AccountId account, store::ModSeq) {
          const std::scoped_lock lock(state->mutex);
          const auto [begin, end] = state->waiting.equal_range(account);
          for (auto place = begin; place != end; ++place)
              if (place->second.listens) place->second.wake();
      })) {}

Watchers::Watch::Watch(std::shared_ptr<State> state, store::AccountId account, Wake wake)
    : state_(std::move(state)) {
    const std::scoped_lock lock(state_->mutex);
    place_ = state_->waiting.emplace(account, Waiting{.wake = std::move(wake)});
}

void Watchers::Watch::listen(bool wanted) {
    const std::scoped_lock lock(state_->mutex);
    place_->second.listens = wanted;
}

Watchers::Watch::~Watch() {
    const std::scoped_lock lock(state_->mutex);
    state_->waiting.erase(place_);
}

}  // namespace hongyan::server
