// A whole POP3 conversation: no bytes break it, and no cut changes what it says.
#include "pop3/session.h"
#include "support/session_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hongyan;
    return fuzz::check_cuts(data, size, [] {
        return std::make_unique<pop3::Session>(
            pop3::Settings{.hostname = "mail.example.test", .login_patience = std::chrono::minutes(1)});
    });
}
