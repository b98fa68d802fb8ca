// Any bytes are refused as damage, or are a record that means the same when written again. The first byte
// says how much of the input is the key.
#include <cstdint>

#include "base/check.h"
#include "queue/control.h"
#include "queue/due.h"
#include "queue/history.h"
#include "queue/keys.h"
#include "queue/records.h"
#include "queue/suppression.h"

namespace {

using namespace hongyan;
using namespace hongyan::queue;

template <typename Value>
bool is_good(const Result<Value>& value) {
    check(value || value.error().kind == Error::Kind::corrupt, "a record is only refused for damage");
    return value.has_value();
}

template <typename Read>
void examine(std::string_view bytes, Read read) {
    if (const auto value = read(bytes); is_good(value))
        check(read(encode(*value)) == *value, "what was read means the same when written again");
}

void examine_entry(std::string_view bytes) {
    const auto read = [](std::string_view record) { return decode_entry(EntryId(1), record); };
    examine(bytes, read);
    const auto entry = read(bytes);
    if (!entry) return;
    Recipient recipient;
    recipient.address = entry->sender;
    const auto due = due_of(*entry, recipient);
    check(decode_ready(ready_key(due), encode_ready(due)) == due, "an order can be read");
    check(decode_sleeping(sleeping_key(due), encode_sleeping(due)) == due, "an order can be read");
}

void examine_orders(std::string_view key, std::string_view value) {
    (void)is_good(decode_ready(std::string(keys::ready) + std::string(key), value));
    if (const auto due = decode_sleeping(std::string(keys::sleeping) + std::string(key), value); is_good(due))
        check(decode_sleeping(sleeping_key(*due), encode_sleeping(*due)) == *due, "what was read comes back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (bytes.empty()) return 0;
    const auto split = std::min<std::size_t>(data[0], size - 1);
    bytes.remove_prefix(1);
    const auto key = bytes.substr(0, split);
    const auto value = bytes.substr(split);
    examine_entry(value);
    examine(value, decode_recipient);
    examine(value, decode_lease);
    examine(value, decode_usage);
    (void)is_good(decode_count(value));
    examine_orders(key, value);
    const auto history = std::string(keys::history) + std::string(16, '\1');
    examine(value, [&](std::string_view record) { return decode_history(history, record); });
    (void)is_good(decode_history(std::string(keys::history) + std::string(key), value));
    (void)is_good(id_of_key(key));
    (void)is_good(index_of_key(key));
    (void)is_good(who_of_lease_key(key));
    (void)is_good(id_of_mention(key));
    (void)is_good(decode_pause(pause_key(key), value));
    (void)is_good(decode_suppression(suppression_key(key, key), value));
    return 0;
}
