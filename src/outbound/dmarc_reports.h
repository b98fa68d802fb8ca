// Reports of mail in the names of other domains, to those that ask for them (RFC 7489 §7).
#pragma once

#include <map>

#include "flow/world.h"
#include "net/resolver.h"
#include "outbound/failure_reports.h"
#include "reports/counts.h"

namespace hongyan::outbound {

struct Settings;
struct Made;

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

    DmarcReports(Parts parts, const Settings& settings)
        : parts_(parts),
          settings_(settings),
          failures_({parts.world, parts.resolver, parts.random}, settings) {}

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
    bool is_wanted() const;
    net::Task<std::vector<Request>> take_requests();
    net::Task<> report_all(const std::vector<Request>& requests);
    bool is_time(const reports::Counted& counted, const std::vector<Request>& requests) const;
    bool is_postponed(const std::string& key) const;
    net::Task<> report(Day day);
    enum class Tried { done, changed };
    net::Task<Tried> try_to_report(reports::Counted counted);
    net::Task<Tried> put_into_queue(Made made, reports::Counted counted, bool is_over);
    net::Task<> end_days();
    net::Task<Result<void>> commit(std::vector<engine::Part> parts, std::string_view what);
    void forget_old();

    Parts parts_;
    const Settings& settings_;
    net::Deadline next_work_{};
    std::string went_to_ = {};                  // key of the last domain of a pass that ended early
    bool rests_ = false;                        // requests that could not be taken wait for next_work_
    std::map<std::string, Instant> postponed_;  // by keys
    Instant forgotten_{};
    FailureReports failures_;
};

}  // namespace hongyan::outbound
