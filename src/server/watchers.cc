#include "server/watchers.h"

namespace hongyan::server {

Watchers::Watchers(store::Store& store)
    : subscription_(store.on_change([state = state_](store::AccountId account, store::ModSeq) {
          const std::scoped_lock lock(state->mutex);
          const auto [begin, end] = state->wakes.equal_range(account);
          for (auto place = begin; place != end; ++place) place->second();
      })) {}

Watchers::Watch::Watch(std::shared_ptr<State> state, store::AccountId account, Wake wake)
    : state_(std::move(state)) {
    const std::scoped_lock lock(state_->mutex);
    place_ = state_->wakes.emplace(account, std::move(wake));
}

Watchers::Watch::~Watch() {
    const std::scoped_lock lock(state_->mutex);
    state_->wakes.erase(place_);
}

}  // namespace hongyan::server
