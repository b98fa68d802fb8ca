// The field Authentication-Results (RFC 8601): what we found, written; what others claim in our name, taken
// out.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verify/arc.h"
#include "verify/dmarc.h"
#include "verify/iprev.h"
#include "verify/spf.h"

namespace hongyan::verify {

inline constexpr std::string_view results_field = "Authentication-Results";

// resinfo = [CFWS] ";" methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ]   RFC 8601 §2.2
struct MethodResult {
    struct Property {
        std::string name;   // "smtp.mailfrom"
        std::string value;  // quoted where it must be
    };
    std::string method, result;  // "spf", "pass"
    std::string comment = {};    // for a person; empty: none
    std::vector<Property> properties = {};
};

MethodResult result_of(const SpfOutcome& outcome, const SpfQuery& query);
// One for each signature, or "none" (RFC 8601 §2.7.1, RFC 6008).
std::vector<MethodResult> results_of(const DkimReport& report);
MethodResult result_of(const ArcOutcome& outcome);                                  // RFC 8617 §10.1
MethodResult result_of(const DmarcOutcome& outcome, DmarcPolicy disposition);       // RFC 7489 §11.2
MethodResult result_of(const IprevOutcome& outcome, const dns::IpAddress& client);  // RFC 8601 §2.7.3

// The value, folded, without a line end: "mx.example.com;\r\n\tspf=pass smtp.mailfrom=…". Without results it
// says "none". The host is ours, the authserv-id.
std::string authentication_results(std::string_view host, std::span<const MethodResult> results);

// The authserv-id that a field's value names, comments and quotes undone; nothing if that cannot be read.
std::optional<std::string> results_host(std::string_view field_value);

// Whether a value says that a method passed: "dmarc=pass" at the beginning of one of its results, not in a
// comment or a quoted string.
bool claims_pass(std::string_view field_value, std::string_view method);

// The header without fields that claim to be ours, that is of one of the hosts, that cannot be read, or are
// of a version that we do not know (RFC 8601 §5). The same text if there are none.
std::string without_forged_results(std::string_view header, std::span<const std::string> hosts);

}  // namespace hongyan::verify
