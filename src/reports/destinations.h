// Where a domain wants its reports, and whether who is to get them has agreed (RFC 7489 §6.3, §7.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dns/name.h"
#include "dns/record.h"
#include "message/address.h"

namespace hongyan::reports {

// As many of a record's as are used (RFC 7489 §7.2.1).
inline constexpr std::size_t most_destinations = 5;

struct Destination {
    message::Address address;
    std::optional<std::uint64_t> most = {};  // bytes of a report, encoded
    friend bool operator==(const Destination&, const Destination&) = default;
};

// dmarc-uri = URI [ "!" 1*DIGIT [ "k" / "m" / "g" / "t" ] ] (RFC 7489 §6.4). Unsupported if it is no
// "mailto:", invalid if it makes no sense.
Result<Destination> parse_destination(std::string_view uri);

// Whose addresses belong to another owner than the policy (RFC 7489 §7.1) are asked whether they agree.
bool needs_permission(const dns::Name& policy_domain, const Destination& destination);
// "example.com._report._dmarc.reports.example": there TXT records tell. Invalid for addresses in no domain.
Result<dns::Name> permission_name(const dns::Name& policy_domain, const Destination& destination);

// Whose domain it is: what somebody has registered stands for all below it; in lower case.
std::string owner_of(std::string_view domain);

enum class Wanted { aggregate, failures };  // rua, ruf
// Where to, as the records there say: to the destination, to others at the same host in its place, or
// nowhere.
std::vector<Destination> permitted(const Destination& destination, const std::vector<dns::Txt>& records,
                                   Wanted wanted);

}  // namespace hongyan::reports
