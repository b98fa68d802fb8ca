// Who sends and from where, in the names of which SPF speaks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dns/ip_address.h"
#include "dns/name.h"
#include "verify/spf.h"

namespace hongyan::verify {

bool in_network(const dns::IpAddress& address, const dns::IpAddress& network, unsigned prefix);

std::string without_last_dot(std::string_view name);

// A domain as MAIL or HELO says it, for all that is done with it: in A-labels (RFC 8616 §4), without the dot
// that may stand at its end (RFC 7208 §4.3).
std::string spf_domain_of(std::string_view said);

// <sender>: postmaster stands where nothing does (RFC 7208 §2.4, §4.3).
struct SpfSender {
    std::string local, domain;
    std::string text() const { return fmt::format("{}@{}", local, domain); }
};
SpfSender sender_of(const SpfQuery& query, SpfIdentity identity);

// A name that has lost its last dot: another would be an empty label.
std::optional<dns::Name> name_of(std::string_view text);

// RFC 7208 §4.3: malformed, an address, or of one label: there is nothing to check. Names that macros make
// may hold characters that no host has, and are asked for all the same.
std::optional<dns::Name> domain_to_check(std::string_view domain);

// RFC 7208 §7.3: "c" as people write it, "i" with dots, an IPv6 address by its 32 digits.
std::string dotted(const dns::IpAddress& address);

}  // namespace hongyan::verify
