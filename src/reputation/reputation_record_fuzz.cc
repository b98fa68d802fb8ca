// Any bytes are refused as damage, or are a record that means the same when written again. The first byte
// says how much of the input is the key.
#include <cstdint>

#include "base/check.h"
#include "reputation/reputation.h"

namespace {

using namespace hongyan;
using namespace hongyan::reputation;

constexpr Instant later(std::chrono::hours(1));

void examine_ban(std::string_view key, std::string_view record) {
    const auto ban = decode_ban(std::string(ban_prefix) + std::string(key), record);
    if (!ban) return;
    check(decode_ban(key_of(ban->subject), encode(*ban, later)) == *ban, "a ban comes back");
}

void examine_site(std::string_view text) {
    const auto site = Site::parse(text);
    if (site) check(Site::parse(site->to_string()).value() == *site, "a site can be read");
    if (const auto from = Site::from_octets(text)) check(from->octets() == text, "octets come back");
}

void examine_others(std::string_view record) {
    if (const auto log_in = decode_log_in(record))
        check(decode_log_in(encode(*log_in, later)) == *log_in, "a log-in comes back");
    if (const auto slot = decode_slot(record)) {
        const auto again = decode_slot(encode(slot->mark, slot->digest, later));
        check(again && again->mark == slot->mark && again->digest == slot->digest, "a mark comes back");
    }
    if (const auto shelf = decode_shelf(record))
        check(decode_shelf(encode_shelf(*shelf, later)) == *shelf, "a shelf comes back");
    if (const auto kept = decode_tally(record)) {
        const auto again = decode_tally(encode(*kept));
        check(again && again->name == kept->name && again->at == kept->at, "a count comes back");
    }
    (void)decode_usage(record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (bytes.empty()) return 0;
    const auto split = std::min<std::size_t>(data[0], size - 1);
    bytes.remove_prefix(1);
    examine_ban(bytes.substr(0, split), bytes.substr(split));
    examine_site(bytes.substr(0, split));
    examine_others(bytes.substr(split));
    return 0;
}
