// What was counted of mail in the names of domains that want reports, until they are sent (RFC 7489 §7.2).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "engine/engine.h"
#include "reports/aggregate.h"
#include "reports/failure.h"
#include "reports/keys.h"

namespace hongyan::reports {

// Of more than these only sums are kept, so that nobody makes the records grow without end.
inline constexpr std::size_t most_counted_rows = 2'000;          // of a domain in a day
inline constexpr std::size_t most_counted_domains = 10'000;      // in a day
inline constexpr std::size_t most_counted_rows_a_day = 200'000;  // of all domains, some 300 bytes each
inline constexpr std::size_t most_waiting_domains = 2'000;       // in memory while a commit is under way
// Of reports of single messages, some 20 KB each: in memory while a commit is under way, and on disk.
inline constexpr std::size_t most_waiting_failures = 1'000;
inline constexpr std::uint64_t most_kept_failures = 10'000;

// A domain in a day, beside its rows.
struct DomainDay {
    PublishedPolicy policy = {};              // when it was last seen
    std::vector<std::string> wanted_at = {};  // rua: URIs as written
    std::uint64_t rows = 0;
    std::uint64_t messages = 0;  // in rows
    std::uint64_t left_out = 0;  // messages
    std::uint64_t begin = 0;     // seconds since 1970: before that it was reported already
    std::uint64_t failures = 0;  // reports of single messages made

    std::string to_record() const;
    static Result<DomainDay> from_record(std::string_view record);
    friend bool operator==(const DomainDay&, const DomainDay&) = default;
};

// All domains in a day.
struct DaySums {
    std::uint64_t domains = 0, rows = 0;
    std::uint64_t left_out = 0;  // messages of domains that found no room

    std::string to_record() const;
    static Result<DaySums> from_record(std::string_view record);
    friend bool operator==(const DaySums&, const DaySums&) = default;
};

std::string to_record(const Row& row);
Result<Row> row_from_record(std::string_view record);

// What a message adds.
struct Observation {
    PublishedPolicy policy;
    std::vector<std::string> wanted_at;
    Traits traits;
};

// Counts in memory while a commit is under way and adds all of it to what is kept with the next, which begins
// at once: a crash loses what was counted while the last commit was under way, at most. What could not be
// kept is tried again with the next, unless it is itself the reason: that is given up and logged. Any thread.
class Counting {
public:
    // Both outlive what is on its way in the engine.
    Counting(engine::Engine& engine, const Clock& clock, log::Log log);
    // What still waits is given to the engine.
    ~Counting();
    Counting(const Counting&) = delete;
    Counting& operator=(const Counting&) = delete;

    void count(const Observation& seen);
    // A single message is to be reported: kept until it is sent, if no more than `most` of the domain have
    // been today. What finds no room is logged and counted (losses.h).
    void report(const Failure& failure, std::uint64_t most);
    // Returns when all that was counted has been tried. For tests.
    void flush();

private:
    struct Desk;
    std::shared_ptr<Desk> desk_;
};

// --- for whoever reports

struct Counted {
    keys::Day day;
    std::string record;  // of the DomainDay, as it is kept
    DomainDay domain;
};

// A page of all that is counted, by day and domain, behind `after`; damaged records are passed over.
Result<std::vector<Counted>> counted(const engine::Reader& reader, const std::string& after,
                                     std::size_t limit);
// As it is now; nothing if there is none.
Result<std::optional<Counted>> counted(const engine::Reader& reader, const keys::Day& day);
Result<std::vector<Row>> rows_of(const engine::Reader& reader, const keys::Day& day);

// Takes away what was reported, with its rows. Conflict if more was counted meanwhile. Where the day goes on
// it begins anew at `begin_anew`, in seconds since 1970; 0: it is over.
engine::Part taken_away(Counted reported, std::uint64_t begin_anew);

// When it is time to report: some hours after the day, spread by the domain's name.
Instant due(const keys::Day& day);

// As it goes to the domain; the same for the same counts. `submitter` is the domain of who reports. A day
// that goes on ends now.
AggregateReport report_of(const Counted& counted, std::vector<Row> rows, std::string organization,
                          std::string email, std::string_view submitter, Instant now);

}  // namespace hongyan::reports
