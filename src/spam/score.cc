#include "spam/score.h"

#include <algorithm>
#include <numeric>

#include "base/decimal.h"

namespace hongyan::spam {

namespace {

using Findings = std::vector<Finding>;

bool reaches(double score, double threshold) { return threshold > 0 && score >= threshold; }

double sum_of(std::span<const Finding> findings) {
    const auto add = [](double sum, const Finding& finding) { return sum + finding.score; };
    return std::accumulate(findings.begin(), findings.end(), 0.0, add);
}

std::string words_of(std::span<const Finding> findings) {
    std::vector<const Finding*> worst;
    for (const auto& finding : findings)
        if (finding.score > 0) worst.push_back(&finding);
    std::ranges::sort(worst, std::ranges::greater{}, &Finding::score);
    constexpr std::size_t most = 3;
    std::string words;
    for (const auto* finding : std::span(worst).first(std::min(most, worst.size())))
        words += fmt::format("{}{} ({:.1f})", words.empty() ? "" : ", ", finding->code, finding->score);
    return words;
}

Findings joined(const Findings& all, const Findings& own) {
    auto joined = all;
    joined.insert(joined.end(), own.begin(), own.end());
    return joined;
}

smtp::Reply refusal(std::span<const Finding> findings) {
    return smtp::ground("score").because(words_of(findings));
}

class Summing final : public Visit {
public:
    explicit Summing(const Thresholds& thresholds) : thresholds_(thresholds) {}

    net::Task<void> message(const smtp::Deliver& /*came*/, Judgement& judgement) override {
        if (judgement.placements.empty())
            sum_up(judgement);
        else
            sum_up_each(judgement);
        co_return;
    }

private:
    void sum_up(Judgement& judgement) const {
        if (!judgement.findings.empty())
            judgement.fields.insert(0, spam_field(judgement.findings, thresholds_));
        const auto score = judgement.score();
        if (reaches(score, thresholds_.reject))
            judgement.demand(Disposition::reject, refusal(judgement.findings), Because::all_findings);
        else if (reaches(score, thresholds_.junk))
            judgement.demand(Disposition::junk, {}, Because::all_findings);
    }

    void sum_up_each(Judgement& judgement) const {
        bool all_reject = true;
        Findings mildest;
        for (auto& placement : judgement.placements) {
            auto findings = joined(judgement.findings, placement.findings);
            const auto score = sum_of(findings);
            if (!findings.empty()) placement.fields.insert(0, spam_field(findings, thresholds_));
            placement.is_junk =
                placement.is_junk || reaches(score, thresholds_.junk) || reaches(score, thresholds_.reject);
            all_reject = all_reject && reaches(score, thresholds_.reject);
            if (mildest.empty() || score < sum_of(mildest)) mildest = std::move(findings);
        }
        if (all_reject) judgement.demand(Disposition::reject, refusal(mildest), Because::all_findings);
    }

    Thresholds thresholds_;
};

}  // namespace

std::string spam_field(std::span<const Finding> findings, const Thresholds& thresholds) {
    const auto score = sum_of(findings);
    const bool is_junk = reaches(score, thresholds.junk) || reaches(score, thresholds.reject);
    constexpr std::size_t usual = 300;
    std::string field;
    field.reserve(usual);
    field.append("X-Hongyan-Spam: ").append(is_junk ? "yes" : "no").append(", score=");
    decimal::put_fixed(field, score, 1);
    for (const auto& finding : findings)
        if (finding.score != 0) {
            field.append(";\r\n\t").append(finding.code).append(1, '=');
            decimal::put_fixed(field, finding.score, 1);
        }
    return field.append("\r\n");
}

std::unique_ptr<Visit> Score::visit(const smtp::Client& client, const log::Log& /*log*/) {
    if (!client.account.empty()) return nullptr;
    return std::make_unique<Summing>(thresholds_);
}

}  // namespace hongyan::spam
