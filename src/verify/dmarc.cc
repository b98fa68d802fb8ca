#include "verify/dmarc.h"

#include <algorithm>

#include <fmt/compile.h>
#include <fmt/format.h>

#include "base/ascii.h"
#include "verify/dmarc_discovery.h"
#include "verify/public_suffix.h"

namespace hongyan::verify {

namespace {

template <typename T>
using Step = DmarcDiscovery::Step<T>;
using Found = DmarcDiscovery::Found;

dns::Name listed_owner(const dns::Name& domain) { return registrable_domain(domain).value_or(domain); }

// One check of one author.
class Check {
public:
    Check(const Author& author, const SpfOutcome& spf, const DkimReport& dkim, KnownAnswers& answers)
        : author_(author.domain),
          is_below_(author.is_below),
          spf_(spf),
          dkim_(dkim),
          answers_(answers),
          discovery_(answers) {}

    std::optional<DmarcOutcome> run() {
        DmarcOutcome outcome{.domain = author_.text()};
        const auto done = fill(outcome);
        if (!done && done.error() == Unanswered::yet) return std::nullopt;
        if (!done) return in_trouble();
        return outcome;
    }

private:
    Step<void> fill(DmarcOutcome& outcome) {
        TRY(const auto found, discovery_.find(author_));
        if (!found) {
            outcome.reason = fmt::format("{} has no DMARC record", author_.text());
            return {};
        }
        if (found->read.broken) {
            outcome.reason = fmt::format("the DMARC record of {} names no policy", found->domain.text());
            return {};
        }
        outcome.record_domain = found->domain.text();
        organizations_ = found->by;
        outcome.record = found->read.record;
        TRY(outcome.policy, policy_of(*found));
        TRY(outcome.spf_aligned, is_by_spf(SpfVerdict::pass, outcome.record.spf));
        TRY(outcome.dkim_aligned, is_by_dkim(DkimVerdict::pass, outcome.record.dkim));
        TRY(outcome.verdict, verdict_of(outcome));
        return {};
    }

    // DNS does not tell what the author's domain asks. Where he takes one below a domain that speaks, it
    // counts what that wishes for those below: names for which nobody answers are easily found.
    std::optional<DmarcOutcome> in_trouble() {
        DmarcOutcome outcome{
            .verdict = DmarcVerdict::temperror, .domain = author_.text(), .reason = discovery_.problem()};
        const auto above = discovery_.organization_above(author_);
        if (!above) return std::nullopt;
        if (!*above || (*above)->read.broken) return outcome;
        const auto& record = (*above)->read.record;
        const auto vouched = is_vouched_for(record);
        if (!vouched) return std::nullopt;
        if (*vouched) return outcome;
        outcome.record_domain = (*above)->domain.text();
        outcome.record = record;
        outcome.policy = record.policy_for(DmarcRecord::Whose::subdomain);
        return outcome;
    }

    Step<bool> is_vouched_for(const DmarcRecord& record) {
        TRY(const bool by_spf, is_by_spf(SpfVerdict::pass, record.spf));
        TRY(const bool by_dkim, is_by_dkim(DkimVerdict::pass, record.dkim));
        return by_spf || by_dkim;
    }

    // RFC 7489 §6.6.2: without a pass nothing is certain as long as one that counts may still come. What is
    // not aligned counts for nothing either way, or anybody's broken domain would undo what the author asks.
    Step<DmarcVerdict> verdict_of(DmarcOutcome& outcome) {
        if (outcome.spf_aligned || outcome.dkim_aligned) return DmarcVerdict::pass;
        TRY(const bool by_spf, is_by_spf(SpfVerdict::temperror, outcome.record.spf));
        TRY(const bool by_dkim, is_by_dkim(DkimVerdict::temperror, outcome.record.dkim));
        const bool open = by_spf || by_dkim;
        outcome.reason = open ? "SPF or DKIM could not be checked now" : "neither SPF nor DKIM vouch for it";
        return open ? DmarcVerdict::temperror : DmarcVerdict::fail;
    }

    // Which of its wishes counts. That a domain does not exist is asked only if that makes a difference (RFC
    // 9091 §2.7).
    Step<DmarcPolicy> policy_of(const Found& found) {
        using enum DmarcRecord::Whose;
        const auto& record = found.read.record;
        if (found.domain == author_ && !is_below_) return record.policy_for(own);
        if (!record.absent_subdomains) return record.policy_for(subdomain);
        TRY(const bool absent, is_absent());
        return record.policy_for(absent ? absent_subdomain : subdomain);
    }

    Step<bool> is_absent() {
        if (is_below_) return true;
        bool all_known = true;
        bool absent = true;
        for (const auto type : {dns::Type::a, dns::Type::aaaa, dns::Type::mx}) {
            const auto* const answer = answers_.find(author_, type);
            all_known = all_known && answer != nullptr;
            absent = absent && answer != nullptr && answer->is_empty();
        }
        if (!all_known) return std::unexpected(Unanswered::yet);
        return absent;
    }

