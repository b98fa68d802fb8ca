// How sessions with other servers went as to TLS, counted for reports (RFC 8460).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "engine/engine.h"
#include "net/task.h"
#include "outbound/tls_keys.h"
#include "tls_policy/tls_report.h"

namespace hongyan::outbound {

// Counts in memory and adds that to what is kept from time to time: a crash loses what was counted since, at
// most. Belongs to one loop.
class TlsCounts {
public:
    TlsCounts(engine::Engine& engine, const Clock& clock, log::Log log)
        : engine_(engine), clock_(clock), log_(std::move(log)) {}

    // While it is off nothing is counted.
    void turn(bool on) { is_on_ = on; }

    // `domain` is the policy domain.
    void add_success(const std::string& domain, const tls_policy::ReportedPolicy& policy);
    void add(const std::string& domain, const tls_policy::ReportedPolicy& policy,
             const tls_policy::TlsTrouble& trouble);

    // Makes durable what was counted. What could not be kept is tried again with the next.
    net::Task<> flush();
    // The same, blocking; for the end.
    void flush_now();

private:
    using Days = std::map<tls_keys::Day, tls_policy::TlsDay>;

    tls_policy::TlsDay& today(const std::string& domain);
    static std::vector<engine::Part> parts_of(const Days& days);
    void take_back(Days days, const std::vector<Result<void>>& outcomes);

    engine::Engine& engine_;
    const Clock& clock_;
    log::Log log_;
    bool is_on_ = false;
    Days days_;
};

// As large as a value may be: what does not fit goes without details, and, if need be, without the text of
// policies.
std::string record_within_bounds(const tls_policy::TlsDay& day);

}  // namespace hongyan::outbound
