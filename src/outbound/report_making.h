// Reports of DMARC as mail in the queue: what takes long, so it is for a worker.
#pragma once

#include "flow/world.h"
#include "outbound/report_targets.h"
#include "reports/counts.h"

namespace hongyan::outbound {

struct Settings;

// What reports say of us: a copy, as settings change while a worker is at it.
struct Author {
    explicit Author(const Settings& settings);

    std::string hostname;
    std::string from;                    // an address; empty: who_reports() finds one
    message::Address postmaster;         // if there is no other
    std::vector<std::string> addresses;  // of ours, to which others send reports
};

// As the settings say, else the postmaster of the signing_domain(), or of the first domain.
message::Mailbox who_reports(const Author& author, const directory::Directory& directory);

// What puts a report into the queue, for a commit.
struct Made {
    std::vector<engine::Part> parts = {};  // empty: nobody is to get it
    std::string id = {};
    std::size_t rows = 0;
    std::uint64_t end = 0;  // seconds since 1970: up to then it tells
};

// Of what is counted. To those who take one of its size; if it is too large for all of them, a mail that says
// so (RFC 7489 §7.2.2).
Result<Made> make_aggregate(const flow::World& world, Random& random, const Author& author,
                            const reports::Counted& counted,
                            const std::vector<reports::Destination>& destinations);

// Of one message. `spf_record` as failure_mail() wants it.
std::vector<engine::Part> make_failure(const flow::World& world, Random& random, const Author& author,
                                       const reports::Failure& failure, std::string_view spf_record,
                                       const std::vector<reports::Destination>& destinations);

}  // namespace hongyan::outbound
