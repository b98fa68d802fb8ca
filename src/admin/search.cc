#include "admin/search.h"

#include "admin/accounts.h"
#include "base/scanner.h"
#include "message/body_text.h"
#include "message/encoded_word.h"
#include "message/field.h"
#include "message/summary.h"

namespace hongyan::admin {

namespace {

// YYYY-MM-DD, its first moment in UTC.
Result<std::optional<Instant>> parse_day(const Values& values, std::string_view name) {
    if (!values.given(name)) return std::nullopt;
    Scanner in(values.text(name));
    const auto year = in.number();
    in.expect("-");
    const auto month = in.number();
    in.expect("-");
    const auto day = in.number();
    const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(std::min(year, 9999U))),
                                           std::chrono::month(month), std::chrono::day(day));
    if (!in.complete() || !date.ok())
        return fail(Error::Kind::invalid, "--{} takes a day as 2026-11-21, not \"{}\"", name,
                    values.text(name));
    return std::chrono::sys_days(date);
}

std::vector<message::Needle> needles(const Values& values, std::string_view name) {
    return {values.texts(name).begin(), values.texts(name).end()};
}

bool all_in(const std::vector<message::Needle>& needles, std::string_view folded) {
    return std::ranges::all_of(needles, [&](const auto& needle) { return needle.is_in_folded(folded); });
}

std::string folded_header(std::initializer_list<std::string_view> values) {
    std::string text;
    for (const auto value : values) text += message::decode_header_text(value) + "\n";
    return message::fold_for_search(text);
}

bool flags_match(const Criteria& criteria, const store::Flags& flags) {
    auto with = flags;
    auto without = flags;
    return with.add(criteria.with) == flags && without.remove(criteria.without) == flags;
}

// In one of these fields; what one word must be in.
Result<store::Candidates> in_any(store::TextIndex& index, const std::vector<store::TextField>& fields,
                                 const message::Needle& needle) {
    auto found = index.everything();
    found.negate();
    for (const auto field : fields) {
        TRY(const auto here, index.candidates(field, needle.folded()));
        found |= here;
    }
    return found;
}

// Words anywhere are looked for in what a reader sees; of HTML the index has the source.
Result<store::Candidates> all_in_index(store::TextIndex& index, const Criteria& criteria) {
    using enum store::TextField;
    struct Row {
        const std::vector<message::Needle>& needles;
        std::vector<store::TextField> fields;
    };
    const Row rows[] = {{criteria.subject, {subject}}, {criteria.from, {from}}, {criteria.to, {to, cc, bcc}}};
    auto found = index.everything();
    for (const auto& row : rows)
        for (const auto& needle : row.needles) {
            TRY(const auto here, in_any(index, row.fields, needle));
            found &= here;
        }
    return found;
}

// Every header field's text, then the text of the body.
std::string folded_message(std::string_view raw) {
    const auto structure = message::parse(raw);
    std::string text;
    for (const auto& field : message::Fields(message::header_of(structure.root(), raw)))
        text += message::decode_header_text(message::unfold(field.value)) + "\n";
    return message::fold_for_search(text + message::searchable_text(structure, raw));
}

}  // namespace

Result<Criteria> parse_criteria(const Values& values) {
    Criteria criteria{.from = needles(values, "from"),
                      .to = needles(values, "to"),
                      .subject = needles(values, "subject"),
                      .anywhere = needles(values, "word"),
                      .since = {},
                      .before = {},
                      .with = {},
                      .without = {}};
    TRY(criteria.since, parse_day(values, "since"));
    TRY(criteria.before, parse_day(values, "before"));
    TRY(criteria.with, parse_flags(values.texts("flag")));
    TRY(criteria.without, parse_flags(values.texts("without-flag")));
    return criteria;
}

Result<bool> matches(const Criteria& criteria, const store::Entry& entry, const store::MessageView& kept,
                     const std::function<Result<std::string>()>& read) {
    if (criteria.since && entry.received < *criteria.since) return false;
    if (criteria.before && entry.received >= *criteria.before) return false;
    if (!flags_match(criteria, entry.flags)) return false;
    TRY(const auto summary, message::SummaryView::of(kept.summary));
    if (!criteria.subject.empty() && !all_in(criteria.subject, folded_header({summary.subject()})))
        return false;
    if (!criteria.from.empty() && !all_in(criteria.from, folded_header({summary.from()}))) return false;
    if (!criteria.to.empty() &&
        !all_in(criteria.to, folded_header({summary.to(), summary.cc(), summary.bcc()})))
        return false;
    if (criteria.anywhere.empty()) return true;
    TRY(const auto raw, read());
    return all_in(criteria.anywhere, folded_message(raw));
}

Result<store::UidSet> possible_matches(const store::View& view, store::MailboxId mailbox,
                                       const Criteria& criteria) {
    TRY(auto index, view.text_index());
    TRY(const auto known, all_in_index(index, criteria));
    store::UidSet uids;
    TRY(view.each_entry(mailbox, store::UidSet::all(), [&](const store::Entry& entry) -> Result<void> {
        if (known.about(entry.message).value_or(true)) uids.add(entry.uid);
        return {};
    }));
    return uids;
}

}  // namespace hongyan::admin
