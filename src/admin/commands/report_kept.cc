// What others have told us.
#include <boost/json.hpp>

#include "admin/accounts.h"
#include "admin/report_view.h"
#include "admin/services.h"
#include "admin/tables.h"
#include "base/ascii.h"
#include "reports/archive.h"
#include "reports/moment.h"
#include "reports/summary.h"

namespace hongyan::admin {

namespace {

using ArgumentKind = Argument::Kind;

constexpr std::uint64_t usual_days = 30;
constexpr std::uint64_t most_days = 36'500;

std::unique_ptr<engine::Snapshot> snapshot(const Call& call) {
    return call.services.kept->engine.snapshot(engine::Scope::global());
}

// Which reports are meant.
struct Wish {
    std::string domain;
    std::optional<reports::Kind> kind;
    std::uint64_t begin = 0;  // seconds since 1970: of what they tell

    bool is_met_by(const reports::Kept& kept) const {
        if (!domain.empty() && !ascii::iequals(domain, kept.outline.domain)) return false;
        return (!kind || *kind == kept.outline.kind) && kept.outline.end >= begin;
    }
};

Result<std::optional<reports::Kind>> kind_in(const Call& call) {
    if (!call.values.given("kind")) return std::nullopt;
    const auto& text = call.values.text("kind");
    for (const auto kind : {reports::Kind::dmarc, reports::Kind::tls})
        if (text == to_string(kind)) return kind;
    return fail(Error::Kind::invalid, "--kind takes dmarc or tls, not \"{}\"", text);
}

// "2026-11-22", or a moment.
Result<std::uint64_t> since_in(const Call& call) {
    if (!call.values.given("since")) return 0;
    const auto& text = call.values.text("since");
    if (const auto day = reports::seconds_of(text + "T00:00:00Z")) return *day;
    if (const auto moment = reports::seconds_of(text)) return *moment;
    return fail(Error::Kind::invalid, "--since takes a day as 2026-11-22, not \"{}\"", text);
}

std::string day_of(std::uint64_t seconds) { return reports::moment_text(seconds).substr(0, 10); }

Result<void> list(const Call& call) {
    Wish wish;
    wish.domain = call.values.text_or("domain", "");
    TRY(wish.kind, kind_in(call));
    TRY(wish.begin, since_in(call));
    std::vector<reports::Kept> found;
    TRY(reports::each_kept(*snapshot(call), [&](const reports::Kept& kept) {
        if (wish.is_met_by(kept)) found.push_back(kept);
        return true;
    }));
    std::ranges::sort(found, [](const reports::Kept& a, const reports::Kept& b) {
        return std::tie(a.outline.begin, a.outline.domain, a.id) <
               std::tie(b.outline.begin, b.outline.domain, b.id);
    });
    Listing listing({{"id"},
                     {"kind"},
                     {"day"},
                     {"domain"},
                     {"reporter", 40},
                     {"passed"},
                     {"failed"},
                     {"received"},
                     {"from", 40},
                     {"vouched"}});
    for (const auto& kept : found)
        listing.add({kept.id, std::string(to_string(kept.outline.kind)), day_of(kept.outline.begin),
                     kept.outline.domain, kept.outline.organization, kept.outline.good, kept.outline.bad,
                     shown(kept.arrival.when), kept.arrival.author, kept.arrival.vouched});
    call.show(listing);
    return {};
}

Result<void> show(const Call& call) {
    TRY(const auto report, reports::read_kept(*snapshot(call), call.values.text("id")));
    show_report(call, report);
    return {};
}

Listing sources_of(const reports::Summary& summary) {
    Listing listing({{"domain"},
                     {"source"},
                     {"messages"},
                     {"dkim"},
                     {"spf"},
                     {"failed"},
                     {"quarantined"},
                     {"rejected"},
                     {"reporters", 60}});
    std::vector<std::pair<reports::Summary::Source, reports::Summary::Sent>> sorted(summary.sources().begin(),
                                                                                    summary.sources().end());
    std::ranges::sort(sorted, [](const auto& a, const auto& b) {
        if (a.first.domain != b.first.domain) return a.first.domain < b.first.domain;
        if (a.second.messages != b.second.messages) return a.second.messages > b.second.messages;
        return a.first.address < b.first.address;
    });
    for (const auto& [source, sent] : sorted)
        listing.add({source.domain, source.address.empty() ? "others" : source.address, sent.messages,
                     sent.dkim, sent.spf, sent.failed, sent.quarantined, sent.rejected,
                     std::vector<std::string>(sent.reporters.begin(), sent.reporters.end())});
    return listing;
}

Listing sessions_of(const reports::Summary& summary) {
    Listing listing({{"domain"}, {"result"}, {"sessions"}, {"hosts", 60}, {"reporters", 60}});
    for (const auto& [outcome, sessions] : summary.sessions())
        listing.add({outcome.domain, outcome.result, sessions.count,
                     std::vector<std::string>(sessions.hosts.begin(), sessions.hosts.end()),
                     std::vector<std::string>(sessions.reporters.begin(), sessions.reporters.end())});
    return listing;
}

Result<void> summary(const Call& call) {
    TRY(const auto days, call.values.number_or("days", usual_days, most_days));
    const auto now = static_cast<std::uint64_t>(call.services.clock.now().time_since_epoch().count() / 1000);
    const Wish wish{.domain = call.values.text_or("domain", ""),
                    .kind = std::nullopt,
                    .begin = now - std::min(now, days * 24 * 3600)};
    reports::Summary found;
    const auto reader = snapshot(call);
    Result<void> read;
    std::uint64_t count = 0, unvouched = 0;
    TRY(reports::each_kept(*reader, [&](const reports::Kept& kept) {
        if (!wish.is_met_by(kept)) return true;
        const auto report = reports::read_kept(*reader, kept.id);
        if (!report) read = std::unexpected(report.error());
        if (report) found.add(*report);
        ++count;
        if (!kept.arrival.vouched) ++unvouched;
        return read.has_value();
    }));
    TRY(read);
    const auto sources = sources_of(found), sessions = sessions_of(found);
    if (call.values.given(json_flag.name)) {
        const boost::json::object object{{"reports", count},
                                         {"unvouched", unvouched},
                                         {"sources", boost::json::parse(sources.json())},
                                         {"sessions", boost::json::parse(sessions.json())}};
        call.say(boost::json::serialize(object));
        return {};
    }
    call.say(fmt::format("{} reports of the last {} days, {} of them in mail that nobody vouches for", count,
                         days, unvouched));
    if (sources.rows() > 0) call.console.out(sources.table());
    if (sessions.rows() > 0) call.console.out(sessions.table());
    return {};
}

}  // namespace

std::span<const Command> report_kept_commands() {
    static constexpr Argument domain{"domain", ArgumentKind::option, "Only reports on this domain"};
    static constexpr Argument list_arguments[] = {
        domain,
        {"kind", ArgumentKind::option, "Only those of dmarc, or of tls"},
        {"since", ArgumentKind::option, "Only those that tell of this day (2026-11-22) or later ones"},
        json_flag,
    };
    static constexpr Argument show_arguments[] = {
        {"id", ArgumentKind::required, "The report as `report list` names it"},
        {"json", ArgumentKind::flag, "Print a JSON object with all that is in it"},
    };
    static constexpr Argument summary_arguments[] = {
        domain,
        {"days", ArgumentKind::option, "Of how many days (default: 30)"},
        {"json", ArgumentKind::flag, "Print a JSON object"},
    };
    static constexpr Command rows[] = {
        {"report", "list", "The reports that others have sent to reports.addresses", list_arguments,
         Needs::services, &list},
        {"report", "show", "One of them", show_arguments, Needs::services, &show},
        {"report", "summary",
         "All of them together: which hosts send in the names of our domains, whether DKIM and SPF vouch for "
         "it, what became of it; how TLS sessions with our hosts went",
         summary_arguments, Needs::services, &summary},
    };
    return rows;
}

}  // namespace hongyan::admin
