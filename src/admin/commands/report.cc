#include "admin/services.h"
#include "admin/tables.h"
#include "outbound/tls_keys.h"
#include "tls_policy/tls_report.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;
using tls_policy::ReportedPolicy;

std::string name_of(ReportedPolicy::Type type) {
    if (type == ReportedPolicy::Type::tlsa) return "dane";
    return type == ReportedPolicy::Type::sts ? "mta-sts" : "none";
}

// "certificate-expired (2, mx.example.net): it ended on ..."
std::string told(const tls_policy::TlsTrouble& trouble, std::uint64_t count) {
    auto text = fmt::format("{} ({}", to_string(trouble.result), count);
    if (!trouble.mx_host.empty()) text += ", " + trouble.mx_host;
    text += ")";
    return trouble.reason.empty() ? text : text + ": " + trouble.reason;
}

Result<void> list(const Call& call) {
    Listing listing({{"day"}, {"domain"}, {"policy"}, {"successes"}, {"failures"}, {"troubles", 120}});
    const auto snapshot = call.services.kept->engine.snapshot(engine::Scope::global());
    const auto range = engine::Range::starting_with(outbound::tls_keys::days);
    const auto at = snapshot->scan(range);
    for (; at->valid(); at->next()) {
        const auto day = outbound::tls_keys::parse_day(at->key());
        const auto sums = tls_policy::TlsDay::from_record(at->value());
        if (!day || !sums) continue;
        const std::chrono::year_month_day date(day->day);
        for (const auto& [policy, counted] : sums->policies()) {
            std::vector<std::string> troubles;
            for (const auto& [trouble, count] : counted.troubles) troubles.push_back(told(trouble, count));
            listing.add({fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())),
                         day->domain, name_of(policy.type), counted.successes, counted.failures,
                         std::move(troubles)});
        }
    }
    TRY(at->status());
    call.show(listing);
    return {};
}

// The server sends them: at once if it runs, else when it begins.
Result<void> tls(const Call& call) {
    if (!call.values.given("send")) return list(call);
    TRY(call.services.kept->engine.transact(engine::Scope::global(),
                                            [](engine::Transaction& transaction) -> Result<void> {
                                                transaction.put(outbound::tls_keys::wanted, {});
                                                return {};
                                            }));
    call.services.kept->queue.announce();
    return {};
}

}  // namespace

std::span<const Command> report_commands() {
    static constexpr Argument arguments[] = {
        {"send", Kind::flag,
         "Have the server report on all days now, today too, instead of after the end of each day"},
        json_flag,
    };
    static constexpr Command rows[] = {
        {"report", "tls",
         "What was counted of TLS with other domains and not reported yet, a minute ago at latest", arguments,
         Needs::services, &tls},
    };
    return rows;
}

}  // namespace hongyan::admin
