#include "reports/losses.h"

#include "base/record.h"
#include "reports/keys.h"

namespace hongyan::reports {

namespace {

constexpr std::uint32_t record_version = 1;
enum Tag : FieldTag { tag_count = 1, tag_last };

struct Row {
    Loss loss;
    std::string_view name, words;
};
constexpr Row rows[] = {
    {Loss::displaced, "displaced", "reports of others that gave way to newer ones"},
    {Loss::refused, "refused", "reports that found no room, or could not be kept"},
    {Loss::unread, "unread", "mail with reports of others that was not read for them"},
    {Loss::failures, "failures", "reports of single messages that found no room"},
    {Loss::late_failures, "late-failures", "reports of single messages that could not be sent in time"},
    {Loss::damaged, "damaged", "reports of others that were damaged when they came again"},
    {Loss::late_tls, "late-tls", "reports of TLS, or single posts of one, that could not be sent in time"},
};

const Row& row_of(Loss loss) { return rows[static_cast<std::size_t>(loss)]; }
std::string key_of(Loss loss) { return std::string(keys::losses).append(to_string(loss)); }

// What is damaged is counted anew.
Lost lost_from_record(Loss what, std::string_view record) {
    Lost lost{.what = what};
    RecordReader in(record);
    while (in.next()) {
        if (in.tag() == tag_count) lost.count = in.number();
        if (in.tag() == tag_last) lost.last = Instant(std::chrono::milliseconds(in.number()));
    }
    return in.failed() ? Lost{.what = what} : lost;
}

std::string to_record(const Lost& lost) {
    return RecordWriter(record_version)
        .number(tag_count, lost.count)
        .number(tag_last, static_cast<std::uint64_t>(lost.last.time_since_epoch().count()))
        .take();
}

}  // namespace

std::string_view to_string(Loss loss) { return row_of(loss).name; }
std::string_view words_for(Loss loss) { return row_of(loss).words; }

Result<void> add_loss(engine::Transaction& transaction, const Lost& more) {
    if (more.count == 0) return {};
    const auto key = key_of(more.what);
    TRY(const auto before, transaction.get(key));
    auto sum = before ? lost_from_record(more.what, *before) : Lost{.what = more.what};
    sum.count += more.count;
    sum.last = std::max(sum.last, more.last);
    transaction.put(key, to_record(sum));
    return {};
}

engine::Part part_to_add(Lost more) {
    return {engine::Scope::global(),
            [more](engine::Transaction& transaction) { return add_loss(transaction, more); }};
}

Result<std::vector<Lost>> losses(const engine::Reader& reader) {
    std::vector<Lost> all;
    for (const auto& row : rows) {
        TRY(const auto record, reader.get(key_of(row.loss)));
        if (record) all.push_back(lost_from_record(row.loss, *record));
    }
    return all;
}

}  // namespace hongyan::reports
