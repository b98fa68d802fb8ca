// What mailboxes hold, as a test works it out from the commands that were given: the simplest thing that can
// be right.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace hongyan::imap_world {

using FlagSet = std::set<std::string>;

struct TrueMessage {
    FlagSet flags;
    std::uint64_t modseq = 0;  // as the referee last saw it

    friend bool operator==(const TrueMessage&, const TrueMessage&) = default;
};

struct TrueMailbox {
    std::map<std::uint32_t, TrueMessage> messages;
    std::uint32_t uid_next = 1;

    std::uint64_t highest() const {
        std::uint64_t highest = 0;
        for (const auto& [uid, message] : messages) highest = std::max(highest, message.modseq);
        return highest;
    }
    std::uint32_t append(const FlagSet& flags) {
        messages[uid_next].flags = flags;
        return uid_next++;
    }
    std::vector<std::uint32_t> with(const std::string& flag) const {
        std::vector<std::uint32_t> uids;
        for (const auto& [uid, message] : messages)
            if (message.flags.contains(flag)) uids.push_back(uid);
        return uids;
    }
};

enum class FlagWork { add, remove, replace };
inline FlagSet worked_on(FlagSet flags, FlagWork work, const FlagSet& with) {
    if (work == FlagWork::replace) return with;
    for (const auto& flag : with) {
        if (work == FlagWork::add)
            flags.insert(flag);
        else
            flags.erase(flag);
    }
    return flags;
}

}  // namespace hongyan::imap_world
