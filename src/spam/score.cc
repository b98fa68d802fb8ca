#include "spam/score.h"

#include <algorithm>

namespace hongyan::spam {

namespace {

bool reaches(double score, double threshold) { return threshold > 0 && score >= threshold; }

std::string words_of(const Judgement& judgement) {
    std::vector<const Finding*> worst;
    for (const auto& finding : judgement.findings)
        if (finding.score > 0) worst.push_back(&finding);
    std::ranges::sort(worst, std::ranges::greater{}, &Finding::score);
    constexpr std::size_t most = 3;
    std::string words;
    for (const auto* finding : std::span(worst).first(std::min(most, worst.size())))
        words += fmt::format("{}{} ({:.1f})", words.empty() ? "" : ", ", finding->code, finding->score);
    return words;
}

class Summing final : public Visit {
public:
    explicit Summing(const Thresholds& thresholds) : thresholds_(thresholds) {}

    net::Task<void> message(const smtp::Deliver& /*came*/, Judgement& judgement) override {
        const auto score = judgement.score();
        if (!judgement.findings.empty())
            judgement.fields = spam_field(judgement, thresholds_) + judgement.fields;
        if (reaches(score, thresholds_.reject))
            judgement.demand(Disposition::reject, smtp::Reply{550, "5.7.1",
                                                              fmt::format("This looks like junk: {} (score)",
                                                                          words_of(judgement))});
        else if (reaches(score, thresholds_.junk))
            judgement.demand(Disposition::junk);
        co_return;
    }

private:
    Thresholds thresholds_;
};

}  // namespace

std::string spam_field(const Judgement& judgement, const Thresholds& thresholds) {
    const bool is_junk =
        reaches(judgement.score(), thresholds.junk) || reaches(judgement.score(), thresholds.reject);
    auto field = fmt::format("X-Hongyan-Spam: {}, score={:.1f}", is_junk ? "yes" : "no", judgement.score());
    for (const auto& finding : judgement.findings)
        if (finding.score != 0) field += fmt::format(";\r\n\t{}={:.1f}", finding.code, finding.score);
    return field + "\r\n";
}

std::unique_ptr<Visit> Score::visit(const smtp::Client& client, const log::Log& /*log*/) {
    if (!client.account.empty()) return nullptr;
    return std::make_unique<Summing>(thresholds_);
}

}  // namespace hongyan::spam
