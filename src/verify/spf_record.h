// What an SPF record says (RFC 7208 §4.5, §4.6, §5, §6).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/ip_address.h"
#include "verify/spf_macro.h"

namespace hongyan::verify {

// RFC 7208 §2.6
enum class SpfVerdict { none, neutral, pass, fail, softfail, temperror, permerror };
std::string_view to_string(SpfVerdict verdict);

// mechanism with its qualifier   RFC 7208 §4.6.1
struct SpfDirective {
    enum class Mechanism { all, include, a, mx, ptr, ip4, ip6, exists };
    SpfVerdict verdict = SpfVerdict::pass;  // if it matches
    Mechanism mechanism = Mechanism::all;
    MacroString domain = {};      // empty: the domain that is checked
    dns::IpAddress network = {};  // of ip4 and ip6
    unsigned ipv4_prefix = 32, ipv6_prefix = 128;
    std::string text = {};  // as written
};

struct SpfRecord {
    std::vector<SpfDirective> directives;
    std::optional<MacroString> redirect, explanation;  // RFC 7208 §6.1, §6.2

    bool has_all() const;
};

// RFC 7208 §4.5: it begins with "v=spf1" and a blank, or is nothing else.
bool is_spf_record(std::string_view text);

// The whole record, from its first term to its last (RFC 7208 §4.6), or what is wrong with it, for a person.
std::expected<SpfRecord, std::string> parse_spf_record(std::string_view text);

}  // namespace hongyan::verify
