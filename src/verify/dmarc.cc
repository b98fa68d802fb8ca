#include "verify/dmarc.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "message/address.h"
#include "verify/public_suffix.h"

namespace hongyan::verify {

namespace {

constexpr std::size_t most_authors = 8;  // domains in one From field
constexpr std::size_t longest_walk = 8;  // names that are asked on the way up (RFC 9989)

enum class Stop { unknown, temperror };
template <typename T>
using Step = std::expected<T, Stop>;

struct Found {
    dns::Name domain;
    DmarcRecord::Read read;
};

// The name without its first label; the root of one label.
dns::Name parent(const dns::Name& name) {
    const auto dot = name.text().find('.');
    return dot == std::string::npos ? dns::Name()
                                    : dns::Name::computed(name.text().substr(dot + 1)).value_or(dns::Name());
}

std::size_t count_labels(const dns::Name& name) { return name.labels().size(); }

// The names on the way up from a domain, itself first. From a long one the walk leaps to seven labels (RFC
// 9989).
std::vector<dns::Name> way_up(const dns::Name& domain) {
    std::vector<dns::Name> names{domain};
    for (auto name = parent(domain); !name.is_root(); name = parent(name))
        if (count_labels(name) < longest_walk) names.push_back(name);
    return names;
}

// One check of one author's domain.
class Check {
public:
    Check(dns::Name author, const SpfOutcome& spf, const DkimReport& dkim, KnownAnswers& answers)
        : author_(std::move(author)), spf_(spf), dkim_(dkim), answers_(answers) {}

