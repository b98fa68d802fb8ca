// A filter that says anything: every question has an answer or breaks the conversation, and what is kept of
// the answers stays within the limits.
#include <cstdint>

#include "base/check.h"
#include "milter/conversation.h"

namespace {

using namespace hongyan;
using namespace hongyan::milter;

constexpr Limits limits{.packet = 200, .changes = 5, .change_bytes = 300, .body = 100, .progress = 3};

const std::string& long_body() {
    static const std::string text(70'000, 'x');
    return text;
}

void ask(Conversation& conversation, int number) {
    const Values values{{"i", "1"}, {"{x}", std::string("a\0b", 3)}};
    switch (number % 7) {
        case 0:
            return conversation.connect({.host = "h", .address = "192.0.2.1"}, values);
        case 1:
            return conversation.helo("h", values);
        case 2:
            return conversation.mail({.path = "<a@b>"}, values);
        case 3:
            return conversation.recipient({.path = "<c@d>", .parameters = {"X"}}, values);
        case 4:
            return conversation.message({.fields = {{"A", " b\r\n c"}, {"D", ""}}, .body = long_body()},
                                        values);
        case 5:
            return conversation.unknown("NONSENSE", values);
        default:
            return conversation.abort();
    }
}

}  // namespace

// The first byte says how the rest is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t piece = data[0] % 64 + 1U;
    Conversation conversation(limits);
    for (int question = 0; question < 14; ++question) {
        ask(conversation, question < 7 ? question : 2 + question % 4);
        for (;;) {
            const auto action = conversation.next();
            if (std::holds_alternative<Broken>(action)) return 0;
            if (const auto* answered = std::get_if<Answered>(&action)) {
                check(answered->changes.size() <= limits.changes, "there are not too many changes");
                check(!answered->body || answered->body->size() <= limits.body, "no body is too large");
                break;
            }
            if (!std::holds_alternative<Read>(action)) continue;
            if (bytes.empty()) conversation.lost("the end");
            conversation.receive(bytes.substr(0, piece));
            bytes.remove_prefix(std::min(piece, bytes.size()));
        }
    }
    return 0;
}
