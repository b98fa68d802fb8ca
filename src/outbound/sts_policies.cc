#include "outbound/sts_policies.h"

#include <boost/asio/basic_waitable_timer.hpp>

#include "flow/at_once.h"
#include "flow/commit.h"
#include "outbound/reach.h"
#include "outbound/settings.h"
#include "outbound/tls_keys.h"

namespace hongyan::outbound {

namespace {

using tls_policy::CachedSts;
using tls_policy::StsPolicy;
using tls_policy::StsStep;
using tls_policy::TlsResult;

// The others who wait for it are woken by the end of a timer.
using Timer =
    net::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    net::asio::wait_traits<std::chrono::steady_clock>, net::Executor>;

bool may_have_policy(const dns::Answer<dns::Txt>& record) {
    if (record.is_found()) return tls_policy::parse_sts_id(record.records).has_value();
    return record.status != dns::Status::no_domain && record.status != dns::Status::no_data;
}

// As reports call it (RFC 8460 §4.3.2.2).
TlsResult result_of(const net::HttpsFailure& failure) {
    return failure.kind == net::HttpsFailure::Kind::certificate ? TlsResult::sts_webpki_invalid
                                                                : TlsResult::sts_policy_fetch_error;
}

TlsResult result_of(const Error& error) {
    const bool is_there = error.kind != Error::Kind::unavailable && error.kind != Error::Kind::not_found;
    return is_there ? TlsResult::sts_policy_invalid : TlsResult::sts_policy_fetch_error;
}

// What cannot be read may be in force still (RFC 8461 §5.1): since now, for all that we know.
CachedSts read_record(std::string_view record, Instant now) {
    return CachedSts::from_record(record).value_or(CachedSts{.lost = now});
}

}  // namespace

struct StsPolicies::Fetch {
    explicit Fetch(const net::Executor& executor) : done(executor, net::never) {}
    Timer done;
    Result<CachedSts> found = fail(Error::Kind::unavailable, "the policy was not fetched");
};

net::Task<Result<StsFinding>> StsPolicies::find(dns::Name domain) {
    const auto name = tls_policy::sts_record_name(domain);
    if (!name) co_return StsFinding{};
    const auto patience = net::after(settings_.dns_patience);
    const auto record = co_await net::look_up<dns::Txt>(parts_.resolver, *name, patience);
    auto cached = co_await kept(domain);
    const auto step = tls_policy::next_sts_step(cached.value_or(std::nullopt), record, parts_.clock.now());
    if (step.kind == StsStep::Kind::fetch) cached = co_await refresh(domain, step.id);
    if (!cached) co_return std::unexpected(cached.error());
    const auto now = parts_.clock.now();
    if (*cached && (*cached)->is_lost(now))
        co_return fail(Error::Kind::corrupt, "the policy that is kept cannot be read, and not be fetched: {}",
                       (*cached)->trouble);
    StsFinding finding;
    if (*cached && (*cached)->is_valid(now))
        finding.policy = (*cached)->policy;
    else
        finding.is_uncertain = may_have_policy(record);
    co_return finding;
}

net::Task<Result<std::optional<CachedSts>>> StsPolicies::kept(dns::Name domain) const {
    const auto now = parts_.clock.now();
    auto read = [&engine = parts_.engine, domain, now]() -> Result<std::optional<CachedSts>> {
        TRY(const auto record,
            engine.snapshot(engine::Scope::global())->get(tls_keys::policy(domain.text())));
        if (!record) return std::nullopt;
        return read_record(*record, now);
    };
    auto cached = co_await flow::at_once(parts_.workers, read);
    // Where everybody is busy it is better to wait for the disk than to know of no policy.
    if (!cached && cached.error().kind == Error::Kind::unavailable) cached = read();
    if (!cached)
        parts_.log.error("policy not read", {{"domain", domain.text()}, {"why", cached.error().message}});
    if (cached && *cached && (*cached)->lost == now)
        parts_.log.error("policy not read", {{"domain", domain.text()}, {"why", "its record is damaged"}});
    co_return cached;
}

namespace {

// For so long an attempt that failed is remembered, so that nobody tries again at once.
constexpr std::chrono::hours remembered{1};

bool is_over(const CachedSts& cached, Instant now) {
    return !cached.is_valid(now) && !cached.is_lost(now) && now >= cached.tried + remembered;
}

// Is there anything to be done about it?
bool is_due(std::string_view record, Instant now) {
    const auto cached = CachedSts::from_record(record);
    return !cached || is_over(*cached, now);
}

// Removes it if it is over; from when one could not be read is written down, since that ends as well.
Result<void> tidy(engine::Transaction& transaction, const std::string& key, Instant now) {
    TRY(const auto record, transaction.get(key));
    if (!record || !is_due(*record, now)) return {};
    if (const auto cached = read_record(*record, now); is_over(cached, now))
        transaction.erase(key);
    else
        transaction.put(key, cached.to_record());
    return {};
}

// The keys of those that have ended or cannot be read, of so many that are looked at; where to go on.
struct Ended {
    std::vector<std::string> keys;
    std::string next;  // empty: these were the last
};
Result<Ended> find_ended(engine::Engine& engine, std::string from, Instant now) {
    constexpr std::size_t page = 1000;
    Ended ended;
    auto range = engine::Range::starting_with(tls_keys::policies);
    if (!from.empty()) range.first = std::move(from);
    const auto snapshot = engine.snapshot(engine::Scope::global());
    const auto cursor = snapshot->scan(range);
    for (std::size_t seen = 0; cursor->valid(); cursor->next()) {
        if (seen++ == page) {
            ended.next = cursor->key();
            break;
        }
        if (is_due(cursor->value(), now)) ended.keys.emplace_back(cursor->key());
    }
    TRY(cursor->status());
    return ended;
}

}  // namespace

net::Task<> StsPolicies::forget_ended() {
    const auto now = parts_.clock.now();
    std::string from;
    do {
        auto look = [&engine = parts_.engine, from, now] { return find_ended(engine, from, now); };
        auto ended = co_await net::on_worker(parts_.workers, std::move(look));
        if (!ended) {
            parts_.log.error("policies not read", {{"why", ended.error().message}});
            co_return;
        }
        from = std::move(ended->next);
        if (ended->keys.empty()) continue;
        // Somebody may have fetched one meanwhile.
        auto tidy_all = [keys = std::move(ended->keys),
                         now](engine::Transaction& transaction) -> Result<void> {
            for (const auto& key : keys) TRY(tidy(transaction, key, now));
            return {};
        };
        std::vector<engine::Part> parts{{engine::Scope::global(), std::move(tidy_all)}};
        co_await flow::commit(parts_.engine, std::move(parts), engine::Together::all_or_none);
    } while (!from.empty());
}

net::Task<Result<CachedSts>> StsPolicies::refresh(dns::Name domain, std::string id) {
    if (const auto other = under_way_.find(domain); other != under_way_.end()) {
        const auto fetch = other->second;
        co_await fetch->done.async_wait(net::as_values);
        co_return fetch->found;
    }
    const auto executor = co_await net::asio::this_coro::executor;
    const auto fetching = under_way_[domain] = std::make_shared<Fetch>(executor);
    // However it ends, who waits for it goes on.
    const auto end = [&domain, &fetching](StsPolicies* policies) {
        policies->under_way_.erase(domain);
        fetching->done.cancel();
    };
    const std::unique_ptr<StsPolicies, decltype(end)> ended(this, end);
    const auto before = co_await kept(domain);
    const auto answer = co_await fetch(domain);
    // A failure is not kept over a policy that may be in force and only could not be read (RFC 8461 §3.3).
    if (!before && !answer) {
        fetching->found = std::unexpected(before.error());
        co_return fetching->found;
    }
    fetching->found =
        tls_policy::after_fetch(before.value_or(std::nullopt), std::move(id), answer, parts_.clock.now());
    co_await keep(domain, *fetching->found);
    co_return fetching->found;
}

net::Task<Result<StsPolicy>> StsPolicies::fetch(dns::Name domain) {
    const auto host = tls_policy::sts_policy_host(domain);
    if (!host) co_return std::unexpected(host.error());
    net::HttpsRequest request{.host = *host,
                              .port = settings_.https_port,
                              .target = std::string(tls_policy::sts_policy_path),
                              .most = tls_policy::max_sts_policy,
                              .is_allowed = [this](const dns::IpAddress& address) {
                                  return may_be_asked(settings_, parts_.ourselves, address);
                              }};
    const auto patience = net::after(tls_policy::sts_fetch_patience);
    const auto answer = co_await net::ask_https(parts_.resolver, parts_.random, parts_.tls, settings_.sources,
                                                std::move(request), patience);
    if (!answer) {
        report(domain, result_of(answer.error()), answer.error().text);
        co_return fail(Error::Kind::unavailable, "{}", answer.error().text);
    }
    auto policy = tls_policy::read_sts_answer(answer->status, answer->content_type, answer->body);
    if (!policy) report(domain, result_of(policy.error()), policy.error().message);
    co_return policy;
}

void StsPolicies::report(const dns::Name& domain, TlsResult result, const std::string& why) {
    parts_.log.warning("policy not fetched", {{"domain", domain.text()}, {"why", why}});
    parts_.counts.add(domain.text(), {.type = tls_policy::ReportedPolicy::Type::sts},
                      {.result = result, .reason = why});
}

// What could not be kept is used even so, and fetched again by the next who asks.
net::Task<> StsPolicies::keep(dns::Name domain, CachedSts fetched) {
    auto put = [domain, fetched](engine::Transaction& transaction) -> Result<void> {
        transaction.put(tls_keys::policy(domain.text()), fetched.to_record());
        return {};
    };
    std::vector<engine::Part> parts{{engine::Scope::global(), std::move(put)}};
    const auto outcome =
        co_await flow::commit(parts_.engine, std::move(parts), engine::Together::all_or_none);
    if (!outcome.front())
        parts_.log.error("policy not kept",
                         {{"domain", domain.text()}, {"why", outcome.front().error().message}});
}

}  // namespace hongyan::outbound
