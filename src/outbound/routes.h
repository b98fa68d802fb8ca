// Which way a message takes: to the hosts of its domain, or where a route of the settings leads.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "config/route.h"
#include "outbound/domain_table.h"

namespace hongyan::outbound {

// The settings' routes, made ready for looking up. Never changes.
class Routes {
public:
    Routes() = default;
    // Of several routes for the same, the first counts.
    explicit Routes(const config::Routes& routes);

    // Where a message goes by a route, or nullptr for the hosts of its domain. `domain` is what the queue
    // calls a destination, `sender` the reverse-path; neither need be in lower case. The first that there is:
    // the domain itself, the longest suffix of it, the sender, the sender's domain, "*". Valid as long as the
    // routes.
    const config::NextHop* find(std::string_view domain, std::string_view sender) const;
    // Whether find() looks at senders at all.
    bool depend_on_sender() const { return !by_sender_.empty(); }

private:
    DomainTable<config::NextHop> by_domain_;
    std::map<std::string, config::NextHop, std::less<>> by_sender_;  // "ann@example.org", "@example.org"
};

// A destination that somebody gave by hand (`hongyan queue reroute`): "[192.0.2.1]:2525",
// "relay.example.net:587". Nothing for the name of a domain or an address literal, whose hosts are looked for
// as usual.
std::optional<config::NextHop> hop_of_name(const std::string& destination);

}  // namespace hongyan::outbound
