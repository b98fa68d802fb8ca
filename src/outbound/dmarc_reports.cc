#include "outbound/dmarc_reports.h"

#include <algorithm>

#include "base/ascii.h"
#include "flow/commit.h"
#include "flow/notice.h"
#include "flow/signing.h"
#include "message/field.h"
#include "net/ask_all.h"
#include "outbound/settings.h"
#include "reports/archive.h"
#include "reports/mail.h"
#include "tls_policy/tls_report.h"

namespace hongyan::outbound {

namespace {

using namespace std::chrono_literals;
using engine::Scope;
using engine::Transaction;
namespace keys = reports::keys;

constexpr std::chrono::milliseconds between_works = 1min;
constexpr std::chrono::milliseconds between_tries = 30min;  // where DNS does not answer
constexpr std::chrono::milliseconds longest_look_up = 10s;  // of all destinations of a domain together
constexpr std::chrono::milliseconds longest_try = 12h;      // then those who are known get it
constexpr std::chrono::milliseconds between_forgetting = 24h;
constexpr std::chrono::hours oldest_failure{24};
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

std::uint64_t seconds_of(Instant when) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count());
}

bool takes(const reports::Destination& destination, const std::string& mail) {
    return !destination.most || mail.size() <= *destination.most;
}

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
    co_await report_failures();
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
    auto rows = reports::rows_of(*world.store.engine().snapshot(Scope::global()), counted.day);
    if (!rows) {
        world.log.error("counts for reports not read", {{"why", rows.error().message}});
        co_return Tried::done;
    }
    const bool is_empty = counted.domain.messages == 0 && counted.domain.left_out == 0;
    if (is_empty && !is_over) co_return Tried::done;
    Targets targets;
    if (!is_empty) {
        targets =
            co_await targets_of(counted.day.domain, counted.domain.wanted_at, reports::Wanted::aggregate);
        if (!targets.is_complete && now < reports::due(counted.day) + longest_try) {
            postponed_[key] = now + between_tries;
            co_return Tried::done;
        }
    }
    const auto from = sender();
    const auto made = reports::report_of(counted, *std::move(rows), settings_.hostname,
                                         from.address.to_string(), from.address.domain.text(), now);
    auto parts = is_empty ? std::vector<engine::Part>() : parts_for(made, targets);
    const bool is_sent = !parts.empty();
    const auto begin_anew = is_over ? std::uint64_t{0} : made.end + 1;
    parts.push_back(reports::taken_away(std::move(counted), begin_anew));
    postponed_.erase(key);
    const auto kept = co_await commit(std::move(parts), "report");
    if (!kept && kept.error().kind == Error::Kind::conflict) co_return Tried::changed;
    if (!kept || !is_sent) co_return Tried::done;
    world.queue.announce();
    world.log.info(
        "report made",
        {{"domain", made.policy.domain}, {"report", made.id}, {"rows", fmt::format("{}", made.rows.size())}});
    co_return Tried::done;
}

// In the order in which the record names them (RFC 7489 §7.2.1).
net::Task<DmarcReports::Targets> DmarcReports::targets_of(std::string domain, std::vector<std::string> uris,
                                                          reports::Wanted wanted) {
    Targets targets;
    const auto policy_domain = dns::Name::parse(domain);
    if (!policy_domain) co_return targets;
    const auto tell = [&](const std::string& uri, std::string_view why) {
        parts_.world.log.info("report not sent",
                              {{"domain", domain}, {"to", uri}, {"why", std::string(why)}});
    };
    struct Asked {
        const std::string* uri = nullptr;
        reports::Destination destination;
        bool needs_permission = false;
    };
    std::vector<Asked> all;
    std::vector<dns::Question> questions;
    for (const auto& uri : uris) {
        const auto asked = reports::parse_destination(uri);
        if (!asked) {
            tell(uri, asked.error().message);
            continue;
        }
        if (all.size() == reports::most_destinations) {
            tell(uri, "the record names too many");
            break;
        }
        if (!reports::needs_permission(*policy_domain, *asked)) {
            all.push_back({&uri, *asked, false});
            continue;
        }
        const auto name = reports::permission_name(*policy_domain, *asked);
        if (!name) {
            tell(uri, name.error().message);
            continue;
        }
        all.push_back({&uri, *asked, true});
        questions.push_back({.name = *name, .type = dns::Type::txt});
    }
    const auto patience = std::min<std::chrono::milliseconds>(settings_.dns_patience, longest_look_up);
    const auto answers = co_await net::ask_all(parts_.resolver, questions, net::after(patience));
    std::size_t next = 0;
    for (const auto& [uri, destination, needs_permission] : all) {
        if (!needs_permission) {
            targets.destinations.push_back(destination);
            continue;
        }
        const auto& name = questions.at(next).name;
        const auto answer = dns::read<dns::Txt>(answers.at(next++));
        if (answer.is_trouble()) {
            tell(*uri, "DNS does not say whether the destination agrees");
            targets.is_complete = false;
            continue;
        }
        const auto agreed = reports::permitted(destination, answer.records, wanted);
        if (agreed.empty())
            tell(*uri, "the destination has not agreed: there is no record at " + name.text());
        targets.destinations.insert(targets.destinations.end(), agreed.begin(), agreed.end());
    }
    co_return targets;
}

