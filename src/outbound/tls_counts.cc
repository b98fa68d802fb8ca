#include "outbound/tls_counts.h"

#include "flow/commit.h"

namespace hongyan::outbound {

namespace {

using tls_policy::ReportedPolicy;
using tls_policy::TlsDay;
using tls_policy::TlsTrouble;

constexpr std::size_t largest_record = 60'000;  // bytes; engine::max_value_size is 65,536

// Troubles by their kind only.
TlsDay without_details(const TlsDay& day, bool with_texts) {
    TlsDay plain;
    for (const auto& [policy, sums] : day.policies()) {
        const auto kept = with_texts ? policy : ReportedPolicy{.type = policy.type};
        if (sums.successes > 0) plain.add_success(kept, sums.successes);
        std::uint64_t told = 0;
        for (const auto& [trouble, count] : sums.troubles) {
            plain.add(kept, {.result = trouble.result}, count);
            told += count;
        }
        if (sums.failures > told)
            plain.add(kept, {.result = tls_policy::TlsResult::validation_failure}, sums.failures - told);
    }
    return plain;
}

// An older count that is damaged is begun anew.
Result<void> add_to(engine::Transaction& transaction, const std::string& key, const TlsDay& counted) {
    TRY(const auto before, transaction.get(key));
    TlsDay sum;
    if (before)
        if (auto read = TlsDay::from_record(*before)) sum = *std::move(read);
    sum.merge(counted);
    transaction.put(key, record_within_bounds(sum));
    return {};
}

}  // namespace

std::string record_within_bounds(const TlsDay& day) {
    auto record = day.to_record();
    if (record.size() > largest_record) record = without_details(day, true).to_record();
    if (record.size() > largest_record) record = without_details(day, false).to_record();
    return record;
}

TlsDay& TlsCounts::today(const std::string& domain) {
    return days_[{std::chrono::floor<std::chrono::days>(clock_.now()), domain}];
}

void TlsCounts::add_success(const std::string& domain, const ReportedPolicy& policy) {
    if (is_on_) today(domain).add_success(policy);
}

void TlsCounts::add(const std::string& domain, const ReportedPolicy& policy, const TlsTrouble& trouble) {
    if (is_on_) today(domain).add(policy, trouble);
}

std::vector<engine::Part> TlsCounts::parts_of(const Days& days) {
    std::vector<engine::Part> parts;
    for (const auto& [day, counted] : days)
        parts.push_back({engine::Scope::global(),
                         [key = tls_keys::key_of(day), counted](engine::Transaction& transaction) {
                             return add_to(transaction, key, counted);
                         }});
    return parts;
}

void TlsCounts::take_back(Days days, const std::vector<Result<void>>& outcomes) {
    auto outcome = outcomes.begin();
    for (auto& [day, counted] : days) {
        const auto& kept = *outcome++;
        if (kept) continue;
        log_.error("count of TLS not kept", {{"domain", day.domain}, {"why", kept.error().message}});
        days_[day].merge(counted);
    }
}

net::Task<> TlsCounts::flush() {
    if (days_.empty()) co_return;
    auto days = std::exchange(days_, {});
    const auto outcomes = co_await flow::commit(engine_, parts_of(days), engine::Together::each_by_itself);
    take_back(std::move(days), outcomes);
}

void TlsCounts::flush_now() {
    if (days_.empty()) return;
    auto days = std::exchange(days_, {});
    const auto outcomes = engine_.transact(parts_of(days), engine::Together::each_by_itself);
    take_back(std::move(days), outcomes);
}

}  // namespace hongyan::outbound
