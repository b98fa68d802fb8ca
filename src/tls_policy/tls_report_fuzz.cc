// The readers of TLS reporting: the TXT record, mailto URIs, and the record of a day.
#include <cstdint>

#include "base/check.h"
#include "tls_policy/tls_report.h"

using namespace hongyan;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto targets = tls_policy::parse_report_targets({dns::Txt{std::string(text)}});
    check(targets.size() <= tls_policy::most_report_targets, "targets have a limit");
    for (const auto& target : targets) (void)tls_policy::address_of_mailto(target);
    (void)tls_policy::address_of_mailto(text);
    if (const auto day = tls_policy::TlsDay::from_record(text))
        check(tls_policy::TlsDay::from_record(day->to_record()) == *day, "a day goes round");
    return 0;
}
