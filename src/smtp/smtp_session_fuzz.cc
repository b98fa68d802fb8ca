// A whole SMTP conversation: no bytes break it, and no cut changes what it says.
#include "smtp/session.h"
#include "support/session_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hongyan;
    return fuzz::check_cuts(data, size, [] {
        return std::make_unique<smtp::Session>(
            smtp::Settings{.hostname = "mail.example.test", .patience = std::chrono::minutes(1)});
    });
}
