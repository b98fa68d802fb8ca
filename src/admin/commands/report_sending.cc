// What we tell others of mail in their names.
#include "admin/accounts.h"
#include "admin/services.h"
#include "admin/tables.h"
#include "dns/name.h"
#include "reports/counts.h"
#include "reports/losses.h"
#include "reports/moment.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

constexpr std::size_t most_shown = 100'000;

Result<std::string> domain_in(const Call& call) {
    if (!call.values.given("domain")) return std::string();
    TRY(const auto name, dns::Name::parse(call.values.text("domain")));
    return name.text();
}

Result<void> pending(const Call& call) {
    TRY(const auto domain, domain_in(call));
    const auto reader = call.services.kept->engine.snapshot(engine::Scope::global());
    TRY(const auto all, reports::counted(*reader, "", most_shown));
    Listing listing({{"day"}, {"domain"}, {"messages"}, {"rows"}, {"left_out"}, {"due"}, {"to", 80}});
    for (const auto& counted : all) {
        if (!domain.empty() && counted.day.domain != domain) continue;
        listing.add({shown(Instant(counted.day.day)).substr(0, 10), counted.day.domain,
                     counted.domain.messages, counted.domain.rows, counted.domain.left_out,
                     shown(reports::due(counted.day)), counted.domain.wanted_at});
    }
    call.show(listing);
    return {};
}

// What was dropped, so that nobody takes what is there for all.
Result<void> lost(const Call& call) {
    const auto reader = call.services.kept->engine.snapshot(engine::Scope::global());
    TRY(const auto all, reports::losses(*reader));
    Listing listing({{"what"}, {"count"}, {"last"}, {"words", 80}});
    for (const auto& each : all)
        listing.add({std::string(to_string(each.what)), each.count, shown(each.last),
                     std::string(words_for(each.what))});
    call.show(listing);
    return {};
}

// The server sends them: at once if it runs, else when it begins.
Result<void> send(const Call& call) {
    TRY(const auto domain, domain_in(call));
    if (!call.services.settings.config.reports.dmarc)
        return fail(Error::Kind::unsupported, "no reports are sent: reports.dmarc = false");
    const std::string value = call.values.given("now") ? "today" : "";
    TRY(call.services.kept->engine.transact(
        engine::Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
            transaction.put(std::string(reports::keys::wanted) + domain, value);
            return {};
        }));
    call.services.kept->queue.announce();
    return {};
}

}  // namespace

std::span<const Command> report_sending_commands() {
    static constexpr Argument domain{"domain", Kind::option, "Of this domain only"};
    static constexpr Argument pending_arguments[] = {domain, json_flag};
    static constexpr Argument lost_arguments[] = {json_flag};
    static constexpr Argument send_arguments[] = {
        domain,
        {"now", Kind::flag, "What was counted today, too"},
    };
    static constexpr Command rows[] = {
        {"report", "pending",
         "What was counted of mail in the names of domains that want reports, and when they get them",
         pending_arguments, Needs::services, &pending},
        {"report", "lost",
         "What of reports was dropped for want of room or time, since the data folder was made",
         lost_arguments, Needs::services, &lost},
        {"report", "send", "Have the server send these reports now, of days that are over", send_arguments,
         Needs::services, &send},
    };
    return rows;
}

}  // namespace hongyan::admin
