// SMTP MTA Strict Transport Security (RFC 8461): what a domain demands of those who bring it mail.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "dns/answer.h"

namespace hongyan::tls_policy {

inline constexpr std::size_t max_sts_policy = std::size_t{64} * 1024;  // bytes (RFC 8461 §3.3)
inline constexpr std::chrono::seconds max_sts_age{31'557'600};         // a year (RFC 8461 §3.2)
inline constexpr std::chrono::seconds sts_fetch_patience{60};          // RFC 8461 §3.3
// So long a web server may say by mistake that there is no policy.
inline constexpr std::chrono::hours sts_mistake_lasts{24};

enum class StsMode : std::uint8_t { none, testing, enforce };
std::string_view to_string(StsMode mode);

struct StsPolicy {
    StsMode mode = StsMode::none;
    std::vector<std::string> mx;  // "mx.example.net" or "*.example.net", in lower-case A-labels
    std::chrono::seconds max_age{};

    // Whether mail may go to the host; "*" stands for one whole label (RFC 8461 §4.1).
    bool allows(const dns::Name& host) const;
    // Its lines, as they were or might have been served.
    std::vector<std::string> lines() const;
    friend bool operator==(const StsPolicy&, const StsPolicy&) = default;
};

// The body of the policy file (RFC 8461 §3.2). Fields that are unknown, and repeated ones but `mx`, are
// passed over. Invalid with the reason, too_large beyond max_sts_policy.
Result<StsPolicy> parse_sts_policy(std::string_view text);

// What came over HTTPS, of which redirections are not followed (RFC 8461 §3.3). not_found where the host says
// that it has no such file.
Result<StsPolicy> read_sts_answer(unsigned http_status, std::string_view media_type, std::string_view body);

// The id in the TXT records of _mta-sts.DOMAIN; nothing if not exactly one of them is of this kind and well
// formed (RFC 8461 §3.1).
std::optional<std::string> parse_sts_id(const std::vector<dns::Txt>& records);

// Whom to ask: the TXT record's name, the host and the path of the policy (RFC 8461 §3.1, §3.3).
Result<dns::Name> sts_record_name(const dns::Name& domain);
Result<dns::Name> sts_policy_host(const dns::Name& domain);
inline constexpr std::string_view sts_policy_path = "/.well-known/mta-sts.txt";

// A policy that is kept, or that it could not be had. A record in a durable store, one for each domain.
struct CachedSts {
    StsPolicy policy = {};
    std::string id = {};       // of the TXT record with which it was fetched
    Instant fetched{};         // the last time the policy was had
    Instant tried{};           // the last attempt, whatever came of it
    std::string trouble = {};  // of the last attempt; empty if it was well
    // When a policy was found here that could not be read, which this stands for; {}: there was none.
    Instant lost{};
    Instant denied{};  // when its host first said that it has none; {}: it has not

    bool is_valid(Instant now) const { return policy.max_age.count() > 0 && now < fetched + policy.max_age; }
    // Nobody knows what is in force, but it cannot be for longer than any policy.
    bool is_lost(Instant now) const { return lost != Instant() && now < lost + max_sts_age; }
    std::string to_record() const;
    static Result<CachedSts> from_record(std::string_view record);
    friend bool operator==(const CachedSts&, const CachedSts&) = default;
};

// What is to be done before mail goes to a domain (RFC 8461 §5.1, §10.2).
struct StsStep {
    enum class Kind {
        none,   // the domain has no policy
        use,    // that of the cache, as it is
        fetch,  // ask the policy host, then after_fetch
    };
    Kind kind = Kind::none;
    std::string id;  // of fetch
};
// A new id, an age of half of max_age or a day, or nothing in the cache make it fetch; but after an attempt
// that failed only 5 minutes later (RFC 8461 §3.3). Without a record the cached policy stays until it ends;
// one that is lost is fetched all the same, since that it is absent ends no policy.
StsStep next_sts_step(const std::optional<CachedSts>& cached, const dns::Answer<dns::Txt>& record,
                      Instant now);

// The entry to keep. A policy that could not be had leaves the old one in force (RFC 8461 §3.3). One that is
// lost is given up where its host says that there is none, and not by mistake.
CachedSts after_fetch(const std::optional<CachedSts>& cached, std::string id,
                      const Result<StsPolicy>& fetched, Instant now);

}  // namespace hongyan::tls_policy
