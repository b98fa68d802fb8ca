#include "tls_policy/decide.h"

namespace hongyan::tls_policy {

namespace {

HostDecision unusable(std::string_view status, Basis basis, std::string why) {
    HostDecision decision;
    decision.usable = false;
    decision.status = status;
    decision.basis = basis;
    decision.why = std::move(why);
    return decision;
}

bool dane_applies(const Given& given) {
    return given.mx_secure && given.tlsa.status == dns::HostTlsa::Status::found;
}

// RFC 7672 §3.2.2: the certificate of an authority may be for the TLSA base domain, the host, or the domain
// of the mail.
void by_dane(HostDecision& decision, const Given& given) {
    decision.tls = Tls::must;
    decision.basis = Basis::dane;
    decision.why = fmt::format("DANE: {} has signed TLSA records", given.tlsa.base.text());
    if (!given.tlsa.is_usable()) {
        decision.why += ", none of which can be used";
        return;
    }
    decision.verify = Verify::dane;
    decision.server_name = given.tlsa.base.text();
    decision.tlsa = given.tlsa.records;
    for (const auto& name : {given.host.text(), given.domain.text()})
        if (name != decision.server_name) decision.other_names.push_back(name);
}

void by_own(HostDecision& decision, const OwnDemand& own) {
    if (own.verify != Verify::none && decision.verify == Verify::none) decision.verify = Verify::pkix;
    const auto least = own.verify != Verify::none ? Tls::must : own.tls;
    if (own.tls == Tls::none && decision.basis == Basis::nothing) {
        decision.tls = Tls::none;
        decision.verify = Verify::none;
    }
    if (least == Tls::must && decision.basis == Basis::nothing) {
        decision.tls = Tls::must;
        decision.basis = Basis::own;
        decision.why = "the settings demand TLS";
    }
}

bool demands(const std::optional<StsPolicy>& sts, StsMode mode) { return sts && sts->mode == mode; }

// RFC 8461 §5: what "testing" would forbid is done and reported.
void note_testing(HostDecision& decision, const Given& given) {
    if (!demands(given.sts, StsMode::testing)) return;
    decision.sts_testing = true;
    decision.sts_testing_mismatch = !given.sts->allows(given.host);
}

std::string not_in_policy(const Given& given) {
    return fmt::format("MTA-STS: {} is none of the hosts in the policy of {}", given.host.text(),
                       given.domain.text());
}

HostDecision by_policies(const Given& given) {
    HostDecision decision;
    decision.server_name = given.host.text();
    if (dane_applies(given)) by_dane(decision, given);
    if (decision.verify == Verify::dane) return decision;
    if (demands(given.sts, StsMode::enforce)) {
        if (!given.sts->allows(given.host)) return unusable("4.7.5", Basis::sts, not_in_policy(given));
        decision.tls = Tls::must;
        decision.verify = Verify::pkix;
        decision.basis = Basis::sts;
        decision.why = fmt::format("MTA-STS: the policy of {}", given.domain.text());
    }
    if (given.own.verify == Verify::dane)
        return unusable("4.7.5", Basis::own,
                        fmt::format("the settings demand DANE, which {} does not offer", given.host.text()));
    note_testing(decision, given);
    by_own(decision, given.own);
    return decision;
}

// RFC 8689 §4.2.1, step 2. A domain that takes its mail itself needs nobody's word.
bool is_sure(const Given& given) {
    const bool has_sts = given.sts && given.sts->mode != StsMode::none;
    return given.mx_secure || given.host == given.domain || (has_sts && given.sts->allows(given.host));
}

// RFC 8689 §4.2.1, steps 2 and 4.
HostDecision required(HostDecision decision, const Given& given) {
    if (!decision.name_is_sure)
        return unusable("5.7.10", Basis::sender,
                        fmt::format("REQUIRETLS: neither DNSSEC nor MTA-STS says that {} takes mail for {}",
                                    given.host.text(), given.domain.text()));
    decision.tls = Tls::must;
    if (decision.verify == Verify::none) decision.verify = Verify::pkix;
    decision.requiretls = true;
    decision.basis = Basis::sender;
    decision.why = "REQUIRETLS" + (decision.why.empty() ? "" : "; " + decision.why);
    return decision;
}

// TLS and its checks are tried, as far as nothing fails (RFC 8689 §4.2.2).
HostDecision optional(const Given& given) {
    HostDecision decision;
    decision.server_name = given.host.text();
    decision.basis = Basis::sender;
    decision.why = "TLS-Required: No";
    return decision;
}

}  // namespace

std::string_view to_string(Basis basis) {
    switch (basis) {
        case Basis::nothing:
            return "none";
        case Basis::dane:
            return "dane";
        case Basis::sts:
            return "mta-sts";
        case Basis::own:
            return "settings";
        case Basis::sender:
            return "requiretls";
    }
    return "unknown";
}

HostDecision decide(const Given& given) {
    if (given.wish == SenderWish::optional) return optional(given);
    // RFC 7672 §2.1.2: what cannot be known must not be taken for nothing.
    if (given.mx_secure && given.tlsa.status == dns::HostTlsa::Status::trouble)
        return unusable("4.7.5", Basis::dane, "DANE: " + given.tlsa.why);
    auto decision = by_policies(given);
    decision.name_is_sure = is_sure(given);
    if (given.wish == SenderWish::required && decision.usable) return required(std::move(decision), given);
    return decision;
}

}  // namespace hongyan::tls_policy
