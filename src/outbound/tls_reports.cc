#include "outbound/tls_reports.h"

#include "base/ascii.h"
#include "base/encoding.h"
#include "base/record.h"
#include "base/scanner.h"
#include "flow/commit.h"
#include "flow/notice.h"
#include "net/workers.h"
#include "outbound/reach.h"
#include "outbound/report_entry.h"
#include "outbound/settings.h"

namespace hongyan::outbound {

namespace {

using engine::Scope;
using engine::Transaction;

constexpr std::chrono::milliseconds between_works = std::chrono::minutes(1);
constexpr std::chrono::milliseconds between_posts = std::chrono::minutes(15);
constexpr std::chrono::milliseconds longest_delay = std::chrono::hours(4);  // after midnight
constexpr std::chrono::hours kept_at_most{24};  // tries to deliver a report (RFC 8460 §5.5)
constexpr std::chrono::milliseconds post_patience = std::chrono::minutes(1);
constexpr std::chrono::milliseconds longest_go = std::chrono::minutes(1);
constexpr std::size_t most_on_page = 100;
constexpr std::size_t largest_post = 60'000;  // bytes, compressed; engine::max_value_size is 65,536
constexpr std::string_view https = "https://";

enum : FieldTag { tag_body = 1, tag_first = 2 };

engine::Part erase(std::string key) {
    return {Scope::global(), [key = std::move(key)](Transaction& transaction) -> Result<void> {
                transaction.erase(key);
                return {};
            }};
}

engine::Part put(std::string key, std::string value) {
    return {Scope::global(),
            [key = std::move(key), value = std::move(value)](Transaction& transaction) -> Result<void> {
                transaction.put(key, value);
                return {};
            }};
}

// Only if it is still what was reported: what is counted meanwhile is for another report.
engine::Part erase_as_it_was(std::string key, std::string value) {
    return {Scope::global(),
            [key = std::move(key), value = std::move(value)](Transaction& transaction) -> Result<void> {
                TRY(const auto now, transaction.get(key));
                if (now != value) return fail(Error::Kind::conflict, "more was counted meanwhile");
                transaction.erase(key);
                return {};
            }};
}

// "https://reports.example.net:8443/tls?x=1" (RFC 3986 §3.2); no user, no address literal.
std::optional<net::HttpsRequest> request_for(std::string_view uri, std::uint16_t usual_port) {
    if (!ascii::istarts_with(uri, https)) return std::nullopt;
    uri.remove_prefix(https.size());
    const auto end = std::min(uri.find_first_of("/?#"), uri.size());
    const auto authority = uri.substr(0, end);
    auto target = std::string(uri.substr(end, uri.find('#') - std::min(uri.find('#'), end)));
    const auto colon = std::min(authority.find(':'), authority.size());
    const auto host = dns::Name::parse(authority.substr(0, colon));
    if (!host) return std::nullopt;
    net::HttpsRequest request{.host = *host, .port = usual_port};
    if (colon < authority.size()) {
        Scanner in(authority.substr(colon + 1));
        request.port = in.number<std::uint16_t>();
        if (!in.complete()) return std::nullopt;
    }
    if (!target.starts_with('/')) target.insert(0, "/");
    request.target = std::move(target);
    return request;
}

std::chrono::sys_days day_of(Instant when) { return std::chrono::floor<std::chrono::days>(when); }

}  // namespace

bool TlsReports::has_work() const { return std::chrono::steady_clock::now() >= next_work_ || is_wanted(); }

bool TlsReports::is_wanted() const {
    const auto found = parts_.world.store.engine().snapshot(Scope::global())->get(tls_keys::wanted);
    return found && *found;
}

bool TlsReports::is_time() {
    const auto now = parts_.world.clock.now();
    if (last_ == day_of(now)) return false;
    if (!moment_ || day_of(*moment_) != day_of(now)) {
        const auto delay = parts_.random.number() % static_cast<std::uint64_t>(longest_delay.count());
        moment_ = Instant(day_of(now)) + std::chrono::milliseconds(delay);
    }
    return now >= *moment_;
}

net::Task<> TlsReports::work() {
    next_work_ = net::after(between_works);
    parts_.counts.turn(settings_.tls_reports);
    co_await parts_.counts.flush();
    const bool is_asked = is_wanted();
    if (is_asked) {
        std::vector<engine::Part> done{erase(std::string(tls_keys::wanted))};
        if (!co_await commit(std::move(done), "request for reports")) co_return;
    }
    if (!settings_.tls_reports) co_return;
    const auto today = day_of(parts_.world.clock.now());
    if (is_asked || is_time()) {
        co_await report(is_asked ? today + std::chrono::days(1) : today);
        if (!is_asked) last_ = today;
        next_posts_ = {};
        posted_up_to_.clear();
    }
    if (std::chrono::steady_clock::now() >= next_posts_) co_await post_some();
}

net::Task<> TlsReports::report(std::chrono::sys_days before) {
    std::string after;
    for (;;) {
        const auto found = page(after, before);
        if (found.empty()) co_return;
        after = tls_keys::key_of(found.back().day);
        for (const auto& counted : found) co_await report(counted);
    }
}

std::vector<TlsReports::Counted> TlsReports::page(const std::string& after,
                                                  std::chrono::sys_days before) const {
    auto range = engine::Range::starting_with(tls_keys::days);
    if (!after.empty()) range.first = after + '\0';
    std::vector<Counted> found;
    const auto snapshot = parts_.world.store.engine().snapshot(Scope::global());
    for (const auto at = snapshot->scan(range); at->valid() && found.size() < most_on_page; at->next()) {
        auto day = tls_keys::parse_day(at->key());
        if (day && day->day < before) found.push_back({*std::move(day), std::string(at->value())});
    }
    return found;
}

// Where it cannot be known whether a domain wants a report, its counts stay, for two days at most.
net::Task<> TlsReports::report(Counted counted) {
    std::vector<std::string> targets;
    if (const auto domain = dns::Name::parse(counted.day.domain)) {
        if (const auto name = tls_policy::report_record_name(*domain)) {
            const auto patience = net::after(settings_.dns_patience);
            const auto record = co_await net::look_up<dns::Txt>(parts_.resolver, *name, patience);
            const bool is_unknown =
                record.status == dns::Status::failed || record.status == dns::Status::bogus;
            const auto age = day_of(parts_.world.clock.now()) - counted.day.day;
            if (is_unknown && age <= std::chrono::days(2)) co_return;
            if (record.is_found()) targets = tls_policy::parse_report_targets(record.records);
        }
    }
    const auto own = message::parse_address(settings_.tls_reports_from);
    const Author author{.organization = settings_.hostname,
                        .contact = own ? *own : flow::postmaster_of(settings_.policy),
                        .https_port = settings_.https_port};
    auto make = [this, &counted, &targets, &author] { return parts_for(counted, targets, author); };
    auto made = co_await net::on_worker(parts_.world.workers, std::move(make));
    if (!made) {
        parts_.world.log.error("report not made", {{"why", made.error().message}});
        co_return;
    }
    auto parts = *std::move(made);
    parts.push_back(erase_as_it_was(tls_keys::key_of(counted.day), counted.value));
    const bool is_kept = co_await commit(std::move(parts), "report");
    if (!is_kept || targets.empty()) co_return;
    parts_.world.queue.announce();
    for (const auto& target : targets)
        parts_.world.log.info("report made", {{"domain", counted.day.domain}, {"to", target}});
}

std::vector<engine::Part> TlsReports::parts_for(const Counted& counted,
                                                const std::vector<std::string>& targets,
                                                const Author& author) const {
    auto sums = tls_policy::TlsDay::from_record(counted.value);
    if (!sums || targets.empty()) return {};
    const auto& world = parts_.world;
    const auto date = std::chrono::year_month_day(counted.day.day);
    const tls_policy::TlsReport report{
        .domain = dns::Name::parse(counted.day.domain).value(),
        .day = counted.day.day,
        .organization = author.organization,
        .contact = {.name = {}, .address = author.contact},
        .id = fmt::format("{:04}{:02}{:02}.{:016x}", static_cast<int>(date.year()),
                          static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                          parts_.random.number()),
        .sums = *std::move(sums)};
    std::vector<engine::Part> parts;
    for (const auto& target : targets) {
        if (const auto whom = tls_policy::address_of_mailto(target)) {
            const message::Mailbox to{.name = {}, .address = *whom};
            parts.push_back(
                entry_of(world, {.to = *whom,
                                 .text = tls_policy::report_mail(report, to, world.clock, parts_.random),
                                 .sender = author.contact.to_string(),
                                 .goes_without_tls = true}));
        } else if (request_for(target, author.https_port)) {
            auto body = tls_policy::gzip(to_json(report));
            if (body.size() > largest_post) continue;
            const auto first = world.clock.now().time_since_epoch().count();
            auto key = fmt::format("{}{}", tls_keys::posts,
                                   tls_keys::key_of(counted.day).substr(tls_keys::days.size()));
            parts.push_back(put(key + '\0' + target, RecordWriter(1)
                                                         .text(tag_body, body)
                                                         .number(tag_first, static_cast<std::uint64_t>(first))
                                                         .take()));
        }
    }
    return parts;
}

// --- by HTTPS (RFC 8460 §5.4)

std::vector<TlsReports::Post> TlsReports::posts(const std::string& after) const {
    std::vector<Post> found;
    const auto snapshot = parts_.world.store.engine().snapshot(Scope::global());
    auto range = engine::Range::starting_with(tls_keys::posts);
    if (!after.empty()) range.first = after + '\0';
    for (const auto at = snapshot->scan(range); at->valid() && found.size() < most_on_page; at->next()) {
        Post letter{.key = std::string(at->key()), .uri = {}, .body = {}};
        const auto divide = letter.key.find('\0');
        if (divide != letter.key.npos) letter.uri = letter.key.substr(divide + 1);
        RecordReader in(at->value());
        while (in.next()) {
            if (in.tag() == tag_body) letter.body = in.text();
            if (in.tag() == tag_first) letter.first = Instant(std::chrono::milliseconds(in.number()));
        }
        found.push_back(std::move(letter));
    }
    return found;
}

// All of a round, whoever does not answer; but not in one go, since counts are to be kept meanwhile.
net::Task<> TlsReports::post_some() {
    const auto end = net::after(longest_go);
    const auto letters = posts(posted_up_to_);
    for (const auto& letter : letters) {
        if (std::chrono::steady_clock::now() >= end) {
            next_work_ = {};
            co_return;
        }
        posted_up_to_ = letter.key;
        const bool is_done = co_await post(letter);
        if (!is_done && parts_.world.clock.now() - letter.first < kept_at_most) continue;
        if (!is_done) parts_.world.log.warning("report given up", {{"to", letter.uri}});
        std::vector<engine::Part> parts{erase(letter.key)};
        co_await commit(std::move(parts), "report");
    }
    if (letters.size() == most_on_page) {
        next_work_ = {};
        co_return;
    }
    posted_up_to_.clear();
    next_posts_ = net::after(between_posts);
}

net::Task<bool> TlsReports::post(const Post& letter) {
    auto request = request_for(letter.uri, settings_.https_port);
    if (!request) co_return true;
    request->content_type = "application/tlsrpt+gzip";
    request->body = letter.body;
    request->is_allowed = [this](const dns::IpAddress& address) {
        return may_be_asked(settings_, parts_.ourselves, address);
    };
    const auto patience = net::after(post_patience);
    const auto answer = co_await net::ask_https(parts_.resolver, parts_.random, parts_.tls, settings_.sources,
                                                *std::move(request), patience);
    const bool is_taken = answer && answer->status / 100 == 2;
    const auto why = answer ? fmt::format("{}", answer->status) : answer.error().text;
    if (is_taken)
        parts_.world.log.info("report posted", {{"to", letter.uri}});
    else
        parts_.world.log.warning("report not posted", {{"to", letter.uri}, {"why", why}});
    co_return is_taken;
}

net::Task<bool> TlsReports::commit(std::vector<engine::Part> parts, std::string_view what) {
    const auto outcomes =
        co_await flow::commit(parts_.world.store.engine(), std::move(parts), engine::Together::all_or_none);
    const auto& outcome = outcomes.front();
    if (!outcome)
        parts_.world.log.error("not kept", {{"what", std::string(what)}, {"why", outcome.error().message}});
    co_return outcome.has_value();
}

}  // namespace hongyan::outbound
