// May this host send mail for that domain? Sender Policy Framework (RFC 7208, RFC 8616 §4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "verify/inquiry.h"
#include "verify/spf_record.h"

namespace hongyan::verify {

// What is known of a client when it has said MAIL.
struct SpfQuery {
    dns::IpAddress client;
    std::string helo;                  // as it was said
    std::string sender;                // of MAIL FROM, without brackets; empty: the null reverse-path
    std::string receiver = "unknown";  // our host name, for %{r} and Received-SPF
    Instant now{};                     // for %{t}
};

enum class SpfIdentity { helo, mail_from };  // RFC 7208 §2.3, §2.4

struct SpfOutcome {
    SpfVerdict verdict = SpfVerdict::none;
    SpfIdentity identity = SpfIdentity::mail_from;
    std::string domain = {};       // that was asked
    std::string mechanism = {};    // what decided, as written: "-all"; "default" if nothing matched
    std::string explanation = {};  // the domain's, of a fail (RFC 7208 §6.2): somebody else's words, in ASCII
    std::string problem = {};      // of none, temperror and permerror, for a person

    // "192.0.2.1 may not send for example.com (-all)"
    std::string sentence(const SpfQuery& query) const;
    friend bool operator==(const SpfOutcome&, const SpfOutcome&) = default;
};

// RFC 7208 §4.6.4
struct SpfLimits {
    unsigned terms = 10;          // that cause questions
    unsigned void_terms = 2;      // of those, that found nothing
    std::size_t mail_hosts = 10;  // of one mx
    std::size_t names = 10;       // of one ptr or %{p}
};

// check_host() (RFC 7208 §4). Without a sender the identity is that of HELO, whatever is given (RFC 7208
// §2.4). Nothing if an answer is missing.
std::optional<SpfOutcome> check_spf(const SpfQuery& query, SpfIdentity identity, KnownAnswers& answers,
                                    const SpfLimits& limits = {});

// The field Received-SPF with its line end, folded (RFC 7208 §9.1).
std::string received_spf(const SpfQuery& query, const SpfOutcome& outcome);

}  // namespace hongyan::verify
