// The records of what was counted: docs/formats/reports.md.
#include "base/record.h"
#include "reports/counts.h"

namespace hongyan::reports {

namespace {

constexpr std::uint32_t record_version = 1;

enum DomainTag : FieldTag {
    tag_policy = 1,
    tag_wanted_at,
    tag_rows,
    tag_messages,
    tag_left_out,
    tag_begin,
    tag_failures,
};
enum SumsTag : FieldTag { tag_domains = 1, tag_all_rows, tag_all_left_out };
enum RowTag : FieldTag {
    tag_count = 1,
    tag_address,
    tag_disposition,
    tag_dkim,
    tag_spf,
    tag_header_from,
    tag_envelope_from,
    tag_envelope_to,
    tag_override,
    tag_signature,
    tag_sender,
};

template <typename Value>
struct TextField {
    FieldTag tag;
    std::string Value::* text;
};

constexpr TextField<PublishedPolicy> policy_texts[] = {
    {1, &PublishedPolicy::domain},           {2, &PublishedPolicy::dkim_alignment},
    {3, &PublishedPolicy::spf_alignment},    {4, &PublishedPolicy::policy},
    {5, &PublishedPolicy::subdomain_policy}, {6, &PublishedPolicy::percent},
    {7, &PublishedPolicy::failure_options},
};
constexpr TextField<Traits> trait_texts[] = {
    {tag_address, &Traits::address},
    {tag_disposition, &Traits::disposition},
    {tag_dkim, &Traits::dkim},
    {tag_spf, &Traits::spf},
    {tag_header_from, &Traits::header_from},
    {tag_envelope_from, &Traits::envelope_from},
    {tag_envelope_to, &Traits::envelope_to},
};
constexpr TextField<Override> override_texts[] = {{1, &Override::type}, {2, &Override::comment}};
constexpr TextField<DkimResult> signature_texts[] = {
    {1, &DkimResult::domain}, {2, &DkimResult::selector}, {3, &DkimResult::result}, {4, &DkimResult::words}};
constexpr TextField<SpfResult> sender_texts[] = {
    {1, &SpfResult::domain}, {2, &SpfResult::scope}, {3, &SpfResult::result}};

template <typename Value, std::size_t size>
void put_texts(RecordWriter& out, const Value& value, const TextField<Value> (&fields)[size]) {
    for (const auto& field : fields) out.text_unless_empty(field.tag, value.*field.text);
}

// Takes the field where it is one of these.
template <typename Value, std::size_t size>
void take_text(const RecordReader& in, Value& value, const TextField<Value> (&fields)[size]) {
    for (const auto& field : fields)
        if (in.tag() == field.tag) value.*field.text = in.text();
}

template <typename Value, std::size_t size>
std::string inner_record(const Value& value, const TextField<Value> (&fields)[size]) {
    RecordWriter out(record_version);
    put_texts(out, value, fields);
    return out.take();
}

template <typename Value, std::size_t size>
bool read_inner(std::string_view record, Value& value, const TextField<Value> (&fields)[size]) {
    RecordReader in(record);
    while (in.next()) take_text(in, value, fields);
    return !in.failed();
}

template <typename Value, std::size_t size>
bool append_inner(std::string_view record, std::vector<Value>& all, const TextField<Value> (&fields)[size]) {
    return read_inner(record, all.emplace_back(), fields);
}

std::unexpected<Error> damaged() {
    return fail(Error::Kind::corrupt, "a record of counts for reports is damaged");
}

}  // namespace

std::string DomainDay::to_record() const {
    RecordWriter out(record_version);
    out.text(tag_policy, inner_record(policy, policy_texts));
    for (const auto& uri : wanted_at) out.text(tag_wanted_at, uri);
    return out.number_unless_zero(tag_rows, rows)
        .number_unless_zero(tag_messages, messages)
        .number_unless_zero(tag_left_out, left_out)
        .number_unless_zero(tag_begin, begin)
        .number_unless_zero(tag_failures, failures)
        .take();
}

Result<DomainDay> DomainDay::from_record(std::string_view record) {
    DomainDay day;
    RecordReader in(record);
    bool well = true;
    while (well && in.next()) switch (in.tag()) {
            case tag_policy:
                well = read_inner(in.text(), day.policy, policy_texts);
                break;
            case tag_wanted_at:
                day.wanted_at.emplace_back(in.text());
                break;
            case tag_rows:
                day.rows = in.number();
                break;
            case tag_messages:
                day.messages = in.number();
                break;
            case tag_left_out:
                day.left_out = in.number();
                break;
            case tag_begin:
                day.begin = in.number();
                break;
            case tag_failures:
                day.failures = in.number();
                break;
            default:
                break;
        }
    if (!well || in.failed()) return damaged();
    return day;
}

std::string DaySums::to_record() const {
    return RecordWriter(record_version)
        .number_unless_zero(tag_domains, domains)
        .number_unless_zero(tag_all_rows, rows)
        .number_unless_zero(tag_all_left_out, left_out)
        .take();
}

Result<DaySums> DaySums::from_record(std::string_view record) {
    DaySums sums;
    RecordReader in(record);
    while (in.next()) {
        if (in.tag() == tag_domains) sums.domains = in.number();
        if (in.tag() == tag_all_rows) sums.rows = in.number();
        if (in.tag() == tag_all_left_out) sums.left_out = in.number();
    }
    if (in.failed()) return damaged();
    return sums;
}

// The count last, so that all before it is the same for the same traits.
std::string to_record(const Row& row) {
    const auto& traits = row.traits;
    RecordWriter out(record_version);
    put_texts(out, traits, trait_texts);
    for (const auto& each : traits.overrides) out.text(tag_override, inner_record(each, override_texts));
    for (const auto& each : traits.signatures) out.text(tag_signature, inner_record(each, signature_texts));
    for (const auto& each : traits.senders) out.text(tag_sender, inner_record(each, sender_texts));
    return out.number(tag_count, row.count).take();
}

Result<Row> row_from_record(std::string_view record) {
    Row row;
    auto& traits = row.traits;
    RecordReader in(record);
    bool well = true;
    while (well && in.next()) switch (in.tag()) {
            case tag_count:
                row.count = in.number();
                break;
            case tag_override:
                well = append_inner(in.text(), traits.overrides, override_texts);
                break;
            case tag_signature:
                well = append_inner(in.text(), traits.signatures, signature_texts);
                break;
            case tag_sender:
                well = append_inner(in.text(), traits.senders, sender_texts);
                break;
            default:
                take_text(in, traits, trait_texts);
                break;
        }
    if (!well || in.failed()) return damaged();
    return row;
}

}  // namespace hongyan::reports
