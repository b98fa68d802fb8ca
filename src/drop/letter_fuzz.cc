// Any file is a letter or none, and one that is reads back as the same.
#include <cstdint>

#include "base/check.h"
#include "drop/letter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hongyan;
    const auto letter = drop::parse({reinterpret_cast<const char*>(data), size});
    if (!letter) return 0;
    const auto written = drop::encode(*letter);
    check(written && drop::parse(*written) == *letter, "a letter reads back");
    return 0;
}
