// Any mbox is read, and what is written of its messages gives them back.
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "message/mailbox_file.h"
#include "message/mbox.h"

namespace {

using namespace hongyan;
using namespace hongyan::message;

std::vector<std::string> messages_in(std::string_view mbox) {
    std::vector<std::string> messages;
    const auto result = read_mbox(mbox, [&](const FoundMessage& message) -> Result<void> {
        messages.emplace_back(message.raw);
        return {};
    });
    check(result.has_value() || !mbox.starts_with("From "), "only what does not begin as an mbox is refused");
    return messages;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    maildir_flags(bytes);
    auto messages = messages_in(bytes);
    messages.emplace_back(bytes);
    std::string mbox;
    for (auto& message : messages) {
        mbox += mbox_entry(message, "a@b", Instant{});
        if (!message.ends_with('\n')) message += '\n';
    }
    check(messages_in(mbox) == messages, "an mbox gives back what was written");
    return 0;
}
