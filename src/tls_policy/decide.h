// What TLS must be when mail goes to one host: from what the domain, the sender and the operator say. A pure
// function; who asks acts on it and reports.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/mail_hosts.h"
#include "tls_policy/mta_sts.h"

namespace hongyan::tls_policy {

enum class Tls { none, may, must };
// The values and the order of net::Verify.
enum class Verify { none, pkix, dane };

// What the sender asked for (RFC 8689).
enum class SenderWish {
    none,
    required,  // REQUIRETLS at MAIL: the whole way under TLS to servers that prove who they are
    optional,  // "TLS-Required: No": deliver, whatever policies the domain has
};

// Of the operator, for all hosts or for one route.
struct OwnDemand {
    Tls tls = Tls::may;
    Verify verify = Verify::none;
};

struct Given {
    dns::Name domain;                   // the policy domain: that of the addresses
    dns::Name host;                     // the mail host
    bool mx_secure = false;             // MailHosts::secure
    dns::HostTlsa tlsa = {};            // need not be asked for if mx_secure is false
    std::optional<StsPolicy> sts = {};  // valid today
    SenderWish wish = SenderWish::none;
    OwnDemand own = {};
};

// On whose word it is so; the policy-type of reports (RFC 8460 §4.4).
enum class Basis { nothing, dane, sts, own, sender };
std::string_view to_string(Basis basis);  // "none", "dane", "mta-sts", "settings", "requiretls"

struct HostDecision {
    // The host must not be used for this message, `why` says why: try the next. Permanent only if `status`
    // begins with 5; then, and when nobody else is left, the message ends with it.
    bool usable = true;
    std::string status;  // where it is not usable: "4.7.5", "5.7.10"

    Tls tls = Tls::may;
    Verify verify = Verify::none;
    bool name_is_sure = false;  // the host is one of the domain's (RFC 8689 §4.2.1, step 2)
    bool requiretls = false;    // the server must offer REQUIRETLS, and MAIL says it; without: 5.7.30
    Basis basis = Basis::nothing;
    std::string why;  // for a person: "DANE: TLSA records of mx.example.net"

    std::string server_name;               // for SNI and the certificate
    std::vector<std::string> other_names;  // for which the certificate may be, with dane
    std::vector<dns::Tlsa> tlsa;           // with dane

    // An MTA-STS policy in mode testing would not have let this pass: mail goes, the report tells
    // (RFC 8461 §5). Beside this a certificate that is not good counts as a failure of it.
    bool sts_testing = false;
    bool sts_testing_mismatch = false;  // the host is none of the policy's
};

// DANE goes before MTA-STS (RFC 8461 §2), both before the operator's least demand, REQUIRETLS makes it
// stronger (RFC 8689 §4.2.1) and "TLS-Required: No" weaker (RFC 8689 §4.2.2).
HostDecision decide(const Given& given);

}  // namespace hongyan::tls_policy
