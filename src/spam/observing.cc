// What is told of one message in reports of DMARC.
#include <algorithm>

#include "base/ascii.h"
#include "message/field.h"
#include "message/parameters.h"
#include "reports/text.h"
#include "spam/authentication.h"
#include "spam/reporting.h"

namespace hongyan::spam {

namespace {

using verify::DmarcPolicy, verify::DmarcVerdict, verify::SpfVerdict;

constexpr std::size_t most_signatures = 10;  // of a row

std::string_view pass_or_fail(bool passed) { return passed ? "pass" : "fail"; }

reports::PublishedPolicy policy_of(const verify::DmarcOutcome& dmarc) {
    const auto& record = dmarc.record;
    const auto letter = [](verify::Alignment alignment) {
        return alignment == verify::Alignment::strict ? "s" : "r";
    };
    return {.domain = dmarc.record_domain,
            .dkim_alignment = letter(record.dkim),
            .spf_alignment = letter(record.spf),
            .policy = std::string(to_string(record.policy)),
            .subdomain_policy = std::string(to_string(record.subdomains.value_or(record.policy))),
            .percent = fmt::format("{}", record.percent),
            .failure_options = record.failure_options};
}

// Why less was done than the domain asks (RFC 7489 Appendix C, PolicyOverrideType).
std::vector<reports::Override> overrides_of(const Authenticated& known) {
    const auto& dmarc = known.found.dmarc;
    if (dmarc.verdict != DmarcVerdict::fail || known.disposition >= dmarc.policy) return {};
    if (!known.override_reason.empty()) return {{"trusted_forwarder", reports::tidy(known.override_reason)}};
    constexpr unsigned unluckiest = 99;
    const auto left_to_chance = dmarc.disposition(unluckiest);
    if (known.disposition < left_to_chance) return {{"local_policy", ""}};
    if (dmarc.record.testing) return {{"other", "the domain is testing its policy"}};
    return {{"sampled_out", ""}};
}

// The domain of all recipients; empty if they have several.
std::string recipient_domain(const smtp::Envelope& envelope) {
    std::string domain;
    for (const auto& recipient : envelope.recipients) {
        if (!recipient.path.address) return {};
        const auto& each = recipient.path.address->domain.text();
        if (!domain.empty() && domain != each) return {};
        domain = each;
    }
    return domain;
}

std::string sender_domain(const smtp::Envelope& envelope) {
    return envelope.sender.address ? envelope.sender.address->domain.text() : std::string();
}

std::vector<reports::DkimResult> signatures_of(const verify::DkimReport& dkim) {
    std::vector<reports::DkimResult> all;
    for (const auto& each : dkim.signatures) {
        if (all.size() == most_signatures) break;
        if (each.domain.empty()) continue;
        all.push_back({.domain = reports::tidy(each.domain),
                       .selector = reports::tidy(each.selector),
                       .result = std::string(to_string(each.verdict)),
                       .words = reports::tidy(each.reason)});
    }
    return all;
}

reports::SpfResult sender_of(const verify::SpfOutcome& spf, const verify::SpfQuery& query) {
    const bool is_helo = spf.identity == verify::SpfIdentity::helo;
    return {.domain = reports::tidy(spf.domain.empty() ? query.helo : spf.domain),
            .scope = is_helo ? "helo" : "mfrom",
            .result = std::string(to_string(spf.verdict))};
}

// --- single messages

const verify::DkimOutcome* failed_signature(const verify::DkimReport& dkim) {
    const auto found = std::ranges::find_if(dkim.signatures, [](const verify::DkimOutcome& each) {
        return each.verdict != verify::DkimVerdict::pass && !each.domain.empty();
    });
    return found == dkim.signatures.end() ? nullptr : &*found;
}

bool wants(const verify::DmarcRecord& record, char option) {
    return record.failure_options.find(option) != std::string::npos;
}

// RFC 7489 §6.3: fo. The word for Auth-Failure; empty: no report is wanted.
std::string_view wanted_kind(const verify::Authentication& found) {
    const auto& dmarc = found.dmarc;
    const bool none = !dmarc.spf_aligned && !dmarc.dkim_aligned;
    const bool some = dmarc.spf_aligned != dmarc.dkim_aligned;
    if (wants(dmarc.record, '0') && none) return "dmarc";
    if (wants(dmarc.record, '1') && (none || some)) return "dmarc";
    if (wants(dmarc.record, 'd') && failed_signature(found.dkim) != nullptr) return "signature";
    const auto spf = found.mail_from.verdict;
    if (wants(dmarc.record, 's') && (spf == SpfVerdict::fail || spf == SpfVerdict::softfail)) return "spf";
    return {};
}

std::string alignment_of(const verify::DmarcOutcome& dmarc) {
    if (dmarc.dkim_aligned) return dmarc.spf_aligned ? "dkim, spf" : "dkim";
    return dmarc.spf_aligned ? "spf" : "none";
}

std::string_view delivery_result_of(Disposition disposition) {
    switch (disposition) {
        case Disposition::accept:
            return "delivered";
        case Disposition::junk:
            return "spam";
        case Disposition::reject:
            return "reject";
        case Disposition::quarantine:
        case Disposition::discard:
        case Disposition::defer:
            break;
    }
    return "other";
}

// RFC 6591 §3.1: of one method only.
std::string result_of(std::string_view kind, const verify::Authentication& found, std::string_view hostname) {
    if (kind == "spf")
        return fmt::format("{}; spf={} smtp.mailfrom={}", hostname, to_string(found.mail_from.verdict),
                           found.mail_from.domain);
    if (const auto* signature = failed_signature(found.dkim); kind == "signature" && signature != nullptr)
        return fmt::format("{}; dkim={} header.d={}", hostname, to_string(signature->verdict),
                           signature->domain);
    return fmt::format("{}; dmarc={} header.from={}", hostname, to_string(found.dmarc.verdict),
                       found.dmarc.domain);
}

bool is_by_a_program(const smtp::Deliver& came, std::string_view header) {
    if (came.envelope.sender.is_null()) return true;
    const auto automatic = message::unfolded(header, "Auto-Submitted");
    if (!automatic.empty() && !ascii::istarts_with(automatic, "no")) return true;
    const auto type = message::parse_media_type(message::unfolded(header, "Content-Type"));
    return type && type->is("multipart", "report");
}

// Whole lines of it.
std::string shown_header(std::string_view header) {
    if (header.size() > reports::longest_header)
        header = header.substr(0, header.rfind('\n', reports::longest_header) + 1);
    while (header.ends_with("\r\n\r\n")) header.remove_suffix(2);
    return std::string(header);
}

}  // namespace

std::optional<reports::Observation> observation_of(const smtp::Deliver& came, const Authenticated& known) {
    const auto& dmarc = known.found.dmarc;
    const bool concluded = dmarc.verdict == DmarcVerdict::pass || dmarc.verdict == DmarcVerdict::fail;
    if (!concluded || dmarc.record_domain.empty() || dmarc.record.aggregate_to.empty()) return std::nullopt;
    return reports::Observation{.policy = policy_of(dmarc),
                                .wanted_at = dmarc.record.aggregate_to,
                                .traits = {.address = known.query.client.to_string(),
                                           .disposition = std::string(to_string(known.disposition)),
                                           .dkim = std::string(pass_or_fail(dmarc.dkim_aligned)),
                                           .spf = std::string(pass_or_fail(dmarc.spf_aligned)),
                                           .overrides = overrides_of(known),
                                           .header_from = reports::tidy(dmarc.domain),
                                           .envelope_from = sender_domain(came.envelope),
                                           .envelope_to = recipient_domain(came.envelope),
                                           .signatures = signatures_of(known.found.dkim),
                                           .senders = {sender_of(known.found.mail_from, known.query)}}};
}

std::optional<reports::Failure> failure_of(const smtp::Deliver& came, const Judgement& judgement,
                                           std::string_view hostname, Instant now) {
    if (!judgement.authenticated) return std::nullopt;
    const auto& found = judgement.authenticated->found;
    const auto& dmarc = found.dmarc;
    const bool concluded = dmarc.verdict == DmarcVerdict::pass || dmarc.verdict == DmarcVerdict::fail;
    if (!concluded || dmarc.record_domain.empty() || dmarc.record.failures_to.empty()) return std::nullopt;
    const auto kind = wanted_kind(found);
    const auto header = std::string_view(*came.message).substr(0, verify::header_size(*came.message));
    if (kind.empty() || is_by_a_program(came, header)) return std::nullopt;
    reports::Failure failure{.domain = dmarc.record_domain,
                             .wanted_at = dmarc.record.failures_to,
                             .kind = std::string(kind),
                             .alignment = alignment_of(dmarc),
                             .delivery_result = std::string(delivery_result_of(judgement.disposition)),
                             .address = came.client.address,
                             .envelope_from = reports::tidy(smtp::to_string(came.envelope.sender)),
                             .header_from = reports::tidy(dmarc.domain),
                             .results = reports::tidy(result_of(kind, found, hostname)),
                             .spf_domain = reports::tidy(found.mail_from.domain),
                             .message_id = reports::tidy(message::unfolded(header, "Message-ID")),
                             .arrival = static_cast<std::uint64_t>(now.time_since_epoch().count() / 1000),
                             .header = shown_header(header)};
    if (const auto* signature = failed_signature(found.dkim)) {
        failure.dkim_domain = reports::tidy(signature->domain);
        failure.dkim_identity = reports::tidy(signature->identity);
        failure.dkim_selector = reports::tidy(signature->selector);
    }
    return failure;
}

}  // namespace hongyan::spam
