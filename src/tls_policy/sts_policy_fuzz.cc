// The readers of MTA-STS: policy, TXT record, and the record in our cache.
#include <cstdint>

#include "base/check.h"
#include "tls_policy/mta_sts.h"

using namespace hongyan;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto policy = tls_policy::parse_sts_policy(text)) {
        check(tls_policy::parse_sts_policy(fmt::format("{}", fmt::join(policy->lines(), "\r\n"))) == *policy,
              "a policy goes round");
        const tls_policy::CachedSts cached{
            .policy = *policy, .id = "1", .fetched = {}, .tried = {}, .trouble = {}};
        check(tls_policy::CachedSts::from_record(cached.to_record()) == cached, "a record goes round");
    }
    if (const auto cached = tls_policy::CachedSts::from_record(text))
        check(tls_policy::CachedSts::from_record(cached->to_record()) == *cached, "what was read goes round");
    (void)tls_policy::parse_sts_id({dns::Txt{std::string(text)}});
    return 0;
}
