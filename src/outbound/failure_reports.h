// Reports of single messages, to the domains that ask for them (RFC 7489 §7.3, RFC 6591).
#pragma once

#include <map>

#include "flow/world.h"
#include "net/resolver.h"
#include "outbound/report_targets.h"
#include "reports/failure.h"

namespace hongyan::outbound {

struct Settings;

// Whoever sends many messages in the names of others decides how many there are, and who publishes records
// where they go: so a pass has an end, and nobody gets more than so many (RFC 6591 §6.3, §6.5). Belongs to
// one loop; what it refers to outlives its tasks.
class FailureReports {
public:
    struct Parts {
        const flow::World& world;
        net::Resolver& resolver;
        Random& random;
        // A pass ends then, or when it has looked at so many; the next goes on behind it.
        std::chrono::milliseconds longest_pass = std::chrono::minutes(5);
        std::size_t most_in_pass = 200;
        // In an hour to the addresses of one owner's domains; the others wait for the next hour.
        std::size_t most_for_one = 60;
    };

    FailureReports(Parts parts, const Settings& settings) : parts_(parts), settings_(settings) {}

    // Sends what waits, as far as a pass goes. What cannot be sent within a day is given up: logged, and
    // counted among the losses.
    net::Task<> work();

private:
    struct Waiting {
        std::string key, record;
    };
    // What an owner's domains have got since then.
    struct Share {
        Instant since{};
        std::size_t count = 0;
    };

    std::vector<Waiting> page() const;
    net::Task<> report(Waiting waiting);
    net::Task<> give_up(std::string key, const reports::Failure& failure);
    net::Task<std::string> spf_record_of(std::string domain);
    bool is_postponed(const std::string& key) const;
    void postpone(const std::string& key, Instant until) { postponed_[key] = until; }
    // Those at which some may still be got in this hour. DNS is not asked for it.
    std::vector<std::string> with_a_share(const std::vector<std::string>& uris) const;
    void take_shares(const std::vector<reports::Destination>& all);
    net::Task<bool> commit(std::vector<engine::Part> parts) const;
    void forget_what_is_over();

    Parts parts_;
    const Settings& settings_;
    std::string went_to_ = {};  // key of the last one that was looked at; empty: from the first
    std::map<std::string, Instant> postponed_;  // by keys; of what is not there any more until it is over
    std::map<std::string, Share> shares_;       // by reports::owner_of()
};

}  // namespace hongyan::outbound
