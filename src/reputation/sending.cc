#include "reputation/sending.h"

#include <cmath>

#include "base/ascii.h"
#include "reputation/record_fields.h"

namespace hongyan::reputation {

namespace {

namespace tag {
enum : FieldTag { at = 2, level = 3 };
}

constexpr std::size_t most_accounts = 50'000;  // in memory; others are read again
constexpr double parts = 1'000;                // of one, as levels lie on disk

std::string key_of(std::string_view account) { return "ru" + ascii::to_lower(account); }

// What was sent while there was no limit, or a higher one, keeps nobody from sending for longer than `time`.
double leaked(double level, const Rate& rate, std::chrono::milliseconds passed) {
    if (rate.most <= 0) return 0;
    level = std::min(level, static_cast<double>(rate.most));
    const auto time = static_cast<double>(std::max<std::int64_t>(0, passed.count()));
    return std::max(0.0, level - time * rate.most / static_cast<double>(rate.time.count()));
}

std::string_view unit_of(std::size_t limit) {
    constexpr std::array<std::string_view, 4> units{
        "messages in an hour", "recipients in an hour", "recipients in a day",
        "recipients in a day to whom you have not written before"};
    return units.at(limit);
}

std::array<double, 4> amounts(const Sent& sent) {
    const auto recipients = static_cast<double>(sent.recipients);
    return {static_cast<double>(sent.messages), recipients, recipients, static_cast<double>(sent.strangers)};
}

}  // namespace

std::string encode(const Sending::Usage& usage, Instant expires) {
    RecordWriter out(record_version);
    out.number(expires_tag, to_number(expires)).number(tag::at, to_number(usage.at));
    for (const auto level : usage.levels)
        out.number(tag::level, static_cast<std::uint64_t>(std::llround(level * parts)));
    return out.take();
}

Result<Sending::Usage> decode_usage(std::string_view record) {
    Sending::Usage usage;
    std::size_t next = 0;
    RecordReader in(record);
    while (in.next()) {
        if (in.tag() == tag::at) usage.at = to_instant(in.number());
        if (in.tag() == tag::level && next < usage.levels.size())
            usage.levels.at(next++) = static_cast<double>(in.number()) / parts;
    }
    if (in.failed()) return corrupt("what an account has sent");
    return usage;
}

Sending::Sending(Notebook& notebook, SendingOptions options)
    : notebook_(notebook), correspondents_(notebook), options_(options) {}

void Sending::apply(const SendingOptions& options) {
    const std::lock_guard lock(mutex_);
    options_ = options;
}

std::array<Rate, 4> Sending::rates() const {
    return {options_.messages, options_.recipients, options_.recipients_of_a_day, options_.strangers};
}

// As it is now. The lock is held.
Sending::Usage Sending::usage(std::string_view account, Instant now) {
    const auto key = key_of(account);
    auto known = usages_.find(key);
    if (known == usages_.end()) {
        if (usages_.size() >= most_accounts) usages_.clear();
        const auto record = notebook_.read(key);
        const auto kept = record && *record ? decode_usage(**record) : Result<Usage>(Usage{.at = now});
        known = usages_.emplace(key, kept.value_or(Usage{.at = now})).first;
    }
    auto usage = known->second;
    const auto all = rates();
    for (std::size_t i = 0; i < all.size(); ++i)
        usage.levels.at(i) = leaked(usage.levels.at(i), all.at(i), now - usage.at);
    usage.at = std::max(usage.at, now);
    return usage;
}

std::optional<std::string> Sending::reserve(std::string_view account, const Sent& more) {
    const std::lock_guard lock(mutex_);
    const auto now = usage(account, notebook_.clock().now());
    const auto key = key_of(account);
    const auto known = reserved_.find(key);
    auto reserved = known == reserved_.end() ? Levels{} : known->second;
    const auto all = rates();
    const auto added = amounts(more);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto level = now.levels.at(i) + reserved.at(i) + added.at(i);
        if (all.at(i).most > 0 && added.at(i) > 0 && level > all.at(i).most + 0.5)
            return fmt::format("{} may {} {} {}", account, i == 0 ? "send" : "write to", all.at(i).most,
                               unit_of(i));
        reserved.at(i) += added.at(i);
    }
    reserved_[key] = reserved;
    return std::nullopt;
}

// The lock is held.
void Sending::release(const std::string& key, const Sent& reserved) {
    const auto known = reserved_.find(key);
    if (known == reserved_.end()) return;
    const auto amount = amounts(reserved);
    for (std::size_t i = 0; i < amount.size(); ++i)
        known->second.at(i) = std::max(0.0, known->second.at(i) - amount.at(i));
    if (known->second == Levels{}) reserved_.erase(known);
}

void Sending::give_back(std::string_view account, const Sent& reserved) {
    const std::lock_guard lock(mutex_);
    release(key_of(account), reserved);
}

void Sending::count(std::string_view account, const Sent& reserved, const Sent& sent) {
    const std::lock_guard lock(mutex_);
    const auto key = key_of(account);
    release(key, reserved);
    auto now = usage(account, notebook_.clock().now());
    const auto added = amounts(sent);
    const auto all = rates();
    for (std::size_t i = 0; i < added.size(); ++i)
        if (all.at(i).most > 0) now.levels.at(i) += added.at(i);
    usages_[key] = now;
    notebook_.put(key, encode(now, now.at + std::chrono::hours(48)));
}

}  // namespace hongyan::reputation