std::vector<engine::Part> DmarcReports::parts_for(const reports::AggregateReport& report,
                                                  const Targets& targets) const {
    const auto& world = parts_.world;
    const auto from = sender();
    const auto packed = tls_policy::gzip(to_xml(report));
    std::vector<engine::Part> parts;
    std::size_t size = 0;
    for (const auto& destination : targets.destinations) {
        const message::Mailbox to{.name = {}, .address = destination.address};
        const auto mail = reports::aggregate_mail(report, packed, from, to, world.clock, parts_.random);
        size = mail.size();
        if (takes(destination, mail)) parts.push_back(entry_of(destination.address, mail));
        // What is delivered here is not seen by those who take reports in.
        if (!std::ranges::any_of(settings_.reports.addresses, [&](const std::string& address) {
                return ascii::iequals(address, destination.address.to_string());
            }))
            continue;
        if (auto filing = reports::file_report(
                packed, {.when = world.clock.now(), .author = from.address.domain.text(), .vouched = true}))
            parts.push_back(reports::part_to_keep(*std::move(filing)));
    }
    if (!parts.empty()) return parts;
    for (const auto& destination : targets.destinations) {
        const message::Mailbox to{.name = {}, .address = destination.address};
        world.log.info("report too large", {{"domain", report.policy.domain},
                                            {"to", destination.address.to_string()},
                                            {"size", fmt::format("{}", size)}});
        parts.push_back(entry_of(destination.address, reports::too_large_mail(report, size, from, to,
                                                                              world.clock, parts_.random)));
    }
    return parts;
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

// --- single messages

net::Task<> DmarcReports::report_failures() {
    std::string after;
    for (;;) {
        const auto found = page(parts_.world.store.engine(), keys::failures, after);
        if (found.empty()) co_return;
        after = found.back().first;
        for (const auto& [key, record] : found)
            if (!is_postponed(key)) co_await report_failure(key, record);
    }
}

net::Task<> DmarcReports::report_failure(std::string key, std::string record) {
    const auto& world = parts_.world;
    std::vector<engine::Part> parts{erase({key})};
    const auto failure = reports::Failure::from_record(record);
    if (!failure) {
        world.log.error("report not sent", {{"why", failure.error().message}});
        co_await commit(std::move(parts), "report");
        co_return;
    }
    const auto targets = co_await targets_of(failure->domain, failure->wanted_at, reports::Wanted::failures);
    const bool is_old = seconds_of(world.clock.now() - oldest_failure) > failure->arrival;
    if (!targets.is_complete && !is_old) {
        postponed_[key] = world.clock.now() + between_tries;
        co_return;
    }
    postponed_.erase(key);
    const auto spf_record = co_await spf_record_of(failure->spf_domain);
    const auto from = sender();
    for (const auto& destination : targets.destinations) {
        const message::Mailbox to{.name = {}, .address = destination.address};
        parts.push_back(entry_of(destination.address, reports::failure_mail(*failure, spf_record, from, to,
                                                                            world.clock, parts_.random)));
    }
    const bool is_sent = parts.size() > 1;
    if (!co_await commit(std::move(parts), "report") || !is_sent) co_return;
    world.queue.announce();
    world.log.info("failure reported", {{"domain", failure->domain}, {"message", failure->message_id}});
}

// For SPF-DNS (RFC 6591 §3.2.6); empty if there is none, or DNS does not say.
net::Task<std::string> DmarcReports::spf_record_of(std::string domain) {
    const auto name = dns::Name::parse(domain);
    if (!name || name->is_root()) co_return "";
    const auto answer =
        co_await net::look_up<dns::Txt>(parts_.resolver, *name, net::after(settings_.dns_patience));
    for (const auto& record : answer.records)
        if (ascii::istarts_with(record.text, "v=spf1")) co_return record.text;
    co_return "";
}

// --- what both have in common

// From <>, so that no bounce leads to another report (RFC 5321 §4.5.5).
engine::Part DmarcReports::entry_of(const message::Address& whom, const std::string& mail) const {
    const auto& world = parts_.world;
    auto blob = engine::prepare_blob(mail);
    queue::Entry entry;
    entry.id = world.queue.next_id();
    entry.prefix = flow::signatures_of(world, "", mail);
    entry.blob = blob->id;
    entry.blob_size = blob->size;
    entry.arrival = world.clock.now();
    entry.message_id = message::unfolded(mail, "Message-ID");
    queue::Recipient recipient;
    recipient.address = whom.to_string();
    recipient.notify = "NEVER";
    recipient.next_attempt = entry.arrival;
    entry.recipients.push_back(std::move(recipient));
    return world.queue.part_of(std::move(entry), std::move(blob));
}

// As the settings say, else the postmaster of the first domain that signs, or of the first one.
message::Mailbox DmarcReports::sender() const {
    if (auto own = message::parse_address(settings_.reports.from)) return {.name = {}, .address = *own};
    std::optional<directory::DomainName> chosen;
    if (const auto domains = parts_.world.directory.domains())
        for (const auto& domain : *domains) {
            const auto signers = parts_.world.directory.signers(domain.name);
            const bool signs = signers && !(*signers)->empty();
            if (signs || !chosen) chosen = domain.name;
            if (signs) break;
        }
    if (chosen)
        if (auto address = message::parse_address("postmaster@" + chosen->ascii()))
            return {.name = {}, .address = *address};
    return {.name = {}, .address = flow::postmaster_of(settings_.policy)};
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
