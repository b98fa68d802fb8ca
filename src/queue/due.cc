#include "queue/due.h"

#include "base/bytes.h"
#include "queue/keys.h"
#include "queue/record_fields.h"

namespace hongyan::queue {

namespace {

constexpr std::size_t most_of_name = 300;  // bytes of a destination or lane in a key; no domain is longer
constexpr char end_of_name = '\0';

namespace tag {
enum : FieldTag { size = 1, attempts = 2, requiretls = 3, destination = 4, lane = 5, priority = 6 };
}

// As a part of a key: shorter than a key may be, and without what ends it.
std::string name_in_key(std::string_view name) {
    std::string out(name.substr(0, most_of_name));
    std::erase_if(out, [](char c) { return c <= '\1' && c >= '\0'; });
    return out;
}

std::optional<std::string> take_name(std::string_view& key) {
    const auto end = key.find(end_of_name);
    if (end == key.npos) return std::nullopt;
    std::string name(key.substr(0, end));
    key.remove_prefix(end + 1);
    return name;
}

// A higher priority sorts first.
char rank_of(int priority) {
    return static_cast<char>(most_priority - std::clamp(priority, least_priority, most_priority));
}

void put_place(std::string& key, const Due& due) {
    bytes::put_big_endian(key, to_number(due.due));
    bytes::put_big_endian(key, due.id.value());
    bytes::put_big_endian(key, due.index);
}

// What put_place() has put, and nothing behind it.
bool take_place(std::string_view key, Due& due) {
    const auto when = bytes::take_big_endian<std::uint64_t>(key);
    const auto id = bytes::take_big_endian<std::uint64_t>(key);
    const auto index = bytes::take_big_endian<std::uint32_t>(key);
    if (!when || !id || !index || !key.empty()) return false;
    due.due = to_instant(*when);
    due.id = EntryId(*id);
    due.index = *index;
    return true;
}

RecordWriter common_fields(const Due& due) {
    RecordWriter out(record_version);
    out.number_unless_zero(tag::size, due.size)
        .number_unless_zero(tag::attempts, due.attempts)
        .number_unless_zero(tag::requiretls, due.requiretls ? 1 : 0);
    return out;
}

Result<void> take_fields(Due& due, std::string_view value) {
    RecordReader in(value);
    bool damaged = false;
    while (in.next()) switch (in.tag()) {
            case tag::size:
                due.size = in.number();
                break;
            case tag::attempts:
                due.attempts = static_cast<std::uint32_t>(in.number());
                break;
            case tag::requiretls:
                due.requiretls = in.number() != 0;
                break;
            case tag::destination:
                due.destination = in.text();
                break;
            case tag::lane:
                due.lane = in.text();
                break;
            case tag::priority:
                damaged |= !take_priority(in, due.priority);
                break;
            default:
                break;  // rewritten from the records whenever it changes
        }
    if (in.failed() || damaged) return corrupt("order of attempts");
    return {};
}

}  // namespace

Due due_of(const Entry& entry, const Recipient& recipient) {
    return {.id = entry.id,
            .index = recipient.index,
            .destination = name_in_key(destination_of(recipient)),
            .lane = name_in_key(lane_of(entry)),
            .priority = std::clamp(entry.priority, least_priority, most_priority),
            .due = std::max(recipient.next_attempt, Instant{}),
            .size = entry.size(),
            .attempts = recipient.attempts,
            .requiretls = entry.requiretls};
}

std::string ready_prefix() { return std::string(keys::ready); }
std::string ready_prefix(std::string_view destination) {
    return ready_prefix() + name_in_key(destination) + end_of_name;
}
std::string ready_prefix(std::string_view destination, std::string_view lane) {
    return ready_prefix(destination) + name_in_key(lane) + end_of_name;
}
std::string beyond(std::string prefix) {
    prefix.back() = static_cast<char>(end_of_name + 1);
    return prefix;
}

std::string ready_key(const Due& due) {
    auto key = ready_prefix(due.destination, due.lane);
    key += rank_of(due.priority);
    put_place(key, due);
    return key;
}

std::optional<std::string> destination_of_ready(std::string_view key) {
    key.remove_prefix(keys::ready.size());
    auto name = take_name(key);
    // Else whoever skips it would not get beyond it.
    return name && name_in_key(*name) == *name ? name : std::nullopt;
}

Result<Due> decode_ready(std::string_view key, std::string_view value) {
    Due due;
    if (!key.starts_with(keys::ready)) return corrupt("order of attempts");
    key.remove_prefix(keys::ready.size());
    auto destination = take_name(key);
    auto lane = destination ? take_name(key) : std::nullopt;
    if (!lane || key.empty()) return corrupt("order of attempts");
    due.priority = most_priority - key.front();
    key.remove_prefix(1);
    if (due.priority < least_priority || due.priority > most_priority || !take_place(key, due))
        return corrupt("order of attempts");
    TRY(take_fields(due, value));
    due.destination = std::move(*destination);
    due.lane = std::move(*lane);
    return due;
}

std::string encode_ready(const Due& due) { return common_fields(due).take(); }

std::string sleeping_prefix() { return std::string(keys::sleeping); }

std::string sleeping_key(const Due& due) {
    auto key = sleeping_prefix();
    put_place(key, due);
    return key;
}

std::string sleeping_after(Instant when) {
    auto key = sleeping_prefix();
    bytes::put_big_endian(key, to_number(when) + 1);
    return key;
}

Result<Due> decode_sleeping(std::string_view key, std::string_view value) {
    Due due;
    if (!key.starts_with(keys::sleeping) || !take_place(key.substr(keys::sleeping.size()), due))
        return corrupt("order of attempts");
    TRY(take_fields(due, value));
    return due;
}

std::string encode_sleeping(const Due& due) {
    return common_fields(due)
        .text(tag::destination, due.destination)
        .text_unless_empty(tag::lane, due.lane)
        .number_unless_zero(tag::priority, bytes::zigzag(due.priority))
        .take();
}

}  // namespace hongyan::queue
