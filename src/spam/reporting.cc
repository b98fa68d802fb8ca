#include "spam/reporting.h"

#include <algorithm>
#include <deque>
#include <mutex>

#include "base/ascii.h"
#include "reports/archive.h"
#include "reports/unpack.h"
#include "spam/authentication.h"

namespace hongyan::spam {

namespace {

constexpr std::size_t most_waiting = std::size_t{64} << 20U;   // bytes of mail with reports in it
constexpr std::size_t most_unpacked = std::size_t{64} << 20U;  // bytes of all reports in one mail

bool is_one_of(const std::vector<std::string>& addresses, const smtp::Recipient& recipient) {
    const auto name = smtp::to_string(recipient.path);
    return std::ranges::any_of(addresses,
                               [&name](const std::string& address) { return ascii::iequals(address, name); });
}

bool was_taken(const smtp::Replies& replies) {
    return std::ranges::any_of(replies, [](const smtp::Reply& reply) { return reply.is_success(); });
}
// Otherwise it comes again, and would be counted twice.
bool is_final(const smtp::Replies& replies) {
    return std::ranges::any_of(
        replies, [](const smtp::Reply& reply) { return reply.is_success() || reply.code >= 500; });
}

}  // namespace

// Reads one mail after the other, as reports are large when they are unpacked; each is a job of its own, so
// that others have their turn between them.
class Reporting::Intake : public std::enable_shared_from_this<Intake> {
public:
    explicit Intake(const Parts& parts) : engine_(parts.engine), workers_(parts.workers) {}

    struct Mail {
        smtp::SharedMessage message;
        reports::Arrival arrival;
        log::Log log;
    };

    void take(Mail mail) {
        const std::lock_guard lock(mutex_);
        if (bytes_ + mail.message->size() > most_waiting)
            return mail.log.warning("report not read", {{"why", "too many are waiting"}});
        if (!is_reading_ && !begin())
            return mail.log.warning("report not read", {{"why", "too much work is waiting"}});
        is_reading_ = true;
        bytes_ += mail.message->size();
        waiting_.push_back(std::move(mail));
    }

    void close() {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
    }

private:
    bool begin() {
        return workers_.submit([intake = shared_from_this()] {
            intake->read_next();
            intake->go_on();
        });
    }

    void read_next() {
        const auto mail = next();
        if (!mail) return;
        try {
            read(*mail);
        } catch (const std::exception& broken) {
            mail->log.error("report not read", {{"why", broken.what()}});
        }
    }

    // The mail itself has been delivered, so that an administrator can have it read later.
    void go_on() {
        const std::lock_guard lock(mutex_);
        is_reading_ = !waiting_.empty() && !is_closed_ && begin();
        if (is_reading_) return;
        for (const auto& mail : waiting_)
            mail.log.warning("report not read", {{"why", is_closed_ ? "the server closes or has new settings"
                                                                    : "too much work is waiting"}});
        waiting_.clear();
        bytes_ = 0;
    }

    std::optional<Mail> next() {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) return std::nullopt;
        auto mail = std::move(waiting_.front());
        waiting_.pop_front();
        bytes_ -= mail.message->size();
        return mail;
    }

    void read(const Mail& mail) {
        const auto attached = reports::attached_reports(*mail.message);
        if (attached.empty()) mail.log.info("no report in this message");
        std::size_t left = most_unpacked;
        for (const auto& octets : attached) {
            const auto filing = file(octets, mail.arrival, left);
            if (!filing) {
                mail.log.warning("report not read", {{"why", filing.error().message}});
                continue;
            }
            const auto filed = reports::keep(engine_, *filing);
            const auto& outline = filing->kept.outline;
            mail.log.info(!filed                           ? "report not kept"
                          : *filed == reports::Filed::anew ? "report kept"
                                                           : "report known already",
                          {{"report", filing->kept.id},
                           {"kind", std::string(to_string(outline.kind))},
                           {"by", outline.organization},
                           {"domain", outline.domain},
                           {"why", filed ? std::string() : filed.error().message}});
        }
    }

    // What cannot be unpacked costs as much as it might have.
    static Result<reports::Filing> file(std::string_view octets, const reports::Arrival& arrival,
                                        std::size_t& left) {
        const auto most = std::min(left, reports::largest_text);
        const auto text = reports::unpack(octets, most);
        left -= text ? text->size() : most;
        if (!text) return std::unexpected(text.error());
        if (text->starts_with("\x1f\x8b") || text->starts_with("PK\x03\x04"))
            return fail(Error::Kind::invalid, "it is packed twice");
        return reports::file_report(*text, arrival);
    }

    engine::Engine& engine_;
    net::Workers& workers_;
    std::mutex mutex_;  // guards:
    std::deque<Mail> waiting_;
    std::size_t bytes_ = 0;
    bool is_reading_ = false;
    bool is_closed_ = false;
};

class Reporting::Listener final : public Visit {
public:
    Listener(const Reporting& judge, log::Log log)
        : settings_(judge.settings_),
          counting_(judge.counting_),
          intake_(judge.intake_),
          clock_(judge.clock_),
          log_(std::move(log)) {}

    void kept(const smtp::Deliver& came, const Judgement& judgement, const smtp::Replies& replies) override {
        const auto is_report_address = [this](const smtp::Recipient& recipient) {
            return is_one_of(settings_->addresses, recipient);
        };
        const auto& recipients = came.envelope.recipients;
        // What is for these only is never reported on: two who report to each other would never end.
        if (is_final(replies) && !std::ranges::all_of(recipients, is_report_address)) count(came, judgement);
        if (was_taken(replies) && std::ranges::any_of(recipients, is_report_address))
            take_in(came, judgement);
    }

private:
    void count(const smtp::Deliver& came, const Judgement& judgement) const {
        if (!settings_->counts || !judgement.authenticated) return;
        if (const auto seen = observation_of(came, *judgement.authenticated)) counting_->count(*seen);
        if (settings_->failures == 0) return;
        if (const auto failure = failure_of(came, judgement, settings_->hostname, clock_.now()))
            counting_->report(*failure, settings_->failures);
    }

    void take_in(const smtp::Deliver& came, const Judgement& judgement) const {
        reports::Arrival arrival{.when = clock_.now()};
        if (judgement.authenticated) {
            const auto& dmarc = judgement.authenticated->found.dmarc;
            arrival.author = dmarc.domain;
            arrival.vouched = dmarc.verdict == verify::DmarcVerdict::pass;
        }
        intake_->take({came.message, std::move(arrival), log_});
    }

    std::shared_ptr<const ReportingSettings> settings_;
    std::shared_ptr<reports::Counting> counting_;
    std::shared_ptr<Intake> intake_;
    const Clock& clock_;
    log::Log log_;
};

Reporting::Reporting(ReportingSettings settings, const Parts& parts)
    : settings_(std::make_shared<const ReportingSettings>(std::move(settings))),
      counting_(std::make_shared<reports::Counting>(parts.engine, parts.clock, parts.log)),
      intake_(std::make_shared<Intake>(parts)),
      clock_(parts.clock) {}

Reporting::~Reporting() { intake_->close(); }

std::unique_ptr<Visit> Reporting::visit(const smtp::Client& /*client*/, const log::Log& log) {
    return std::make_unique<Listener>(*this, log);
}

}  // namespace hongyan::spam
