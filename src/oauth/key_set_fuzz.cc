// The reader of key sets.
#include <cstdint>

#include "base/check.h"
#include "oauth/key_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hongyan;
    const auto set = oauth::KeySet::parse({reinterpret_cast<const char*>(data), size});
    if (!set) return 0;
    check(!set->keys().empty() && set->keys().size() <= oauth::KeySet::most_keys,
          "a set has a bounded number");
    for (const auto& each : set->keys()) check(!each.key.verify("text", "no signature"), "a key checks");
    return 0;
}
