#include "reputation/log_in_history.h"

#include <algorithm>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "reputation/record_fields.h"

namespace hongyan::reputation {

namespace {

namespace tag {
enum : FieldTag {
    first = 2,
    last = 3,
    times = 4,
    protocol = 5,
    address = 6,
    client = 7,
    how = 8,
    outcome = 9
};
}

constexpr std::string_view prefix = "rl";
constexpr std::size_t longest_text = 200;  // bytes of what a client says of itself
constexpr std::size_t digest_octets = 8;

std::string key_of(engine::AccountId account) {
    std::string key(prefix);
    bytes::put_big_endian(key, account.value());
    return key;
}

std::string key_of(engine::AccountId account, Instant when) {
    auto key = key_of(account);
    const auto day = std::chrono::floor<std::chrono::days>(when).time_since_epoch().count();
    bytes::put_big_endian(key, static_cast<std::uint32_t>(day));
    return key;
}

std::string digest_of(const LogInEvent& event) {
    const auto all = fmt::format("{}\n{}\n{}\n{}\n{}", event.protocol, event.address, event.client, event.how,
                                 event.outcome);
    return crypto::digest(crypto::Hash::sha256, all).substr(0, digest_octets);
}

std::size_t count(const engine::Reader& reader, std::string_view day) {
    std::size_t found = 0;
    const auto cursor = reader.scan(engine::Range::starting_with(day));
    for (; cursor->valid() && found < log_ins_of_a_day; cursor->next()) ++found;
    return found;
}

// What is left of it on a day on which too much has come.
LogInEvent without_detail(const LogInEvent& event) {
    return {.protocol = event.protocol, .address = "many", .outcome = event.outcome};
}

void add(engine::Transaction& transaction, const std::string& day, const LogInEvent& event, Instant now,
         Instant expires) {
    const auto key = day + digest_of(event);
    const auto before = transaction.get(key);
    if (!before) return;
    if (!*before && event.address != "many" && count(transaction, day) >= log_ins_of_a_day)
        return add(transaction, day, without_detail(event), now, expires);
    LogInRecord record{.event = event, .first = now, .last = now};
    if (*before)
        if (auto known = decode_log_in(**before)) record = *std::move(known);
    record.last = std::max(record.last, now);
    ++record.times;
    transaction.put(key, encode(record, expires));
}

}  // namespace

std::string encode(const LogInRecord& record, Instant expires) {
    return RecordWriter(record_version)
        .number(expires_tag, to_number(expires))
        .number(tag::first, to_number(record.first))
        .number(tag::last, to_number(record.last))
        .number(tag::times, record.times)
        .text_unless_empty(tag::protocol, record.event.protocol)
        .text_unless_empty(tag::address, record.event.address)
        .text_unless_empty(tag::client, record.event.client)
        .text_unless_empty(tag::how, record.event.how)
        .text_unless_empty(tag::outcome, record.event.outcome)
        .take();
}

Result<LogInRecord> decode_log_in(std::string_view bytes) {
    LogInRecord record;
    RecordReader in(bytes);
    while (in.next()) {
        if (in.tag() == tag::first) record.first = to_instant(in.number());
        if (in.tag() == tag::last) record.last = to_instant(in.number());
        if (in.tag() == tag::times) record.times = in.number();
        if (in.tag() == tag::protocol) record.event.protocol = in.text();
        if (in.tag() == tag::address) record.event.address = in.text();
        if (in.tag() == tag::client) record.event.client = in.text();
        if (in.tag() == tag::how) record.event.how = in.text();
        if (in.tag() == tag::outcome) record.event.outcome = in.text();
    }
    if (in.failed()) return corrupt("a log-in");
    return record;
}

void LogInHistory::note(engine::AccountId account, const LogInEvent& event) {
    const auto kept = kept_.load();
    if (kept <= std::chrono::milliseconds(0)) return;
    const auto now = notebook_.clock().now();
    auto shortened = event;
    for (auto* text : {&shortened.client, &shortened.how, &shortened.outcome})
        if (text->size() > longest_text) text->resize(longest_text);
    notebook_.note([day = key_of(account, now), shortened, now, kept](engine::Transaction& transaction) {
        add(transaction, day, shortened, now, now + kept);
    });
}

Result<std::vector<LogInRecord>> LogInHistory::of(engine::AccountId account) const {
    notebook_.flush();
    std::vector<LogInRecord> all;
    Result<void> damage;
    TRY(notebook_.walk(key_of(account), [&](std::string_view, std::string_view bytes) {
        auto record = decode_log_in(bytes);
        if (record)
            all.push_back(*std::move(record));
        else
            damage = std::unexpected(record.error());
        return damage.has_value();
    }));
    TRY(damage);
    std::ranges::sort(all, {}, &LogInRecord::first);
    return all;
}

}  // namespace hongyan::reputation
