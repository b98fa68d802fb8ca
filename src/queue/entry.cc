#include "queue/entry.h"

#include "base/ascii.h"

namespace hongyan::queue {

namespace {

constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::size_t id_length = 12;
constexpr unsigned bits_of_counter = 12;  // below the milliseconds

// In the order of their numbers.
constexpr std::string_view state_names[] = {"waiting", "delivered", "failed",    "held",
                                            "relayed", "expanded",  "cancelled", "expired"};

}  // namespace

std::string to_string(EntryId id) {
    std::string text(id_length, '0');
    auto number = id.value();
    for (auto place = text.rbegin(); place != text.rend() && number > 0; ++place, number /= digits.size())
        *place = digits[number % digits.size()];
    return text;
}

Result<EntryId> parse_entry_id(std::string_view text) {
    std::uint64_t number = 0;
    bool good = text.size() == id_length;
    for (const char c : text) {
        const auto digit = digits.find(c);
        good = good && digit != digits.npos;
        number = number * digits.size() + digit;
    }
    if (!good) return fail(Error::Kind::invalid, "\"{}\" is no name of a message in the queue", text);
    return EntryId(number);
}

Instant arrival_of(EntryId id) {
    return Instant(std::chrono::milliseconds(static_cast<std::int64_t>(id.value() >> bits_of_counter)));
}

EntryId first_id_at(Instant when) {
    const auto milliseconds = std::max<std::int64_t>(when.time_since_epoch().count(), 0);
    return EntryId(static_cast<std::uint64_t>(milliseconds) << bits_of_counter);
}

std::string_view to_string(RecipientState state) { return state_names[static_cast<std::size_t>(state)]; }

const std::string& lane_of(const Entry& entry) {
    return entry.account.empty() ? entry.sender : entry.account;
}

std::string destination_of(const Recipient& recipient) {
    if (!recipient.route.empty()) return ascii::to_lower(recipient.route);
    return ascii::to_lower(std::string_view(recipient.address).substr(recipient.address.rfind('@') + 1));
}

}  // namespace hongyan::queue
