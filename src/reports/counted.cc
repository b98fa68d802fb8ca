// What was counted, for whoever reports.
#include <algorithm>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "reports/counts.h"

namespace hongyan::reports {

namespace {

using namespace std::chrono_literals;
using engine::Transaction;

constexpr std::chrono::milliseconds rest_of_the_day = 10min;  // what came before midnight is counted by then
constexpr std::chrono::milliseconds longest_delay = 4h;

std::uint64_t seconds_since_1970(Instant when) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count());
}

std::uint64_t number_of(std::string_view text) {
    const auto digest = crypto::digest(crypto::Hash::sha256, text);
    std::string_view octets = digest;
    return bytes::take_big_endian<std::uint64_t>(octets).value_or(0);
}

// The same for the same counts: who is sent the report again, after a failure, sees that it is the same. What
// was counted late, when the day had been reported, is another one.
std::string id_of(const Counted& counted, const std::vector<Row>& rows, std::string_view submitter) {
    const std::chrono::year_month_day date(counted.day.day);
    std::string content = counted.day.domain;
    for (const auto text : {std::string_view(counted.record), submitter}) bytes::put_text(content, text);
    for (const auto& row : rows) bytes::put_text(content, to_record(row));
    return fmt::format("{:04}{:02}{:02}.{:016x}@{}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       number_of(content), submitter);
}

}  // namespace

Result<std::vector<Counted>> counted(const engine::Reader& reader, const std::string& after,
                                     std::size_t limit) {
    auto range = engine::Range::starting_with(keys::domains);
    if (!after.empty()) range.first = after + '\0';
    std::vector<Counted> found;
    const auto at = reader.scan(range);
    for (; at->valid() && found.size() < limit; at->next()) {
        auto day = keys::parse_day(at->key());
        auto domain = DomainDay::from_record(at->value());
        if (day && domain) found.push_back({*std::move(day), std::string(at->value()), *std::move(domain)});
    }
    TRY(at->status());
    return found;
}

Result<std::optional<Counted>> counted(const engine::Reader& reader, const keys::Day& day) {
    TRY(auto record, reader.get(keys::key_of(day)));
    if (!record) return std::nullopt;
    TRY(auto domain, DomainDay::from_record(*record));
    return Counted{day, *std::move(record), std::move(domain)};
}

Result<std::vector<Row>> rows_of(const engine::Reader& reader, const keys::Day& day) {
    std::vector<Row> rows;
    const auto at = reader.scan(engine::Range::starting_with(keys::rows_of(day)));
    for (; at->valid(); at->next())
        if (auto row = row_from_record(at->value())) rows.push_back(*std::move(row));
    TRY(at->status());
    std::ranges::sort(rows, [](const Row& a, const Row& b) {
        return a.count != b.count ? a.count > b.count : a.traits < b.traits;
    });
    return rows;
}

engine::Part taken_away(Counted reported, std::uint64_t begin_anew) {
    return {engine::Scope::global(),
            [reported = std::move(reported), begin_anew](Transaction& transaction) -> Result<void> {
                const auto key = keys::key_of(reported.day), sums_key = keys::sums_of(reported.day.day);
                TRY(const auto now, transaction.get(key));
                if (now != reported.record) return fail(Error::Kind::conflict, "more was counted meanwhile");
                std::vector<std::string> rows;
                const auto at = transaction.scan(engine::Range::starting_with(keys::rows_of(reported.day)));
                for (; at->valid(); at->next()) rows.emplace_back(at->key());
                TRY(at->status());
                for (const auto& row : rows) transaction.erase(row);
                TRY(const auto kept_sums, transaction.get(sums_key));
                auto sums =
                    DaySums::from_record(kept_sums.value_or(DaySums{}.to_record())).value_or(DaySums{});
                sums.rows -= std::min<std::uint64_t>(sums.rows, rows.size());
                if (begin_anew == 0) {
                    transaction.erase(key);
                    sums.domains -= std::min<std::uint64_t>(sums.domains, 1);
                } else {
                    auto anew = reported.domain;
                    anew.rows = anew.messages = anew.left_out = 0;
                    anew.begin = begin_anew;
                    transaction.put(key, anew.to_record());
                }
                if (sums.domains == 0 && sums.left_out == 0)
                    transaction.erase(sums_key);
                else
                    transaction.put(sums_key, sums.to_record());
                return {};
            }};
}

Instant due(const keys::Day& day) {
    const auto delay = number_of(day.domain) % static_cast<std::uint64_t>(longest_delay.count());
    return Instant(day.day + std::chrono::days(1)) + rest_of_the_day +
           std::chrono::milliseconds(static_cast<std::int64_t>(delay));
}

AggregateReport report_of(const Counted& counted, std::vector<Row> rows, std::string organization,
                          std::string email, std::string_view submitter, Instant now) {
    const auto& domain = counted.domain;
    const auto day_begins = seconds_since_1970(Instant(counted.day.day));
    const auto day_ends = day_begins + 24 * 3600 - 1;
    const auto begin = std::max(domain.begin, day_begins);
    AggregateReport report{.organization = std::move(organization),
                           .email = std::move(email),
                           .contact = {},
                           .id = id_of(counted, rows, submitter),
                           .begin = begin,
                           .end = std::clamp(seconds_since_1970(now), begin, day_ends),
                           .errors = {},
                           .policy = domain.policy,
                           .rows = std::move(rows)};
    if (domain.left_out > 0)
        report.errors.push_back(fmt::format(
            "{} messages more are not listed: there were too many different rows", domain.left_out));
    return report;
}

}  // namespace hongyan::reports
