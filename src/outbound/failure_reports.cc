#include "outbound/failure_reports.h"

#include <algorithm>

#include "base/ascii.h"
#include "flow/commit.h"
#include "net/workers.h"
#include "outbound/report_making.h"
#include "outbound/settings.h"
#include "reports/keys.h"
#include "reports/losses.h"

namespace hongyan::outbound {

namespace {

using namespace std::chrono_literals;
using engine::Scope;
using engine::Transaction;
using reports::Destination;
namespace keys = reports::keys;

constexpr std::chrono::milliseconds between_tries = 30min;  // where DNS does not answer
constexpr std::chrono::milliseconds share_lasts = 1h;
constexpr std::chrono::hours oldest{24};
constexpr std::size_t most_on_page = 50;  // some 20 KB each

engine::Part erase(std::string key) {
    return {Scope::global(), [key = std::move(key)](Transaction& transaction) -> Result<void> {
                transaction.erase(key);
                return {};
            }};
}

}  // namespace

net::Task<> FailureReports::work() {
    forget_what_is_over();
    const auto end = net::after(parts_.longest_pass);
    for (std::size_t looked_at = 0;;) {
        auto found = page();
        if (found.empty()) {
            went_to_.clear();
            co_return;
        }
        for (auto& waiting : found) {
            if (looked_at++ == parts_.most_in_pass) co_return;
            went_to_ = waiting.key;
            if (!is_postponed(waiting.key)) co_await report(std::move(waiting));
            if (std::chrono::steady_clock::now() >= end) co_return;
        }
    }
}

// Behind the last one that was looked at.
std::vector<FailureReports::Waiting> FailureReports::page() const {
    std::vector<Waiting> found;
    auto range = engine::Range::starting_with(keys::failures);
    if (!went_to_.empty()) range.first = went_to_ + '\0';
    const auto snapshot = parts_.world.store.engine().snapshot(Scope::global());
    for (const auto at = snapshot->scan(range); at->valid() && found.size() < most_on_page; at->next())
        found.push_back({std::string(at->key()), std::string(at->value())});
    return found;
}

net::Task<> FailureReports::report(Waiting waiting) {
    const auto& world = parts_.world;
    const auto now = world.clock.now();
    const auto failure = reports::Failure::from_record(waiting.record);
    if (!failure) {
        world.log.error("report not sent", {{"why", failure.error().message}});
        const reports::Failure unknown;
        co_return co_await give_up(waiting.key, unknown);
    }
    const bool is_old = Instant(std::chrono::seconds(failure->arrival)) + oldest < now;
    const auto uris = with_a_share(failure->wanted_at);
    const bool has_share = uris.size() == failure->wanted_at.size();
    if (!has_share && !is_old) co_return postpone(waiting.key, now + between_tries);
    const auto targets = co_await targets_of(parts_.resolver, world.log, failure->domain, uris,
                                             reports::Wanted::failures, settings_.dns_patience);
    const auto& open = targets.destinations;
    const bool is_whole = targets.is_complete && has_share;
    if (!is_whole && !is_old) co_return postpone(waiting.key, now + between_tries);
    if (!is_whole && open.empty()) co_return co_await give_up(waiting.key, *failure);

    const auto spf_record = co_await spf_record_of(failure->spf_domain);
    const Author author(settings_);
    auto make = [this, &author, &failure, &spf_record, &open] {
        return make_failure(parts_.world, parts_.random, author, *failure, spf_record, open);
    };
    auto made = co_await net::on_worker(world.workers, std::move(make));
    if (!made) {
        world.log.error("report not made", {{"why", made.error().message}});
        co_return;
    }
    made->push_back(erase(waiting.key));
    if (!is_whole) made->push_back(reports::part_to_add({reports::Loss::late_failures, 1, now}));
    if (!co_await commit(*std::move(made))) co_return;
    postponed_.erase(waiting.key);
    if (open.empty()) co_return;
    take_shares(open);
    if (!is_whole)
        world.log.warning("failure not reported to all", {{"domain", failure->domain},
                                                          {"message", failure->message_id},
                                                          {"why", "some could not be told within a day"}});
    world.queue.announce();
    world.log.info("failure reported", {{"domain", failure->domain}, {"message", failure->message_id}});
}

net::Task<> FailureReports::give_up(std::string key, const reports::Failure& failure) {
    const auto& world = parts_.world;
    std::vector<engine::Part> parts{
        erase(key), reports::part_to_add({reports::Loss::late_failures, 1, world.clock.now()})};
    if (!co_await commit(std::move(parts))) co_return;
    postponed_.erase(key);
    world.log.warning("failure not reported", {{"domain", failure.domain},
                                               {"message", failure.message_id},
                                               {"why", "nobody could be told within a day"}});
}

// For SPF-DNS (RFC 6591 §3.2.6); empty if there is none, or DNS does not say.
net::Task<std::string> FailureReports::spf_record_of(std::string domain) {
    const auto name = dns::Name::parse(domain);
    if (!name || name->is_root()) co_return "";
    const auto deadline = net::after(std::min(settings_.dns_patience, longest_look_up));
    const auto answer = co_await net::look_up<dns::Txt>(parts_.resolver, *name, deadline);
    for (const auto& record : answer.records)
        if (ascii::istarts_with(record.text, "v=spf1")) co_return record.text;
    co_return "";
}

bool FailureReports::is_postponed(const std::string& key) const {
    const auto found = postponed_.find(key);
    return found != postponed_.end() && parts_.world.clock.now() < found->second;
}

// What names no address is not sent to anyway; others in its place are at the same host.
std::vector<std::string> FailureReports::with_a_share(const std::vector<std::string>& uris) const {
    std::vector<std::string> open;
    std::ranges::copy_if(uris, std::back_inserter(open), [this](const std::string& uri) {
        const auto destination = reports::parse_destination(uri);
        if (!destination) return true;
        const auto share = shares_.find(reports::owner_of(destination->address.domain.text()));
        return share == shares_.end() || share->second.count < parts_.most_for_one;
    });
    return open;
}

void FailureReports::take_shares(const std::vector<Destination>& all) {
    for (const auto& destination : all) {
        auto& share = shares_[reports::owner_of(destination.address.domain.text())];
        if (share.count++ == 0) share.since = parts_.world.clock.now();
    }
}

net::Task<bool> FailureReports::commit(std::vector<engine::Part> parts) const {
    const auto outcomes =
        co_await flow::commit(parts_.world.store.engine(), std::move(parts), engine::Together::all_or_none);
    const auto failed = std::ranges::find_if(outcomes, [](const auto& outcome) { return !outcome; });
    if (failed == outcomes.end()) co_return true;
    parts_.world.log.error("not kept", {{"what", "report"}, {"why", failed->error().message}});
    co_return false;
}

void FailureReports::forget_what_is_over() {
    const auto now = parts_.world.clock.now();
    std::erase_if(postponed_, [now](const auto& each) { return each.second <= now; });
    std::erase_if(shares_, [now](const auto& each) { return each.second.since + share_lasts <= now; });
}

}  // namespace hongyan::outbound
