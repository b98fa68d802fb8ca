// An answer of ClamAV's daemon that may be anything.
#include <cstdint>

#include "base/check.h"
#include "spam/clamd.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hongyan;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto result = spam::parse_scan_result(text);
    if (result.kind == spam::ScanResult::Kind::clean) check(text.contains("OK"), "only OK is clean");
    if (result.kind == spam::ScanResult::Kind::infected)
        check(text.contains("FOUND"), "a virus has been found");
    check(result.words.size() <= text.size() + 100, "it says no more than was said");
    return 0;
}
