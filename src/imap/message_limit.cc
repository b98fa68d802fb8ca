#include "imap/message_limit.h"

#include <algorithm>
#include <ranges>

#include "imap/wire/writer.h"

namespace hongyan::imap {
namespace {

// "MESSAGELIMIT" SP message-limit [SP uniqueid]   RFC 9738 §5
std::string arguments_of(std::uint32_t most, std::optional<store::Uid> lowest) {
    return lowest ? fmt::format("{} {}", most, *lowest) : fmt::format("{}", most);
}

}  // namespace

std::string capability_of(const MessageLimits& limits) {
    if (limits.any != 0) return fmt::format("MESSAGELIMIT={}", limits.any);
    if (limits.saved != 0) return fmt::format("SAVELIMIT={}", limits.saved);
    return {};
}

std::optional<CutShort> cut_short(store::UidSet& uids, std::uint32_t most) {
    if (most == 0 || uids.size() <= most) return std::nullopt;
    std::uint64_t room = most;
    for (const auto& range : uids.ranges() | std::views::reverse) {
        if (range.size() < room) {
            room -= range.size();
            continue;
        }
        const auto lowest = store::Uid(range.last.value() - static_cast<std::uint32_t>(room - 1));
        uids = uids.from(lowest);
        return CutShort{most, lowest};
    }
    return std::nullopt;
}

Completion ended(std::string& out, Completion completion, const std::optional<CutShort>& cut) {
    if (!cut) return completion;
    wire::ResponseText said{wire::Code::message_limit, arguments_of(cut->most, cut->lowest),
                            "Done for the newest of them, the others are left to you"};
    if (completion.condition == wire::Condition::ok && completion.said.code == wire::Code::none)
        return {wire::Condition::ok, std::move(said)};
    wire::put_status(out, wire::untagged, wire::Condition::no, said);
    return completion;
}

Completion too_many(std::uint32_t most, std::optional<store::Uid> lowest) {
    return {wire::Condition::no,
            {wire::Code::message_limit, arguments_of(most, lowest),
             "Too many messages for one command, please name fewer"}};
}

}  // namespace hongyan::imap
