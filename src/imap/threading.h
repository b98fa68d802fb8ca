// Conversations: who answers whom (RFC 5256 §3, THREAD).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hongyan::imap {

// A message as threading sees it. Identifiers and subjects are numbers: equal where those are equal, 0 for
// none.
struct ThreadMessage {
    std::uint32_t id = 0;
    std::span<const std::uint32_t> references;  // the oldest first
    std::int64_t sent = 0;
    std::uint32_t subject = 0;  // of the base subject
    bool is_reply = false;      // its subject says reply or forward
};

// Messages with those that answer them. Nodes below messages.size() are the messages, in the order of the
// mailbox; others stand for messages that are not here.
struct Threads {
    std::vector<std::vector<std::uint32_t>> children;
    std::vector<std::uint32_t> roots;
};

// `id_bound` is larger than every identifier. Linear but for sorting; what would take longer, since somebody
// has made up chains of references to that end, is left apart.
Threads thread_by_references(std::span<const ThreadMessage> messages, std::uint32_t id_bound);
Threads thread_by_subject(std::span<const ThreadMessage> messages);

// " (2)(3 6 (4 23)(44 7 96))"; empty if there are none. `names` is what each message is called.
std::string to_text(const Threads& threads, std::span<const std::uint32_t> names);

}  // namespace hongyan::imap
