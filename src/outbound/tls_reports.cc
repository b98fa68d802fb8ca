#include "outbound/tls_reports.h"

#include "base/ascii.h"
#include "base/encoding.h"
#include "base/record.h"
#include "base/scanner.h"
#include "flow/commit.h"
#include "flow/notice.h"
#include "net/workers.h"
#include "outbound/reach.h"
#include "outbound/report_author.h"
#include "outbound/report_entry.h"
#include "outbound/settings.h"
#include "reports/losses.h"

namespace hongyan::outbound {

namespace {

using engine::Scope;
using engine::Transaction;

constexpr std::chrono::milliseconds between_works = std::chrono::minutes(1);
constexpr std::chrono::milliseconds between_posts = std::chrono::minutes(15);
constexpr std::chrono::milliseconds longest_delay = std::chrono::hours(4);  // after midnight
constexpr std::chrono::days longest_wait{2};    // of counts that cannot be reported
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

bool TlsReports::may_wait(const tls_keys::Day& day) const {
    return day_of(parts_.world.clock.now()) - day.day <= longest_wait;
}

net::Task<TlsReports::Targets> TlsReports::targets_of(const tls_keys::Day& day) {
    Targets targets;
    const auto domain = dns::Name::parse(day.domain);
    const auto name = domain ? tls_policy::report_record_name(*domain) : std::unexpected(domain.error());
    if (!name) co_return targets;
    const auto patience = net::after(settings_.dns_patience);
    const auto record = co_await net::look_up<dns::Txt>(parts_.resolver, *name, patience);
    targets.is_unknown = record.status == dns::Status::failed || record.status == dns::Status::bogus;
    if (record.is_found()) targets.uris = tls_policy::parse_report_targets(record.records);
    co_return targets;
}

// Where it cannot be known whether a domain wants a report, or none of those who are to get it would believe
// it, its counts stay for two days at most.
net::Task<> TlsReports::report(Counted counted) {
    const auto targets = co_await targets_of(counted.day);
    if (targets.is_unknown && may_wait(counted.day)) co_return;
    if (targets.is_unknown)
        parts_.world.log.warning("report given up", {{"domain", counted.day.domain},
                                                     {"why", "where it is wanted could not be found out"}});
    const Author author{.hostname = settings_.hostname,
                        .from = settings_.tls_reports_from,
                        .otherwise = flow::postmaster_of(settings_.policy),
                        .https_port = settings_.https_port};
    auto job = [this, &counted, &targets, &author] { return make(counted, targets.uris, author); };
    auto made = co_await net::on_worker(parts_.world.workers, std::move(job));
    if (!made) {
        parts_.world.log.error("report not made", {{"why", made.error().message}});
        co_return;
    }
    tell(*made, counted.day);
    if (made->sent_to.empty() && !made->unsent.empty() && may_wait(counted.day)) co_return;
    if (targets.is_unknown || made->is_lost()) made->parts.push_back(loss());
    made->parts.push_back(erase_as_it_was(tls_keys::key_of(counted.day), counted.value));
    const bool is_kept = co_await commit(std::move(made->parts), "report");
    if (!is_kept || made->sent_to.empty()) co_return;
    parts_.world.queue.announce();
    for (const auto& target : made->sent_to)
        parts_.world.log.info("report made", {{"domain", counted.day.domain}, {"to", target}});
}

engine::Part TlsReports::loss() const {
    return reports::part_to_add({reports::Loss::late_tls, 1, parts_.world.clock.now()});
}

void TlsReports::tell(const Made& made, const tls_keys::Day& day) const {
    for (const auto& target : made.unsent)
        parts_.world.log.warning(
            "report not sent",
            {{"domain", day.domain},
             {"to", target},
             {"why", fmt::format("{} has no key that signs, and others ignore reports that are not signed "
                                 "(hongyan dkim add)",
                                 made.domain)}});
}

Result<TlsReports::Made> TlsReports::make(const Counted& counted, const std::vector<std::string>& targets,
                                          const Author& author) const {
    auto sums = tls_policy::TlsDay::from_record(counted.value);
    if (!sums || targets.empty()) return Made();
    TRY(const auto contact, contact_of(author));
    const auto date = std::chrono::year_month_day(counted.day.day);
    const tls_policy::TlsReport report{
        .domain = dns::Name::parse(counted.day.domain).value(),
        .day = counted.day.day,
        .organization = author.hostname,
        .contact = {.name = {}, .address = contact},
        .id = fmt::format("{:04}{:02}{:02}.{:016x}", static_cast<int>(date.year()),
                          static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                          parts_.random.number()),
        .sums = *std::move(sums)};
    Made made{.domain = contact.domain.text()};
    for (const auto& target : targets) {
        if (const auto whom = tls_policy::address_of_mailto(target))
            add_mail(made, report, target, *whom);
        else if (request_for(target, author.https_port))
            add_post(made, report, target);
    }
    return made;
}

Result<message::Address> TlsReports::contact_of(const Author& author) const {
    if (auto own = message::parse_address(author.from)) return *std::move(own);
    TRY(const auto domain, signing_domain(parts_.world.directory, author.hostname));
    if (!domain) return author.otherwise;
    return message::parse_address("postmaster@" + domain->ascii());
}

// RFC 8460 §3: a report by mail MUST be signed by the reporting domain, and who gets it ignores it otherwise.
void TlsReports::add_mail(Made& made, const tls_policy::TlsReport& report, const std::string& target,
                          const message::Address& whom) const {
    const auto& world = parts_.world;
    const message::Mailbox to{.name = {}, .address = whom};
    auto entry =
        signed_entry_of(world, {.to = whom,
                                .text = tls_policy::report_mail(report, to, world.clock, parts_.random),
                                .sender = report.contact.address.to_string(),
                                .goes_without_tls = true});
    (entry ? made.sent_to : made.unsent).push_back(target);
    if (entry) made.parts.push_back(*std::move(entry));
}

void TlsReports::add_post(Made& made, const tls_policy::TlsReport& report, const std::string& target) const {
    auto body = tls_policy::gzip(to_json(report));
    if (body.size() > largest_post) {
        parts_.world.log.warning(
            "report not posted",
            {{"to", target},
             {"why", fmt::format("compressed it has {} bytes, more than {}", body.size(), largest_post)}});
        made.is_too_large = true;
        return;
    }
    const auto first = parts_.world.clock.now().time_since_epoch().count();
    const auto counted = tls_keys::key_of({report.day, report.domain.text()});
    auto key = fmt::format("{}{}", tls_keys::posts, counted.substr(tls_keys::days.size()));
    made.parts.push_back(put(
        key + '\0' + target,
        RecordWriter(1).text(tag_body, body).number(tag_first, static_cast<std::uint64_t>(first)).take()));
    made.sent_to.push_back(target);
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
        if (!is_done) parts.push_back(loss());
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
