// What did those who passed the message on find? The Authenticated Received Chain (RFC 8617).
#pragma once

#include "verify/dkim.h"

namespace hongyan::verify {

inline constexpr std::string_view arc_seal_field = "ARC-Seal";
inline constexpr std::string_view arc_results_field = "ARC-Authentication-Results";

enum class ArcVerdict { none, pass, fail };  // RFC 8617 §4.4; DNS faults are failures (§5.2.1)
std::string_view to_string(ArcVerdict verdict);

struct ArcOutcome {
    ArcVerdict verdict = ArcVerdict::none;
    unsigned instances = 0;  // N; 0 if there is no chain, or none that can be counted
    unsigned oldest_pass =
        0;                    // of a pass: since that instance nothing was changed; 0: since the first (§5.2)
    std::string reason = {};  // of a fail, for a person
    std::vector<std::string> sealers = {};  // of a pass: the domains, the first sealer first
    std::string first_results =
        {};  // of a pass: what the first sealer found, as a value of Authentication-Results

    std::string sentence() const;
    friend bool operator==(const ArcOutcome&, const ArcOutcome&) = default;
};

// The chain of a finished mail, at that moment. Nothing if an answer is missing.
std::optional<ArcOutcome> verify_arc(const Mail& mail, Instant now, KnownAnswers& answers);

// The three fields of the next set, to stand before the message in this order, or nothing if the chain has
// failed before and stays as it is, or is full (RFC 8617 §5.1). The mail is finished, options.body_demand()
// was demanded of it; `chain` is what verify_arc found of it; `results` is a value of Authentication-Results,
// "host; spf=pass …".
std::optional<std::string> seal_arc(const Mail& mail, const ArcOutcome& chain, std::string_view results,
                                    const DkimSigner& sealer, const SigningOptions& options);

}  // namespace hongyan::verify
