#include "spam/reporting.h"

#include <algorithm>

#include "base/ascii.h"
#include "message/field.h"
#include "spam/authentication.h"
#include "verify/tls_report_mail.h"

namespace hongyan::spam {

namespace {

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
            arrival.is_signed = verify::is_signed_by(judgement.authenticated->found.dkim, dmarc.domain);
        } else if (!message::Fields(*came.message).find("DKIM-Signature")) {
            arrival.is_signed = false;  // nobody need look for that
        }
        intake_.take({came.message, std::move(arrival), log_});
    }

    std::shared_ptr<const ReportingSettings> settings_;
    std::shared_ptr<reports::Counting> counting_;
    ReportIntake& intake_;
    const Clock& clock_;
    log::Log log_;
};

Reporting::Reporting(ReportingSettings settings, const Parts& parts)
    : settings_(std::make_shared<const ReportingSettings>(std::move(settings))),
      counting_(std::make_shared<reports::Counting>(parts.engine, parts.clock, parts.log)),
      intake_(parts.intake),
      clock_(parts.clock) {}

std::unique_ptr<Visit> Reporting::visit(const smtp::Client& /*client*/, const log::Log& log) {
    return std::make_unique<Listener>(*this, log);
}

}  // namespace hongyan::spam
