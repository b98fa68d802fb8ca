// Does the client's address have a name that leads back to it? (RFC 8601 §3)
#pragma once

#include <optional>
#include <string>

#include "verify/inquiry.h"

namespace hongyan::verify {

enum class IprevVerdict { pass, fail, temperror, permerror };  // RFC 8601 §2.7.3
std::string_view to_string(IprevVerdict verdict);

struct IprevOutcome {
    IprevVerdict verdict = IprevVerdict::permerror;
    std::string name = {};  // of a pass, the one that leads back; of a fail, the first
    friend bool operator==(const IprevOutcome&, const IprevOutcome&) = default;
};

// Nothing if an answer is missing. Ten names at most are looked at.
std::optional<IprevOutcome> check_iprev(const dns::IpAddress& client, KnownAnswers& answers);

}  // namespace hongyan::verify
