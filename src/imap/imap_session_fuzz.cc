// A whole IMAP conversation over a store in memory: no bytes break it, and no cut changes what it says.
#include "support/imap_world.h"
#include "support/session_fuzz.h"

namespace {

using namespace hongyan;

imap::Settings small_settings() {
    auto settings = imap_world::open_settings();
    settings.limits = {
        .command = 4096, .literal = 512, .message = 4096, .unasked = 4096, .thrown_away = 10'000};
    return settings;
}

// Half of the inputs begin as strangers, half with mail before them.
std::unique_ptr<imap_world::Stage> make_stage(bool logged_in) {
    auto stage = std::make_unique<imap_world::Stage>(small_settings(), session::Security{});
    if (!logged_in) return stage;
    stage->world().deliver("From: a@b\r\nSubject: one\r\n\r\nbody\r\n");
    stage->world().deliver(
        "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\ntext\r\n--x\r\nContent-Type: "
        "message/rfc822\r\n\r\nSubject: inner\r\n\r\nin\r\n--x--\r\n");
    stage->world().deliver("To: =?utf-8?q?=C3=A9?= <x@y>\r\nDate: Mon, 7 Feb 1994 21:52:25 -0800\r\n\r\n");
    stage->begin_with("a LOGIN ann secret\r\nb SELECT INBOX\r\n");
    return stage;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const bool logged_in = data[1] % 2 == 0;
    return fuzz::check_cuts(data, size, [logged_in] { return make_stage(logged_in); });
}
