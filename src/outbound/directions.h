// Which way mail goes: the destinations that somebody works for now, and to which of them a name and a sender
// lead.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "directory/directory.h"
#include "outbound/destination.h"
#include "outbound/settings.h"

namespace hongyan::outbound {

// Of the dispatcher's thread. Directory and settings, which may change, outlive it.
class Directions {
public:
    // A domain, or a next hop, and the wish of the messages that go there.
    using Place = std::pair<std::string, tls_policy::SenderWish>;
    using Map = std::map<Place, std::shared_ptr<Destination>>;

    Directions(const directory::Directory& directory, const Settings& settings)
        : directory_(directory), settings_(settings) {}

    // Where mail for a name goes; by its sender too, if routes depend on him.
    std::shared_ptr<Destination> of(const std::string& name, std::string_view sender);
    // The hosts of a domain.
    std::shared_ptr<Destination>& at(const std::string& name, tls_policy::SenderWish wish);
    // The same for all wishes of senders, as far as they are there.
    std::vector<Destination*> of_name(const std::string& name) const;
    // A domain of which we keep the mailboxes.
    bool is_ours(const std::string& name) const;

    // The settings have changed.
    void apply_limits();

    const Map& all() const { return destinations_; }
    // Each once, from behind the place that had the last turn.
    std::vector<std::shared_ptr<Destination>> in_turn(const Place& last) const;
    static Place place_of(const Destination& destination);
    // Forgets those for which nobody works.
    void tidy();

private:
    Limit limit_of(const std::string& name) const;
    std::optional<config::NextHop> hop_to(const std::string& name, std::string_view sender) const;

    const directory::Directory& directory_;
    const Settings& settings_;
    Map destinations_;
};

}  // namespace hongyan::outbound
