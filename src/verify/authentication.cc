#include "verify/authentication.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"

namespace hongyan::verify {

std::optional<Authentication> authenticate(const Mail& mail, const SpfQuery& query, Instant now,
                                           KnownAnswers& answers) {
    const auto helo = check_spf(query, SpfIdentity::helo, answers);
    const auto mail_from = check_spf(query, SpfIdentity::mail_from, answers);
    const auto dkim = verify_dkim(mail, now, answers);
    const auto arc = verify_arc(mail, answers);
    const auto iprev = check_iprev(query.client, answers);
    if (!helo || !mail_from || !dkim || !arc || !iprev) return std::nullopt;
    const auto dmarc = check_dmarc(mail, *mail_from, *dkim, answers);
    if (!dmarc) return std::nullopt;
    return Authentication{*helo, *mail_from, *dkim, *arc, *dmarc, *iprev};
}

std::string Authentication::sentence(const SpfQuery& query) const {
    std::string out;
    if (dmarc.verdict != DmarcVerdict::none && !dmarc.record_domain.empty()) {
        out = dmarc.sentence();
    } else if (dkim.verdict() == DkimVerdict::pass) {
        const auto passed = std::ranges::find(dkim.signatures, DkimVerdict::pass, &DkimOutcome::verdict);
        out = passed->sentence();
    } else {
        out = mail_from.verdict == SpfVerdict::none ? "nobody vouches for the sender"
                                                    : mail_from.sentence(query);
    }
    if (arc.verdict == ArcVerdict::pass) out += "; " + arc.sentence();
    out.front() = ascii::upper(out.front());
    return out + ".";
}

std::string Authentication::results(std::string_view host, const SpfQuery& query,
                                    DmarcPolicy disposition) const {
    std::vector<MethodResult> all{result_of(mail_from, query)};
    if (helo.identity != mail_from.identity) all.push_back(result_of(helo, query));
    for (auto& each : results_of(dkim)) all.push_back(std::move(each));
    all.push_back(result_of(dmarc, disposition));
    if (arc.verdict != ArcVerdict::none) all.push_back(result_of(arc));
    all.push_back(result_of(iprev, query.client));
    return fmt::format("{}: {}\r\n", results_field, authentication_results(host, all));
}

}  // namespace hongyan::verify
