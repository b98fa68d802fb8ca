// Any bytes as the configuration file: settings that can be shown and read back, or problems with places.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "config/show.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hongyan;
    const auto settings = config::parse({reinterpret_cast<const char*>(data), size}, "/etc/hongyan.toml");
    if (!settings) {
        check(!settings.error().empty(), "a refusal has a reason");
        return 0;
    }
    const auto shown = config::to_toml(*settings);
    const auto again = config::parse(shown, "/etc/hongyan.toml");
    check(again.has_value(), "what is shown can be read");
    check(config::to_toml({again->config, settings->file, settings->sources}) == shown,
          "what is read is what was shown");
    return 0;
}
