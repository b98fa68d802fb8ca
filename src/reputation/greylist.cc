#include "reputation/greylist.h"

#include "base/ascii.h"

namespace hongyan::reputation {

namespace {

std::string name_of_network(const Site& client) { return "network\n" + client.neighbourhood().octets(); }

std::string name_of_triplet(const Site& client, std::string_view sender, std::string_view recipient) {
    return fmt::format("triplet\n{}\n{}\n{}", client.neighbourhood().octets(), ascii::to_lower(sender),
                       ascii::to_lower(recipient));
}

}  // namespace

void Greylist::apply(const GreylistOptions& options) {
    const std::lock_guard lock(mutex_);
    options_ = options;
}

std::optional<std::chrono::milliseconds> Greylist::wait(const Site& client, std::string_view sender,
                                                        std::string_view recipient) {
    const auto options = [this] {
        const std::lock_guard lock(mutex_);
        return options_;
    }();
    const auto now = notebook_.clock().now();
    const auto network = name_of_network(client);
    if (network_passes(network, now, options)) return std::nullopt;
    const auto triplet = name_of_triplet(client, sender, recipient);
    const auto mark = slots_.find(triplet);
    if (!mark) return std::nullopt;  // a fault of ours delays nobody
    // A mark that has passed has a count.
    const bool is_new = !*mark || ((*mark)->count == 0 && now - (*mark)->first > options.window);
    if (is_new) {
        slots_.put(triplet, {.first = now, .last = now, .count = 0}, now + options.window);
        return options.delay;
    }
    const auto waited = now - (*mark)->first;
    if ((*mark)->count == 0 && waited < options.delay) return options.delay - waited;
    if ((*mark)->count == 0) count_network(network, now, options);
    slots_.put(triplet, {.first = (*mark)->first, .last = now, .count = (*mark)->count + 1},
               now + options.kept);
    return std::nullopt;
}

bool Greylist::network_passes(const std::string& network, Instant now, const GreylistOptions& options) {
    if (options.trusted_after == 0) return false;
    const auto mark = slots_.find(network);
    if (!mark || !*mark || (*mark)->count < options.trusted_after) return false;
    constexpr std::chrono::milliseconds between_marks = std::chrono::hours(24);
    if (now - (*mark)->last > between_marks)
        slots_.put(network, {.first = (*mark)->first, .last = now, .count = (*mark)->count},
                   now + options.kept);
    return true;
}

void Greylist::count_network(const std::string& network, Instant now, const GreylistOptions& options) {
    const auto mark = slots_.find(network);
    if (!mark) return;
    const auto known = mark->value_or(Slots::Mark{.first = now});
    slots_.put(network, {.first = known.first, .last = now, .count = known.count + 1}, now + options.kept);
}

}  // namespace hongyan::reputation
