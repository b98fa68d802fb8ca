// A whole POP3 conversation, with and without log-in: no bytes break it, and no cut changes what it says.
#include "support/pop3_world.h"
#include "support/session_fuzz.h"

namespace {

using namespace hongyan;

std::unique_ptr<pop3_world::Stage> make_stage(bool logged_in) {
    auto settings = pop3_world::open_settings();
    settings.sasl.recoverable_passwords = true;
    auto stage = std::make_unique<pop3_world::Stage>(std::move(settings), session::Security{});
    pop3_world::fill(stage->world());
    if (logged_in) stage->begin_with("USER ann\r\nPASS a secret  with spaces\r\n");
    return stage;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const bool logged_in = data[1] % 2 == 0;
    return fuzz::check_cuts(data, size, [logged_in] { return make_stage(logged_in); });
}
