#include "imap/object_id.h"

#include <cstdint>

#include <fmt/format.h>

namespace hongyan::imap {
namespace {

// The first <…> of a field's value, with its brackets; empty if there is none.
std::string_view first_message_id(std::string_view value) {
    const auto begin = value.find('<');
    if (begin == std::string_view::npos) return {};
    const auto end = value.find('>', begin);
    return end == std::string_view::npos ? std::string_view() : value.substr(begin, end - begin + 1);
}

// FNV-1a: the same in every program and on every machine. Who wants to join a thread need not search for
// collisions, he names it.
std::uint64_t hash(std::string_view text) {
    std::uint64_t state = 0xcbf29ce484222325;
    for (const auto c : text) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return state;
}

}  // namespace

std::string object_id(store::AccountId account, store::MailboxId mailbox) {
    return fmt::format("F{}-{}", account, mailbox);
}
std::string object_id(const store::Origin& origin) {
    return fmt::format("M{}-{}", origin.account, origin.message);
}

std::string thread_id(const message::SummaryView& summary, const store::Origin& origin) {
    for (const auto value : {summary.references(), summary.in_reply_to(), summary.message_id()})
        if (const auto root = first_message_id(value); !root.empty())
            return fmt::format("T{:016x}", hash(root));
    return fmt::format("Tm{}-{}", origin.account, origin.message);
}

}  // namespace hongyan::imap
