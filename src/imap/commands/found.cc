#include "imap/commands/found.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "imap/commands/messages.h"
#include "imap/wire/search_writer.h"
#include "imap/wire/writer.h"

namespace hongyan::imap::commands {
namespace {

std::string set_text(std::span<const FoundMessage> found, SetOf of) {
    std::vector<std::uint32_t> names;
    names.reserve(found.size());
    for (const auto& message : found) names.push_back(message.named(of));
    return to_text(names);
}

void put_partial(std::string& out, const wire::PartialRange& range, const Found& found, SetOf of) {
    out += " PARTIAL (";
    wire::put(out, range);
    const auto part = part_of(found, range);
    out += ' ';
    out += part.empty() ? "NIL" : set_text(part, of);
    out += ')';
}

bool only_saves(wire::ResultOptions wanted) {
    wanted.context = false;
    return wanted == wire::ResultOptions{.save = true};
}

// score-list, of the messages that PARTIAL names; of all where it is not there.
void put_relevancy(std::string& out, const wire::ResultOptions& wanted, const Found& found) {
    out += " RELEVANCY (";
    const auto scored = wanted.partial ? part_of(found, *wanted.partial) : std::span(found);
    for (bool first = true; const auto& message : scored)
        fmt::format_to(std::back_inserter(out), "{}{}", std::exchange(first, false) ? "" : " ",
                       message.relevancy);
    out += ')';
}

}  // namespace

std::span<const FoundMessage> part_of(const Found& found, const wire::PartialRange& range) {
    const auto [low, high] = std::minmax<std::size_t>({range.first, range.last});
    if (low > found.size()) return {};
    const auto count = std::min(high, found.size()) - low + 1;
    const std::span<const FoundMessage> all(found);
    return range.from_end ? all.last(low - 1 + count).first(count) : all.subspan(low - 1, count);
}

Found pointed_at(const Found& found, const wire::ResultOptions& wanted) {
    const bool all = wanted.all || wanted.count || !(wanted.min || wanted.max || wanted.partial);
    if (all || found.empty()) return found;
    Found some;
    if (wanted.min) some.push_back(found.front());
    if (wanted.max) some.push_back(found.back());
    if (wanted.partial) std::ranges::copy(part_of(found, *wanted.partial), std::back_inserter(some));
    return some;
}

UidSet uids_of(std::span<const FoundMessage> found) {
    std::vector<Uid> uids;
    uids.reserve(found.size());
    for (const auto& message : found) uids.push_back(message.uid);
    std::ranges::sort(uids);
    UidSet set;
    for (const auto uid : uids) set.add(uid);
    return set;
}

ModSeq highest_of(std::span<const FoundMessage> found) {
    ModSeq highest;
    for (const auto& message : found) highest = std::max(highest, message.modseq);
    return highest;
}

void begin_esearch(std::string& out, const Correlator& correlator, SetOf of) {
    out += "* ESEARCH (TAG ";
    wire::put_string(out, correlator.tag);
    if (!correlator.mailbox.empty())
        fmt::format_to(std::back_inserter(out), " MAILBOX {} UIDVALIDITY {}", correlator.mailbox,
                       correlator.uid_validity);
    out += of == SetOf::uids ? ") UID" : ")";
}

void put_esearch(std::string& out, const Correlator& correlator, const wire::ResultOptions& wanted,
                 const Found& found, SetOf of, bool with_modseq) {
    if (only_saves(wanted)) return;
    const auto to = std::back_inserter(out);
    begin_esearch(out, correlator, of);
    if (wanted.min && !found.empty()) fmt::format_to(to, " MIN {}", found.front().named(of));
    if (wanted.max && !found.empty()) fmt::format_to(to, " MAX {}", found.back().named(of));
    if (wanted.all && !found.empty()) fmt::format_to(to, " ALL {}", set_text(found, of));
    if (wanted.count) fmt::format_to(to, " COUNT {}", found.size());
    if (with_modseq && !found.empty())
        fmt::format_to(to, " MODSEQ {}", highest_of(pointed_at(found, wanted)));
    if (wanted.partial) put_partial(out, *wanted.partial, found, of);
    if (wanted.relevancy) put_relevancy(out, wanted, found);
    out += "\r\n";
}

}  // namespace hongyan::imap::commands
