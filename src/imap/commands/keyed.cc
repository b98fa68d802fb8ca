#include "imap/commands/keyed.h"

namespace hongyan::imap::commands {
namespace {

// Messages whose keys are read before others get a turn: some microseconds each.
constexpr std::size_t keys_at_once = 10'000;

}  // namespace

Result<bool> Keyed::bring_forward(Desk& desk) {
    const auto mailbox = desk.mailbox().id();
    if (!keys_ && cache_) keys_ = cache_->keys_of(desk.account.id(), mailbox);
    if (!keys_) keys_ = std::make_shared<MessageKeys>();
    auto lock = keys_->lock();
    TRY(const auto is_done, keys_->bring_forward(desk.account.view(), mailbox, kinds_, keys_at_once));
    const auto memory = keys_->memory();
    progress_.tell(desk.out, desk.store.clock().now(), keys_->known(kinds_), keys_->size());
    lock.unlock();
    if (cache_) cache_->has_grown(*keys_, memory);
    return is_done;
}

std::vector<std::size_t> Keyed::places_of(Found& found) const {
    std::vector<std::size_t> places;
    places.reserve(found.size());
    std::size_t from = 0;
    std::erase_if(found, [&](const FoundMessage& message) {
        const auto place = keys_->find(message.uid, from);
        if (place) {
            places.push_back(*place);
            from = *place + 1;
        }
        return !place;
    });
    return places;
}

}  // namespace hongyan::imap::commands
