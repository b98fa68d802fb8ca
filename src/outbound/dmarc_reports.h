// Reports of mail in the names of other domains, to those that ask for them (RFC 7489 §7).
#pragma once

#include <map>

#include "flow/world.h"
#include "net/resolver.h"
#include "reports/counts.h"
#include "reports/destinations.h"

namespace hongyan::outbound {

struct Settings;

// After each day (UTC), at a moment that follows from its name, every domain is reported on; single messages
// within a minute. A report is an entry of the queue, put there in the commit that takes the counts away: so
// it goes once, whatever happens meanwhile. Belongs to one loop; what it refers to outlives its tasks.
class DmarcReports {
public:
    struct Parts {
        const flow::World& world;
        net::Resolver& resolver;
        Random& random;
        // Then a pass that nobody has asked for ends, after one domain at least; the next goes on behind it.
        std::chrono::milliseconds longest_pass = std::chrono::minutes(10);
    };

    DmarcReports(Parts parts, const Settings& settings) : parts_(parts), settings_(settings) {}

    // A minute has passed, or somebody asks for reports: then work() is to be run, one at a time. Reads one
    // key.
    bool has_work() const;
    net::Task<> work();

private:
    using Day = reports::keys::Day;
    // That somebody has made: reports are to be sent before they are due.
    struct Request {
        std::string domain;  // empty: all
        bool today = false;  // what is counted of today, too
    };
    struct Targets {
        std::vector<reports::Destination> destinations;
        bool is_complete = true;  // otherwise DNS had no answer for some
    };

    bool is_wanted() const;
    net::Task<std::vector<Request>> take_requests();
    net::Task<> report_all(const std::vector<Request>& requests);
    bool is_time(const reports::Counted& counted, const std::vector<Request>& requests) const;
    bool is_postponed(const std::string& key) const;
    net::Task<> report(Day day);
    enum class Tried { done, changed };
    net::Task<Tried> try_to_report(reports::Counted counted);
    net::Task<Targets> targets_of(std::string domain, std::vector<std::string> uris, reports::Wanted wanted);
    std::vector<engine::Part> parts_for(const reports::AggregateReport& report, const Targets& targets) const;
    net::Task<> end_days();
    net::Task<> report_failures();
    net::Task<> report_failure(std::string key, std::string record);
    net::Task<std::string> spf_record_of(std::string domain);
    engine::Part entry_of(const message::Address& whom, const std::string& mail) const;
    message::Mailbox sender() const;
    net::Task<Result<void>> commit(std::vector<engine::Part> parts, std::string_view what);
    void forget_old();

    Parts parts_;
    const Settings& settings_;
    net::Deadline next_work_{};
    std::string went_to_ = {};                  // key of the last domain of a pass that ended early
    bool rests_ = false;                        // requests that could not be taken wait for next_work_
    std::map<std::string, Instant> postponed_;  // by keys
    Instant forgotten_{};
};

}  // namespace hongyan::outbound