    // RFC 7489 §3.1: the same domain, or one whose organization is the same.
    Step<bool> is_aligned(std::string_view domain, Alignment mode) {
        const auto name = dns::Name::parse(domain);
        if (!name) return false;
        if (*name == author_ && !is_below_) return true;
        // No record joins what the list divides.
        if (mode == Alignment::strict || listed_owner(*name) != listed_owner(author_)) return false;
        TRY(const auto ours, discovery_.organization_of(author_, organizations_));
        TRY(const auto theirs, discovery_.organization_of(*name, organizations_));
        return ours == theirs;
    }

    // RFC 7489 §3.1.2: whether this is what SPF says, of a domain that is aligned.
    Step<bool> is_by_spf(SpfVerdict verdict, Alignment mode) {
        if (spf_.verdict != verdict) return false;
        return is_aligned(spf_.domain, mode);
    }

    // RFC 7489 §3.1.1: the same of DKIM; one signature is enough.
    Step<bool> is_by_dkim(DkimVerdict verdict, Alignment mode) {
        for (const auto& signature : dkim_.signatures) {
            if (signature.verdict != verdict) continue;
            TRY(const bool aligned, is_aligned(signature.domain, mode));
            if (aligned) return true;
        }
        return false;
    }

    dns::Name author_;
    bool is_below_;
    const SpfOutcome& spf_;
    const DkimReport& dkim_;
    KnownAnswers& answers_;
    DmarcDiscovery discovery_;
    Organizations organizations_ = Organizations::listed;
};

// Which of several outcomes is to be followed: the strictest failure, or what may be one, then the others.
int weight(const DmarcOutcome& outcome) {
    const int strictness = 2 * static_cast<int>(outcome.policy);
    switch (outcome.verdict) {
        case DmarcVerdict::fail:
            return 11 + strictness;
        case DmarcVerdict::temperror:
            return outcome.policy == DmarcPolicy::none ? 4 : 10 + strictness;
        case DmarcVerdict::permerror:
            return 3;
        case DmarcVerdict::none:
            return 2;
        case DmarcVerdict::pass:
            break;
    }
    return 1;
}

// RFC 7489 §3.1: of mail whose From field is malformed no identifier is aligned.
void unalign(DmarcOutcome& outcome) {
    outcome.spf_aligned = outcome.dkim_aligned = false;
    outcome.verdict = DmarcVerdict::permerror;
    outcome.reason = outcome.unclear_author;
}

DmarcPolicy milder(DmarcPolicy policy) {
    return policy == DmarcPolicy::reject ? DmarcPolicy::quarantine : DmarcPolicy::none;
}

DmarcPolicy wish(const DmarcOutcome& outcome, unsigned sample) {
    const bool is_meant = sample < outcome.record.percent && !outcome.record.testing;
    return is_meant ? outcome.policy : milder(outcome.policy);
}

}  // namespace

std::string_view to_string(DmarcVerdict verdict) {
    constexpr std::string_view names[] = {"none", "pass", "fail", "temperror", "permerror"};
    return names[static_cast<std::size_t>(verdict)];
}

DmarcPolicy DmarcOutcome::disposition(unsigned sample) const {
    return verdict == DmarcVerdict::fail ? wish(*this, sample) : DmarcPolicy::none;
}

DmarcPolicy DmarcOutcome::disposition_in_doubt(unsigned sample) const {
    return verdict == DmarcVerdict::temperror ? wish(*this, sample) : DmarcPolicy::none;
}

std::string DmarcOutcome::sentence() const {
    if (record_domain.empty()) return reason;
    constexpr std::string_view wishes[] = {"asks for nothing", "asks to quarantine failures",
                                           "asks to reject failures"};
    const auto wish = wishes[static_cast<std::size_t>(policy)];
    if (verdict == DmarcVerdict::pass)
        return fmt::format(FMT_COMPILE("from {}, which {}; passed by {}"), domain, wish,
                           spf_aligned && dkim_aligned ? "SPF and DKIM"
                           : spf_aligned               ? "SPF"
                                                       : "DKIM");
    return fmt::format(FMT_COMPILE("from {}, which {}; {}"), domain, wish, reason);
}

void look_for_policies(const Authors& authors, KnownAnswers& answers) {
    for (const auto& author : authors.known) DmarcDiscovery(answers).find(author.domain);
}

std::optional<DmarcOutcome> check_dmarc(const Authors& authors, const SpfOutcome& spf, const DkimReport& dkim,
                                        KnownAnswers& answers) {
    std::vector<DmarcOutcome> outcomes;
    for (const auto& author : authors.known)
        if (auto outcome = Check(author, spf, dkim, answers).run()) outcomes.push_back(*std::move(outcome));
    if (outcomes.size() < authors.known.size()) return std::nullopt;
    if (authors.is_forbidden)
        outcomes.push_back({.verdict = DmarcVerdict::permerror, .reason = authors.unclear});
    if (outcomes.empty()) outcomes.push_back({.reason = "the From field names no domain"});
    auto outcome = *std::ranges::max_element(outcomes, {}, &weight);
    outcome.unclear_author = authors.unclear;
    if (!authors.unclear.empty() && outcome.verdict == DmarcVerdict::pass) unalign(outcome);
    return outcome;
}

}  // namespace hongyan::verify
