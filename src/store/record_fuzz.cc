// Any bytes are refused as damage, or are a record that means the same when written again.
#include <cstdint>

#include "base/check.h"
#include "store/records.h"

namespace {

using namespace hongyan;
using namespace hongyan::store;

template <typename Read>
void examine(std::string_view bytes, Read read) {
    const auto record = read(bytes);
    if (!record) {
        check(record.error().kind == Error::Kind::corrupt, "a record is only refused for damage");
        return;
    }
    const auto again = encode(*record);
    check(read(again) == *record, "what was read means the same when written again");
}

bool same(const MessageView& a, const MessageView& b) {
    return a.blob == b.blob && a.blob_size == b.blob_size && a.received == b.received &&
           a.prefix == b.prefix && a.summary == b.summary && a.unended == b.unended && a.origin == b.origin &&
           a.told_size == b.told_size;
}

void examine_message(std::string_view bytes) {
    const auto message = decode_message(MessageId(1), bytes);
    if (!message) return;
    const auto again = encode(*message);
    check(same(decode_message(MessageId(1), again).value(), *message), "a message's record comes back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    examine(bytes, decode_account);
    examine(bytes, decode_mailbox);
    examine(bytes, [](std::string_view record) { return decode_entry(Uid(1), record); });
    examine(bytes, decode_homes);
    examine(bytes, decode_changes);
    examine(bytes, decode_delivery);
    examine_message(bytes);
    (void)decode_mailbox_id(bytes);
    return 0;
}
