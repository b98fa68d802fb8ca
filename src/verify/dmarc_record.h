// What a domain wishes to happen to mail that pretends to be from it (RFC 7489 §6.3, RFC 9091 §4, RFC 9989).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::verify {

enum class DmarcPolicy { none, quarantine, reject };  // the stricter is the greater
std::string_view to_string(DmarcPolicy policy);

enum class Alignment { relaxed, strict };

struct DmarcRecord {
    DmarcPolicy policy = DmarcPolicy::none;                         // p
    std::optional<DmarcPolicy> subdomains = {};                     // sp
    std::optional<DmarcPolicy> absent_subdomains = {};              // np, of those that do not exist
    Alignment dkim = Alignment::relaxed, spf = Alignment::relaxed;  // adkim, aspf
    unsigned percent = 100;                                         // pct
    bool testing = false;                                           // t=y
    std::optional<bool> public_suffix = {};                         // psd: y or n
    std::vector<std::string> aggregate_to, failures_to;             // rua, ruf: URIs as written
    std::string failure_options = "0";                              // fo: of "0", "1", "d", "s", with colons
    friend bool operator==(const DmarcRecord&, const DmarcRecord&) = default;

    // Nothing if it does not begin with its version: it is no such record. Without a valid p (or with an
    // invalid sp) it is p=none if somebody is to hear of it, else `broken`.
    struct Read;
    static std::optional<Read> parse(std::string_view text);
    // What it wishes for mail from a domain: its own, one below, one below that does not exist.
    enum class Whose { own, subdomain, absent_subdomain };
    DmarcPolicy policy_for(Whose whose) const;
};

struct DmarcRecord::Read {
    DmarcRecord record;
    bool broken =
        false;  // it says nothing that could be followed: it does not count (RFC 7489 §6.6.3, step 6.2)
};

}  // namespace hongyan::verify
