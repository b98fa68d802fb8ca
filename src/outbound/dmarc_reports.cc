#include "outbound/dmarc_reports.h"

#include <algorithm>

#include "base/ascii.h"
#include "flow/commit.h"
#include "net/workers.h"
#include "outbound/report_making.h"
#include "outbound/report_targets.h"
#include "outbound/settings.h"
#include "reports/archive.h"

namespace hongyan::outbound {

namespace {

using namespace std::chrono_literals;
using engine::Scope;
using engine::Transaction;
namespace keys = reports::keys;

constexpr std::chrono::milliseconds between_works = 1min;
constexpr std::chrono::milliseconds between_tries = 30min;  // where DNS does not answer
constexpr std::chrono::milliseconds longest_try = 12h;      // then those who are known get it
constexpr std::chrono::milliseconds between_forgetting = 24h;
constexpr std::size_t most_on_page = 100;

engine::Part erase(std::vector<std::string> all) {
    return {Scope::global(), [all = std::move(all)](Transaction& transaction) -> Result<void> {
                for (const auto& key : all) transaction.erase(key);
                return {};
            }};
}

// Keys and values, as many as a page has.
std::vector<std::pair<std::string, std::string>> page(engine::Engine& engine, std::string_view prefix,
                                                      const std::string& after = {}) {
    std::vector<std::pair<std::string, std::string>> found;
    auto range = engine::Range::starting_with(prefix);
    if (!after.empty()) range.first = after + '\0';
    const auto snapshot = engine.snapshot(Scope::global());
    for (const auto at = snapshot->scan(range); at->valid() && found.size() < most_on_page; at->next())
        found.emplace_back(at->key(), at->value());
    return found;
}

Instant end_of(const keys::Day& day) { return Instant(day.day + std::chrono::days(1)); }

}  // namespace

bool DmarcReports::has_work() const {
    return std::chrono::steady_clock::now() >= next_work_ || (!rests_ && is_wanted());
}

bool DmarcReports::is_wanted() const {
    const auto snapshot = parts_.world.store.engine().snapshot(Scope::global());
    return snapshot->scan(engine::Range::starting_with(keys::wanted))->valid();
}

net::Task<> DmarcReports::work() {
    next_work_ = net::after(between_works);
    rests_ = true;
    const auto requests = co_await take_requests();
    forget_old();
    if (!settings_.reports.dmarc) co_return;
    co_await report_all(requests);
    co_await end_days();
    co_await failures_.work();
}

net::Task<std::vector<DmarcReports::Request>> DmarcReports::take_requests() {
    std::vector<Request> requests;
    std::vector<std::string> taken;
    for (auto& [key, value] : page(parts_.world.store.engine(), keys::wanted)) {
        requests.push_back({key.substr(keys::wanted.size()), value == "today"});
        taken.push_back(std::move(key));
    }
    if (!taken.empty()) {
        std::vector<engine::Part> done{erase(std::move(taken))};
        // Otherwise they are still there, and would be asked for at once, again and again.
        if (!co_await commit(std::move(done), "request for reports")) co_return std::vector<Request>();
    }
    rests_ = false;
    co_return requests;
}

// --- aggregate reports

net::Task<> DmarcReports::report_all(const std::vector<Request>& requests) {
    auto& engine = parts_.world.store.engine();
    std::string after = requests.empty() ? std::exchange(went_to_, {}) : std::string();
    const auto end = net::after(parts_.longest_pass);
    for (;;) {
        auto found = reports::counted(*engine.snapshot(Scope::global()), after, most_on_page);
        if (!found) {
            parts_.world.log.error("counts for reports not read", {{"why", found.error().message}});
            co_return;
        }
        if (found->empty()) co_return;
        after = keys::key_of(found->back().day);
        for (const auto& counted : *found) {
            if (!is_time(counted, requests)) continue;
            co_await report(counted.day);
            if (!requests.empty() || std::chrono::steady_clock::now() < end) continue;
            went_to_ = keys::key_of(counted.day);
            co_return;
        }
    }
}

bool DmarcReports::is_time(const reports::Counted& counted, const std::vector<Request>& requests) const {
    const auto now = parts_.world.clock.now();
    const auto& day = counted.day;
    const bool is_asked = std::ranges::any_of(requests, [&](const Request& request) {
        const bool is_meant = request.domain.empty() || ascii::iequals(request.domain, day.domain);
        return is_meant && (request.today || now >= end_of(day));
    });
    if (is_asked) return true;
    return now >= reports::due(day) && !is_postponed(keys::key_of(day));
}

bool DmarcReports::is_postponed(const std::string& key) const {
    const auto found = postponed_.find(key);
    return found != postponed_.end() && parts_.world.clock.now() < found->second;
}

// Of a day that goes on more may be counted between the look and the commit.
net::Task<> DmarcReports::report(Day day) {
    constexpr int most_tries = 5;
    for (int tries = 0; tries < most_tries; ++tries) {
        auto counted = reports::counted(*parts_.world.store.engine().snapshot(Scope::global()), day);
        if (!counted || !*counted) co_return;
        if (co_await try_to_report(**std::move(counted)) == Tried::done) co_return;
    }
}

net::Task<DmarcReports::Tried> DmarcReports::try_to_report(reports::Counted counted) {
    const auto& world = parts_.world;
    const auto now = world.clock.now();
    const auto key = keys::key_of(counted.day);
    const bool is_over = now >= end_of(counted.day);
    const bool is_empty = counted.domain.messages == 0 && counted.domain.left_out == 0;
    if (is_empty && !is_over) co_return Tried::done;
    Targets targets;
    if (!is_empty) {
        targets =
            co_await targets_of(parts_.resolver, world.log, counted.day.domain, counted.domain.wanted_at,
                                reports::Wanted::aggregate, settings_.dns_patience);
        if (!targets.is_complete && now < reports::due(counted.day) + longest_try) {
            postponed_[key] = now + between_tries;
            co_return Tried::done;
        }
    }
    const Author author(settings_);
    auto make = [this, &author, &counted, &targets] {
        return make_aggregate(parts_.world, parts_.random, author, counted, targets.destinations);
    };
    auto made = co_await net::on_worker(world.workers, std::move(make));
    if (!made) {
        world.log.error("report not made", {{"why", made.error().message}});
        co_return Tried::done;
    }
    postponed_.erase(key);
    co_return co_await put_into_queue(*std::move(made), std::move(counted), is_over);
}

net::Task<DmarcReports::Tried> DmarcReports::put_into_queue(Made made, reports::Counted counted,
                                                            bool is_over) {
    const auto& world = parts_.world;
    const auto domain = counted.domain.policy.domain;
    auto parts = std::move(made.parts);
    const bool is_sent = !parts.empty();
    parts.push_back(reports::taken_away(std::move(counted), is_over ? 0 : made.end + 1));
    const auto kept = co_await commit(std::move(parts), "report");
    if (!kept && kept.error().kind == Error::Kind::conflict) co_return Tried::changed;
    if (!kept || !is_sent) co_return Tried::done;
    world.queue.announce();
    world.log.info("report made",
                   {{"domain", domain}, {"report", made.id}, {"rows", fmt::format("{}", made.rows)}});
    co_return Tried::done;
}

// What is left of days of which all reports are gone.
net::Task<> DmarcReports::end_days() {
    const auto today = std::chrono::floor<std::chrono::days>(parts_.world.clock.now());
    std::vector<std::string> over;
    for (const auto& [key, record] : page(parts_.world.store.engine(), keys::days)) {
        const auto day = keys::parse_sums(key);
        if (day && today - *day <= std::chrono::days(2)) continue;
        const auto sums = reports::DaySums::from_record(record);
        if (sums && sums->left_out > 0)
            parts_.world.log.warning("mail not reported, there were too many domains",
                                     {{"messages", fmt::format("{}", sums->left_out)}});
        over.push_back(key);
    }
    if (over.empty()) co_return;
    std::vector<engine::Part> parts{erase(std::move(over))};
    co_await commit(std::move(parts), "end of a day");
}

// The sign that reports of others have expired.
void DmarcReports::forget_old() {
    const auto& world = parts_.world;
    const auto now = world.clock.now();
    if (now - forgotten_ < between_forgetting) return;
    forgotten_ = now;
    const auto before = now - settings_.reports.keep;
    auto job = [&engine = world.store.engine(), before, log = world.log] {
        const auto forgotten = reports::forget_kept(engine, before);
        if (!forgotten) log.error("reports not forgotten", {{"why", forgotten.error().message}});
        if (forgotten && *forgotten > 0)
            log.info("reports forgotten", {{"count", fmt::format("{}", *forgotten)}});
    };
    if (!world.workers.submit(std::move(job))) forgotten_ = {};
}

net::Task<Result<void>> DmarcReports::commit(std::vector<engine::Part> parts, std::string_view what) {
    const auto outcomes =
        co_await flow::commit(parts_.world.store.engine(), std::move(parts), engine::Together::all_or_none);
    for (const auto& outcome : outcomes) {
        if (outcome) continue;
        if (outcome.error().kind != Error::Kind::conflict)
            parts_.world.log.error("not kept",
                                   {{"what", std::string(what)}, {"why", outcome.error().message}});
        co_return outcome;
    }
    co_return Result<void>();
}

}  // namespace hongyan::outbound
