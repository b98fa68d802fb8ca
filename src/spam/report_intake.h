// Reports of others on their way from a mail into the archive.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "net/workers.h"
#include "reports/archive.h"
#include "smtp/envelope.h"

namespace hongyan::spam {

// Reads one mail after the other, as reports are large when they are unpacked; each is a job of its own, so
// that others have their turn between them. One for the program: what waits when new settings come is read
// nevertheless. What is not read is logged and counted among the losses (reports/losses.h); the mail itself
// has been delivered, so an administrator can have it read later. Any thread.
class ReportIntake {
public:
    // All of it outlives what has been given to the workers.
    struct Parts {
        engine::Engine& engine;
        net::Workers& workers;
        const Clock& clock;
        log::Log log;
    };
    explicit ReportIntake(Parts parts);
    // Of the mail that waits no more than one is read.
    ~ReportIntake();
    ReportIntake(const ReportIntake&) = delete;
    ReportIntake& operator=(const ReportIntake&) = delete;

    struct Mail {
        smtp::SharedMessage message;
        reports::Arrival arrival;
        log::Log log;
    };
    void take(Mail mail);

private:
    class Desk;
    std::shared_ptr<Desk> desk_;
};

}  // namespace hongyan::spam
