#include "spam/outgoing.h"

namespace hongyan::spam {

namespace {

using config::OutgoingChecks;

class OutgoingVisit final : public Visit {
public:
    OutgoingVisit(OutgoingChecks checks, double score, log::Log log)
        : checks_(checks), score_(score), log_(std::move(log)) {}

    net::Task<void> message(const smtp::Deliver& came, Judgement& judgement) override {
        if (judgement.is_infected && judgement.disposition <= Disposition::junk)
            refuse(came, judgement, smtp::ground("outgoing-virus"));
        if (checks_ != OutgoingChecks::off && is_junk(judgement)) stop(came, judgement);
        co_return;
    }

private:
    bool is_junk(const Judgement& judgement) const {
        return judgement.disposition == Disposition::junk ||
               (judgement.disposition == Disposition::accept && judgement.score() >= score_);
    }

    void stop(const smtp::Deliver& came, Judgement& judgement) const {
        if (checks_ == OutgoingChecks::refuse) return refuse(came, judgement, smtp::ground("outgoing-junk"));
        tell(came, judgement, "outgoing-junk",
             "Held until somebody looks: what the account sends looks like junk");
        judgement.demand(Disposition::quarantine);
    }

    void refuse(const smtp::Deliver& came, Judgement& judgement, const smtp::Ground& ground) const {
        tell(came, judgement, ground.code, ground.sentence.substr(0, ground.sentence.rfind(" (")));
        judgement.demand(Disposition::reject, ground.plain());
    }

    void tell(const smtp::Deliver& came, Judgement& judgement, std::string_view code,
              std::string_view words) const {
        log_.warning("outgoing mail stopped", {{"account", came.client.account},
                                               {"why", std::string(code)},
                                               {"score", fmt::format("{:.1f}", judgement.score())}});
        judgement.findings.push_back({.code = std::string(code), .words = std::string(words)});
    }

    OutgoingChecks checks_;
    double score_;
    log::Log log_;
};

}  // namespace

std::unique_ptr<Visit> Outgoing::visit(const smtp::Client& client, const log::Log& log) {
    if (client.account.empty()) return nullptr;
    return std::make_unique<OutgoingVisit>(checks_, score_, log);
}

}  // namespace hongyan::spam
