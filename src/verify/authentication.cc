#include "verify/authentication.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"

namespace hongyan::verify {

namespace {

// Not with a domain or an address, which stay as they are.
bool begins_with_a_word(std::string_view sentence) {
    return std::ranges::all_of(sentence.substr(0, sentence.find(' ')), ascii::is_alpha);
}

}  // namespace

bool Authenticating::is_laborious() const {
    constexpr std::ptrdiff_t usual = 8;  // two, and those of three who have passed it on
    return std::ranges::count_if(mail_->fields(), [](const message::Field& field) {
               return field.is(dkim_field) || field.is(arc_message_field) || field.is(arc_seal_field);
           }) > usual;
}

bool Authenticating::identify(KnownAnswers& answers) {
    if (!helo_) helo_ = check_spf(query_, SpfIdentity::helo, answers);
    if (!mail_from_) mail_from_ = check_spf(query_, SpfIdentity::mail_from, answers);
    if (!dkim_) dkim_ = verify_dkim(*mail_, now_, answers);
    if (!arc_) arc_ = verify_arc(*mail_, now_, answers);
    if (!iprev_) iprev_ = check_iprev(query_.client, answers);
    const bool is_done = helo_ && mail_from_ && dkim_ && arc_ && iprev_;
    if (!is_done) look_for_policies(authors_, answers);
    return is_done;
}

std::optional<Authentication> Authenticating::conclude(KnownAnswers& answers) {
    auto dmarc = check_dmarc(authors_, *mail_from_, *dkim_, answers);
    if (!dmarc) return std::nullopt;
    return Authentication{*std::move(helo_), *std::move(mail_from_), *std::move(dkim_),
                          *std::move(arc_),  *std::move(dmarc),      *std::move(iprev_)};
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
    if (begins_with_a_word(out)) out.front() = ascii::upper(out.front());
    return out + ".";
}

std::string Authentication::results(std::string_view host, const SpfQuery& query,
                                    DmarcPolicy disposition) const {
    return std::string(results_field)
        .append(": ")
        .append(results_value(host, query, disposition))
        .append("\r\n");
}

std::string Authentication::results_value(std::string_view host, const SpfQuery& query,
                                          DmarcPolicy disposition) const {
    constexpr std::size_t usual = 8;
    std::vector<MethodResult> all;
    all.reserve(usual);
    all.push_back(result_of(mail_from, query));
    if (helo.identity != mail_from.identity) all.push_back(result_of(helo, query));
    for (auto& each : results_of(dkim)) all.push_back(std::move(each));
    all.push_back(result_of(dmarc, disposition));
    if (arc.verdict != ArcVerdict::none) all.push_back(result_of(arc));
    all.push_back(result_of(iprev, query.client));
    return authentication_results(host, all);
}

}  // namespace hongyan::verify
