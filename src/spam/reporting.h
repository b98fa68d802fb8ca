// Those who listen and never judge: what others found is counted for reports to the domains that want them,
// and reports that others send are taken in.
#pragma once

#include "base/clock.h"
#include "reports/counts.h"
#include "spam/judge.h"
#include "spam/report_intake.h"

namespace hongyan::spam {

struct Authenticated;

struct ReportingSettings {
    std::string hostname = {};
    bool counts = false;         // for aggregate reports (RFC 7489 §7.2)
    std::uint64_t failures = 0;  // reports of single messages for a domain in a day (RFC 7489 §7.3)
    std::vector<std::string> addresses = {};  // to which others send reports
};

// What it counts and takes in is durable some time after the reply to the message: docs/formats/reports.md
// says what a crash may take of it. Stands first among the judges, so that it hears of every message.
class Reporting final : public Judge {
public:
    // All of it outlives the judge.
    struct Parts {
        engine::Engine& engine;
        ReportIntake& intake;
        const Clock& clock;
        log::Log log;
    };
    Reporting(ReportingSettings settings, const Parts& parts);

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override;
    // Returns when all that was counted has been tried. For tests.
    void flush() { counting_->flush(); }

private:
    class Listener;
    std::shared_ptr<const ReportingSettings> settings_;
    std::shared_ptr<reports::Counting> counting_;
    ReportIntake& intake_;
    const Clock& clock_;
};

// What such a message adds to the report for its author's domain; nothing if the domain wants none or DMARC
// has come to no conclusion.
std::optional<reports::Observation> observation_of(const smtp::Deliver& came, const Authenticated& known);

// What is told of it alone, if the domain wants that (RFC 7489 §6.3: ruf, fo). Never of what programs have
// written, so that no report leads to another.
std::optional<reports::Failure> failure_of(const smtp::Deliver& came, const Judgement& judgement,
                                           std::string_view hostname, Instant now);

}  // namespace hongyan::spam
