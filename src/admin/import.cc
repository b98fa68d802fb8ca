#include "admin/import.h"

#include "message/line_ends.h"

namespace hongyan::admin {

namespace {

constexpr std::size_t batch_messages = 64;               // as many as make two syncs cheap
constexpr std::uint64_t batch_bytes = 16 * 1024 * 1024;  // what we hold in memory, twice

store::Flags flags_of(const message::FoundFlags& found) {
    store::Flags flags;
    if (found.seen) flags.add(store::Flag::seen);
    if (found.answered) flags.add(store::Flag::answered);
    if (found.flagged) flags.add(store::Flag::flagged);
    if (found.draft) flags.add(store::Flag::draft);
    if (found.deleted) flags.add(store::Flag::deleted);
    return flags;
}

store::SharedContent content_of(std::string_view raw) {
    if (message::line_ends(raw) == message::LineEnds::lf) return store::prepare(message::to_crlf(raw));
    return store::prepare(raw);
}

}  // namespace

Result<void> Importer::add(const message::FoundMessage& found) {
    store::NewMessage message{.content = content_of(found.raw),
                              .prefix = {},
                              .flags = flags_of(found.flags).add(flags_),
                              .received = found.internal_date.value_or(clock_.now()),
                              .key = {}};
    batch_bytes_ += message.content->blob->size;
    batch_.push_back({.account = account_, .mailbox = mailbox_, .message = std::move(message)});
    if (batch_.size() < batch_messages && batch_bytes_ < batch_bytes) return {};
    return submit();
}

Result<void> Importer::finish() {
    TRY(submit());
    return settle();
}

Result<void> Importer::submit() {
    TRY(settle());
    if (batch_.empty()) return {};
    auto promise = std::make_shared<std::promise<store::Store::Outcomes>>();
    under_way_ = promise->get_future();
    under_way_bytes_ = std::exchange(batch_bytes_, 0);
    store_.deliver(std::exchange(batch_, {}),
                   [promise](store::Store::Outcomes outcomes) { promise->set_value(std::move(outcomes)); });
    return {};
}

Result<void> Importer::settle() {
    if (!under_way_) return {};
    const auto outcomes = std::exchange(under_way_, std::nullopt)->get();
    for (const auto& outcome : outcomes) {
        if (!outcome) return std::unexpected(outcome.error());
        ++totals_.messages;
    }
    totals_.bytes += under_way_bytes_;
    return {};
}

}  // namespace hongyan::admin
