#include "imap/progress.h"

#include <algorithm>

#include "imap/message_limit.h"
#include "imap/wire/response.h"
#include "imap/wire/writer.h"

namespace hongyan::imap {
namespace {

// Clients wait a minute or so before they think the connection dead.
constexpr std::chrono::seconds from_one_to_the_next(10);

}  // namespace

store::UidSet take_portion(store::UidSet& left, From end) {
    store::UidSet portion;
    if (end == From::highest && left.size() > changed_at_once) {
        portion = left;
        cut_short(portion, changed_at_once);
        left.remove(portion);
        return portion;
    }
    std::uint64_t room = changed_at_once;
    for (const auto& range : left.ranges()) {
        if (room == 0) break;
        const auto count = std::min(room, range.size());
        const auto last = store::Uid(range.first.value() + static_cast<std::uint32_t>(count - 1));
        portion.add(store::UidRange{range.first, last});
        room -= count;
    }
    left.remove(portion);
    return portion;
}

void Progress::tell(std::string& out, Instant now, std::uint64_t done, std::uint64_t goal) {
    if (!told_) told_ = now;
    if (now - *told_ < from_one_to_the_next || done >= goal) return;
    told_ = now;
    std::string arguments = "(";
    wire::put_string(arguments, tag_);
    arguments += fmt::format(" {} {})", done, goal);
    wire::put_status(out, wire::untagged, wire::Condition::ok,
                     {wire::Code::in_progress, arguments, "Still working on this"});
}

}  // namespace hongyan::imap
