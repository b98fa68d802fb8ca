#include "store/fields.h"

#include <optional>

namespace hongyan::store {
namespace {

// run = change first-uid count message, each but the change as the difference to where the run before ended.
void put_run(std::string& out, const ChangeRun& run, const ChangeRun& before) {
    const auto distance = [](std::uint64_t to, std::uint64_t from) {
        return bytes::zigzag(static_cast<std::int64_t>(to - from));
    };
    bytes::put_varint(out, static_cast<std::uint8_t>(run.change));
    bytes::put_varint(out, distance(run.first.value(), before.first.value() + before.count));
    bytes::put_varint(out, run.count);
    bytes::put_varint(out, distance(run.message.value(), before.message.value() + before.count));
}

std::optional<ChangeRun> take_run(std::string_view& in, const ChangeRun& before) {
    const auto change = bytes::take_varint(in);
    const auto uid_distance = bytes::take_varint(in);
    const auto count = bytes::take_varint(in);
    const auto message_distance = bytes::take_varint(in);
    if (!change || !uid_distance || !count || !message_distance) return std::nullopt;
    const auto uid = std::uint64_t{before.first.value()} + before.count +
                     static_cast<std::uint64_t>(bytes::unzigzag(*uid_distance));
    const auto message = before.message.value() + before.count +
                         static_cast<std::uint64_t>(bytes::unzigzag(*message_distance));
    const bool possible = *change >= 1 && *change <= static_cast<std::uint8_t>(Change::destroyed) &&
                          uid >= 1 && *count >= 1 && *count <= UINT32_MAX && uid <= UINT32_MAX &&
                          uid + *count - 1 <= UINT32_MAX;
    if (!possible) return std::nullopt;
    return ChangeRun{static_cast<Change>(*change), Uid(static_cast<std::uint32_t>(uid)),
                     static_cast<std::uint32_t>(*count), MessageId(message)};
}

constexpr ChangeRun before_the_first{Change::changed, Uid(0), 0, MessageId(0)};

// No transaction has room for more.
constexpr std::uint64_t max_changes = 100'000;

std::uint64_t changes_in(const std::vector<ChangeRun>& runs) {
    std::uint64_t changes = 0;
    for (const auto& run : runs) changes += run.count;
    return changes;
}

}  // namespace

std::string to_text(const std::vector<ChangeRun>& runs) {
    std::string out;
    const auto* before = &before_the_first;
    for (const auto& run : runs) {
        put_run(out, run, *before);
        before = &run;
    }
    return out;
}

bool from_text(std::string_view text, std::vector<ChangeRun>& runs) {
    for (auto changes = changes_in(runs); !text.empty();) {
        const auto run = take_run(text, runs.empty() ? before_the_first : runs.back());
        if (!run) return false;
        changes += run->count;
        if (changes > max_changes) return false;
        runs.push_back(*run);
    }
    return true;
}

std::string to_text(const Home& home) {
    std::string out;
    bytes::put_varint(out, home.mailbox.value());
    bytes::put_varint(out, home.uid.value());
    return out;
}

std::string to_text(const Origin& origin) {
    std::string out;
    bytes::put_varint(out, origin.account.value());
    bytes::put_varint(out, origin.message.value());
    return out;
}

bool from_text(std::string_view text, Origin& origin) {
    const auto account = bytes::take_varint(text);
    const auto message = bytes::take_varint(text);
    const bool whole = account && message && text.empty() && *account <= UINT32_MAX;
    if (whole) origin = {AccountId(static_cast<std::uint32_t>(*account)), MessageId(*message)};
    return whole;
}

bool from_text(std::string_view text, Home& home) {
    const auto mailbox = bytes::take_varint(text);
    const auto uid = bytes::take_varint(text);
    const bool whole = mailbox && uid && text.empty() && *mailbox <= UINT32_MAX && *uid <= UINT32_MAX;
    if (whole)
        home = {MailboxId(static_cast<std::uint32_t>(*mailbox)), Uid(static_cast<std::uint32_t>(*uid))};
    return whole;
}

}  // namespace hongyan::store
