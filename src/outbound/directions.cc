#include "outbound/directions.h"

namespace hongyan::outbound {

std::shared_ptr<Destination>& Directions::at(const std::string& name, tls_policy::SenderWish wish) {
    const Place place{name, wish};
    if (const auto known = destinations_.find(place); known != destinations_.end()) return known->second;
    std::shared_ptr<Bearing> shared;
    if (const auto others = of_name(name); !others.empty()) shared = others.back()->bearing;
    if (!shared) shared = std::make_shared<Bearing>(limit_of(name));
    return destinations_[place] = std::make_shared<Destination>(name, wish, std::move(shared));
}

Limit Directions::limit_of(const std::string& name) const {
    const auto limit = settings_.limits.of(name, settings_.connections_per_destination);
    // Who delivers here is nobody's guest.
    const bool is_free = limit.messages != 0 && is_ours(name);
    return is_free ? Limit{.connections = settings_.connections_per_destination} : limit;
}

void Directions::apply_limits() {
    for (const auto& [place, destination] : destinations_)
        if (!destination->hop) destination->bearing->apply(limit_of(destination->name));
}

std::vector<Destination*> Directions::of_name(const std::string& name) const {
    std::vector<Destination*> all;
    for (auto place = destinations_.lower_bound({name, {}});
         place != destinations_.end() && place->first.first == name; ++place)
        all.push_back(place->second.get());
    return all;
}

std::shared_ptr<Destination> Directions::of(const std::string& name, std::string_view sender) {
    const auto hop = hop_to(name, sender);
    if (!hop) return at(name, tls_policy::SenderWish::none);
    auto fresh = std::make_shared<Destination>(*hop, settings_.connections_per_destination);
    const auto place = place_of(*fresh);
    return destinations_.try_emplace(place, std::move(fresh)).first->second;
}

// What somebody has said by hand goes before the routes, and those before the hosts of a domain; what is ours
// stays here.
std::optional<config::NextHop> Directions::hop_to(const std::string& name, std::string_view sender) const {
    if (auto by_hand = hop_of_name(name)) return by_hand;
    const auto* const hop = settings_.routes.find(name, sender);
    if (hop == nullptr || is_ours(name)) return std::nullopt;
    return *hop;
}

// A next hop is no domain, and no domain begins so.
Directions::Place Directions::place_of(const Destination& destination) {
    return {(destination.hop ? "\x01" : "") + destination.name, destination.wish};
}

bool Directions::is_ours(const std::string& name) const {
    const auto found = directory_.resolve("postmaster", name);
    // Who cannot tell tries here, where a fault puts mail off: elsewhere it would come back to us, or bounce.
    return !found || found->outcome != directory::Resolution::Outcome::not_ours;
}

std::vector<std::shared_ptr<Destination>> Directions::in_turn(const Place& last) const {
    std::vector<std::shared_ptr<Destination>> all;
    const auto from = destinations_.upper_bound(last);
    for (auto place = from; place != destinations_.end(); ++place) all.push_back(place->second);
    for (auto place = destinations_.begin(); place != from; ++place) all.push_back(place->second);
    return all;
}

void Directions::tidy() {
    constexpr std::size_t most = 20'000;  // of those for whom there is no work
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(destinations_, [this, now](auto& place) {
        auto& destination = *place.second;
        if (destination.rest && destination.rest->until <= now) destination.rest.reset();
        const bool is_forgotten = destination.remembered && *destination.remembered <= now;
        if (is_forgotten || destinations_.size() > most) destination.remembered.reset();
        return destination.is_deserted();
    });
}

}  // namespace hongyan::outbound