    std::optional<DmarcOutcome> run() {
        DmarcOutcome outcome{.domain = author_.text()};
        const auto done = fill(outcome);
        if (!done && done.error() == Stop::unknown) return std::nullopt;
        if (!done) {
            outcome.verdict = DmarcVerdict::temperror;
            outcome.reason = problem_;
        }
        return outcome;
    }

private:
    Step<void> fill(DmarcOutcome& outcome) {
        TRY(const auto found, find_record());
        if (!found) {
            outcome.reason = fmt::format("{} has no DMARC record", author_.text());
            return {};
        }
        if (found->read.broken) {
            outcome.reason = fmt::format("the DMARC record of {} names no policy", found->domain.text());
            return {};
        }
        outcome.record_domain = found->domain.text();
        outcome.record = found->read.record;
        TRY(outcome.policy, policy_of(*found));
        TRY(outcome.spf_aligned, is_by_spf(SpfVerdict::pass, outcome.record.spf));
        TRY(outcome.dkim_aligned, is_by_dkim(DkimVerdict::pass, outcome.record.dkim));
        TRY(outcome.verdict, verdict_of(outcome));
        return {};
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

    // The one record at a name; several count as none (RFC 7489 §6.6.3, step 5).
    Step<std::optional<DmarcRecord::Read>> record_at(const dns::Name& domain) {
        const auto name = domain.under("_dmarc");
        if (!name) return std::nullopt;
        const auto* const answer = answers_.find(*name, dns::Type::txt);
        if (answer == nullptr) return std::unexpected(Stop::unknown);
        if (answer->is_trouble()) {
            problem_ = fmt::format("DNS did not answer for {}: {}", name->text(), answer->why);
            return std::unexpected(Stop::temperror);
        }
        std::vector<DmarcRecord::Read> records;
        for (const auto& text : texts_of(*answer))
            if (auto read = DmarcRecord::parse(text)) records.push_back(*std::move(read));
        return records.size() == 1 ? std::optional(std::move(records.front())) : std::nullopt;
    }

    // RFC 7489 §6.6.3: at the domain itself; else where the way up leads.
    Step<std::optional<Found>> find_record() {
        TRY(auto own, record_at(author_));
        if (own) return Found{author_, *std::move(own)};
        TRY(const auto found, walk());
        return found.best;
    }

    struct Walk {
        dns::Name organization;
        std::optional<Found> best = {};
    };

    // The way up (RFC 9989). A record that says whether its domain is a public suffix ends it, and tells the
    // organization. Without one the list of public suffixes does (RFC 7489 §3.2), and the highest record up
    // to there counts, so that a department can speak where its organization is silent.
    Step<Walk> walk() {
        const auto listed = registrable_domain(author_).value_or(author_);
        const auto names = way_up(author_);
        for (const auto& name : names)
            if (const auto asked = name.under("_dmarc"))
                answers_.find(*asked, dns::Type::txt);  // all at once
        Walk walk{.organization = listed};
        for (std::size_t i = 0; i < names.size(); ++i) {
            auto read = record_at(names[i]);
            // Above the organization nobody needs to answer.
            if (!read && (read.error() == Stop::unknown || names[i].is_within(listed)))
                return std::unexpected(read.error());
            if (!read || !*read) continue;
            const auto suffix = (*read)->record.public_suffix;
            if (suffix || names[i].is_within(listed)) walk.best = Found{names[i], **std::move(read)};
            if (!suffix) continue;
            walk.organization = *suffix && i > 0 ? names[i - 1] : names[i];
            break;
        }
        return walk;
    }

    // Asked only where it makes a difference.
    Step<dns::Name> organization() {
        if (organization_.is_root()) {
            TRY(auto found, walk());
            organization_ = std::move(found.organization);
        }
        return organization_;
    }

    // Which of its wishes counts. That a domain does not exist is asked only if that makes a difference (RFC
    // 9091 §2.7).
    Step<DmarcPolicy> policy_of(const Found& found) {
        using enum DmarcRecord::Whose;
        const auto& record = found.read.record;
        if (found.domain == author_) return record.policy_for(own);
        if (!record.absent_subdomains) return record.policy_for(subdomain);
        TRY(const bool absent, is_absent());
        return record.policy_for(absent ? absent_subdomain : subdomain);
    }

    Step<bool> is_absent() {
        bool all_known = true;
        bool absent = true;
        for (const auto type : {dns::Type::a, dns::Type::aaaa, dns::Type::mx}) {
            const auto* const answer = answers_.find(author_, type);
            all_known = all_known && answer != nullptr;
            absent = absent && answer != nullptr && answer->is_empty();
        }
        if (!all_known) return std::unexpected(Stop::unknown);
        return absent;
    }

    // RFC 7489 §3.1: the same domain, or of the same organization.
    Step<bool> is_aligned(std::string_view domain, Alignment mode) {
        const auto name = dns::Name::parse(domain);
        if (!name) return false;
        if (*name == author_) return true;
        if (mode == Alignment::strict) return false;
        TRY(const auto ours, organization());
        return name->is_within(ours) ? is_of_the_organization(*name, ours) : Step<bool>(false);
    }

    // A domain within ours, unless something on the way says that it is on its own (psd=n) or a suffix
    // (psd=y).
    Step<bool> is_of_the_organization(const dns::Name& domain, const dns::Name& organization) {
        for (auto name = domain; name != organization; name = parent(name)) {
            const auto read = record_at(name);
            if (!read && read.error() == Stop::unknown) return std::unexpected(read.error());
            if (read && *read && (*read)->record.public_suffix) return false;
        }
        return true;
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
    dns::Name organization_;  // the root: not known yet
    const SpfOutcome& spf_;
    const DkimReport& dkim_;
    KnownAnswers& answers_;
    std::string problem_;
};

// Which of several outcomes is to be followed: the strictest failure, then what is uncertain, then the
// others.
int weight(const DmarcOutcome& outcome) {
    switch (outcome.verdict) {
        case DmarcVerdict::fail:
            return 10 + static_cast<int>(outcome.policy);
        case DmarcVerdict::temperror:
            return 4;
        case DmarcVerdict::permerror:
            return 3;
        case DmarcVerdict::none:
            return 2;
        case DmarcVerdict::pass:
            break;
    }
    return 1;
}

DmarcPolicy milder(DmarcPolicy policy) {
    return policy == DmarcPolicy::reject ? DmarcPolicy::quarantine : DmarcPolicy::none;
}

}  // namespace

std::string_view to_string(DmarcVerdict verdict) {
    constexpr std::string_view names[] = {"none", "pass", "fail", "temperror", "permerror"};
    return names[static_cast<std::size_t>(verdict)];
}

DmarcPolicy DmarcOutcome::disposition(unsigned sample) const {
    if (verdict != DmarcVerdict::fail) return DmarcPolicy::none;
    return sample < record.percent && !record.testing ? policy : milder(policy);
}

std::string DmarcOutcome::sentence() const {
    if (record_domain.empty()) return reason;
    constexpr std::string_view wishes[] = {"asks for nothing", "asks to quarantine failures",
                                           "asks to reject failures"};
    const auto wish = wishes[static_cast<std::size_t>(policy)];
    if (verdict == DmarcVerdict::pass)
        return fmt::format("from {}, which {}; passed by {}", domain, wish,
                           spf_aligned && dkim_aligned ? "SPF and DKIM"
                           : spf_aligned               ? "SPF"
                                                       : "DKIM");
    return fmt::format("from {}, which {}; {}", domain, wish, reason);
}

std::expected<std::vector<dns::Name>, std::string> author_domains(std::string_view header) {
    std::string_view from;
    std::size_t count = 0;
    for (const auto& field : message::Fields(header)) {
        if (!field.is("From")) continue;
        from = field.value;
        ++count;
    }
    if (count != 1) return std::unexpected(fmt::format("the header has {} From fields, not one", count));
    std::vector<dns::Name> domains;
    for (const auto& author : message::parse_address_list(from)) {
        if (author.kind != message::ListedAddress::Kind::mailbox) continue;
        auto name = dns::Name::parse(author.domain);
        if (!name || std::ranges::find(domains, *name) != domains.end()) continue;
        domains.push_back(*std::move(name));
    }
    if (domains.size() > most_authors) return std::unexpected("the From field names too many domains");
    return domains;
}

std::optional<DmarcOutcome> check_dmarc(const Mail& mail, const SpfOutcome& spf, const DkimReport& dkim,
                                        KnownAnswers& answers) {
    const auto domains = author_domains(mail.header());
    if (!domains) return DmarcOutcome{.verdict = DmarcVerdict::permerror, .reason = domains.error()};
    if (domains->empty()) return DmarcOutcome{.reason = "the From field names no domain"};
    std::vector<DmarcOutcome> outcomes;
    for (const auto& domain : *domains)
        if (auto outcome = Check(domain, spf, dkim, answers).run()) outcomes.push_back(*std::move(outcome));
    if (outcomes.size() < domains->size()) return std::nullopt;
    return *std::ranges::max_element(outcomes, {}, &weight);
}

}  // namespace hongyan::verify
