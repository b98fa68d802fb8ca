// What TLS must be on a way, and what is counted of it: without a network.
#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/memory_engine.h"
#include "net/memory_resolver.h"
#include "outbound/parcel.h"
#include "outbound/reach.h"
#include "outbound/settings.h"
#include "outbound/way.h"

namespace hongyan::outbound {
namespace {

using namespace std::chrono_literals;
using net::Signed;
using smtp_client::StartTls;
using testing::HasSubstr;
using tls_policy::CachedSts;
using tls_policy::ReportedPolicy;
using tls_policy::SenderWish;
using tls_policy::StsMode;
using tls_policy::TlsDay;
using tls_policy::TlsResult;

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

// Knows what another knows, but keeps some of it back, or breaks.
class SpoiltResolver final : public net::Resolver {
public:
    explicit SpoiltResolver(net::Resolver& inner) : inner_(inner) {}

    net::Task<dns::RawAnswer> ask(dns::Question question, net::Deadline deadline) override {
        if (breaks_at && question.name == *breaks_at) throw std::runtime_error("broken");
        const bool is_kept_back =
            keeps_back && question.name == keeps_back->first && question.type == keeps_back->second;
        if (!is_kept_back) co_return co_await inner_.ask(std::move(question), deadline);
        dns::RawAnswer failed;
        failed.status = dns::Status::failed;
        failed.canonical = question.name;
        failed.why = "nobody answers";
        co_return failed;
    }

    std::optional<std::pair<dns::Name, dns::Type>> keeps_back;
    std::optional<dns::Name> breaks_at;

private:
    net::Resolver& inner_;
};

class TlsOnTheWay : public testing::Test {
public:
    TlsOnTheWay() {
        settings.hostname = "us.test";
        settings.dns_patience = 5s;
        counts.turn(true);
        resolver.add("mx.far.test", dns::A{dns::IpAddress::parse("192.0.2.1").value()}, Signed::yes);
        resolver.set("mx.far.test", dns::Type::aaaa, dns::Status::no_data, Signed::yes);
    }

    template <typename Value>
    Value run(net::Task<Value> task) {
        net::asio::io_context context(1);
        std::optional<Value> value;
        net::asio::co_spawn(context.get_executor(), std::move(task),
                            [&](std::exception_ptr error, Value result) {
                                if (error) std::rethrow_exception(error);
                                value = std::move(result);
                            });
        context.run();
        return std::move(*value);
    }
    void flush() { counts.flush_now(); }
    net::Task<bool> forgotten() {
        co_await policies.forget_ended();
        co_return true;
    }

    std::expected<Stop, Detour> stop(SenderWish wish, Signed is_signed = Signed::no) {
        Way way{.domain = name("far.test"), .hosts = {}, .sts = {}, .wish = wish};
        way.hosts.hosts = {{name("mx.far.test"), 10}};
        way.hosts.secure = is_signed == Signed::yes;
        way.sts = sts;
        return run(find_stop(guides, settings, way, name("mx.far.test"), net::after(5s)));
    }
    void has_policy(StsMode mode, std::string pattern) {
        sts.policy = {.mode = mode, .mx = {std::move(pattern)}, .max_age = 24h};
    }
    void keep(const CachedSts& cached) { keep(cached.to_record()); }
    void keep(const std::string& record) {
        ASSERT_TRUE(engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) {
            transaction.put(tls_keys::policy("far.test"), record);
            return Result<void>{};
        }));
    }
    std::optional<std::string> kept() {
        return engine->snapshot(engine::Scope::global())->get(tls_keys::policy("far.test")).value();
    }
    TlsDay counted() {
        flush();
        const tls_keys::Day today{std::chrono::floor<std::chrono::days>(clock.now()), "far.test"};
        const auto value = engine->snapshot(engine::Scope::global())->get(tls_keys::key_of(today)).value();
        return value ? TlsDay::from_record(*value).value() : TlsDay{};
    }

    ManualClock clock;
    SeededRandom random{1};
    log::Output output{clock};
    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine();
    net::MemoryResolver resolver;
    SpoiltResolver spoilt{resolver};
    std::unique_ptr<net::TlsClientContext> tls = net::TlsClientContext::make().value();
    Settings settings;
    net::Ourselves nobody;
    TlsCounts counts{*engine, clock, log::Log(output)};
    net::Workers workers{1, 10};
    StsPolicies policies{{*engine, spoilt, *tls, random, clock, log::Log(output), counts, workers, nobody},
                         settings};
    Guides guides{spoilt, nobody, random, policies};
    StsFinding sts;
};

TEST_F(TlsOnTheWay, IsTakenWhereItIsOfferedIfNobodyDemandsIt) {
    const auto found = stop(SenderWish::none);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->starttls, StartTls::if_offered);
    EXPECT_EQ(found->policy, "opportunistic");
    EXPECT_EQ(found->reported, ReportedPolicy::none());
    settings.tls = {.tls = tls_policy::Tls::must, .verify = tls_policy::Verify::pkix};
    const auto demanded = stop(SenderWish::none);
    EXPECT_EQ(demanded->starttls, StartTls::required);
    EXPECT_EQ(demanded->demand.verify, net::Verify::pkix);
    EXPECT_EQ(demanded->policy, "settings");
    settings.tls = {.tls = tls_policy::Tls::none};
    EXPECT_EQ(stop(SenderWish::none)->starttls, StartTls::never);
}

TEST_F(TlsOnTheWay, FollowsDaneWhereDnsIsSecureAndItIsTurnedOn) {
    resolver.add("_25._tcp.mx.far.test",
                 dns::Tlsa{.usage = 3, .selector = 1, .matching = 1, .data = std::string(32, 'x')},
                 Signed::yes);
    const auto found = stop(SenderWish::none, Signed::yes);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->demand.verify, net::Verify::dane);
    EXPECT_EQ(found->policy, "dane");
    EXPECT_EQ(found->reported.type, ReportedPolicy::Type::tlsa);
    EXPECT_EQ(stop(SenderWish::none, Signed::no)->policy, "opportunistic");
    settings.dane = false;
    EXPECT_EQ(stop(SenderWish::none, Signed::yes)->policy, "opportunistic");
}

// RFC 7672 §2.1.2, §2.2.2: who keeps back what would tell of DANE must not get plain text for it.
TEST_F(TlsOnTheWay, AHostBehindAnAliasIsNotUsedWhereItsRecordsAreKeptBack) {
    resolver.add("alias.far.test", dns::Cname{name("mx.far.test")}, Signed::yes);
    resolver.add("open.far.test", dns::Cname{name("mx.open.test")}, Signed::yes);
    resolver.add("mx.open.test", dns::A{dns::IpAddress::parse("192.0.2.2").value()}, Signed::no);
    resolver.set("mx.open.test", dns::Type::aaaa, dns::Status::no_data, Signed::no);
    const auto through = [this](std::string_view host) {
        Way way{.domain = name("far.test"), .hosts = {}, .sts = {}, .wish = SenderWish::none};
        way.hosts.hosts = {{name(host), 10}};
        way.hosts.secure = true;
        const auto found = run(find_stop(guides, settings, way, name(host), net::after(5s)));
        return found ? found->policy : found.error().why.status;
    };
    EXPECT_EQ(through("alias.far.test"), "opportunistic") << "there are no records";
    EXPECT_EQ(through("open.far.test"), "opportunistic");
    // Where the alias leads, at the alias itself, and whether there is a signed alias at all.
    for (const auto& [host, kept_back, type] :
         {std::tuple{"alias.far.test", "_25._tcp.mx.far.test", dns::Type::tlsa},
          std::tuple{"alias.far.test", "_25._tcp.alias.far.test", dns::Type::tlsa},
          std::tuple{"open.far.test", "open.far.test", dns::Type::cname},
          std::tuple{"open.far.test", "_25._tcp.open.far.test", dns::Type::tlsa}}) {
        spoilt.keeps_back = {name(kept_back), type};
        EXPECT_TRUE(through(host).starts_with("4.")) << kept_back << ": " << through(host);
    }
}

TEST_F(TlsOnTheWay, KeepsToTheHostsOfAnEnforcedPolicy) {
    has_policy(StsMode::enforce, "mx.far.test");
    EXPECT_EQ(stop(SenderWish::none)->demand.verify, net::Verify::pkix);
    has_policy(StsMode::enforce, "other.far.test");
    const auto refused = stop(SenderWish::none);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().why.status, "4.7.5");
    EXPECT_EQ(refused.error().policy, "mta-sts");
    EXPECT_EQ(refused.error().result, TlsResult::validation_failure);
    has_policy(StsMode::testing, "other.far.test");
    const auto tried = stop(SenderWish::none);
    ASSERT_TRUE(tried);
    EXPECT_TRUE(tried->sts_testing_mismatch);
    EXPECT_EQ(tried->policy, "mta-sts-testing");
}

TEST_F(TlsOnTheWay, HeedsWhatTheSenderWishes) {
    auto refused = stop(SenderWish::required);
    ASSERT_FALSE(refused) << "nothing says that this is a host of the domain (RFC 8689 §4.2.1)";
    EXPECT_EQ(refused.error().why.status, "5.7.10");
    EXPECT_EQ(refused.error().why.fate, smtp_client::Fate::failed);
    sts.is_uncertain = true;
    refused = stop(SenderWish::required);
    EXPECT_EQ(refused.error().why.status, "4.7.10") << "there may be a policy, which cannot be had now";
    EXPECT_EQ(refused.error().why.fate, smtp_client::Fate::deferred);
    const auto secure = stop(SenderWish::required, Signed::yes);
    ASSERT_TRUE(secure);
    EXPECT_TRUE(secure->requiretls);
    EXPECT_EQ(secure->starttls, StartTls::required);
    has_policy(StsMode::enforce, "other.far.test");
    EXPECT_EQ(stop(SenderWish::optional)->starttls, StartTls::if_offered);
}

TEST_F(TlsOnTheWay, ADomainThatIsItsOwnHostNeedsNobodysWord) {
    resolver.add("far.test", dns::A{dns::IpAddress::parse("192.0.2.2").value()}, Signed::no);
    resolver.set("far.test", dns::Type::aaaa, dns::Status::no_data, Signed::no);
    Way way{.domain = name("far.test"), .hosts = {}, .sts = {}, .wish = SenderWish::required};
    way.hosts.hosts = {{name("far.test"), 0}};
    const auto found = run(find_stop(guides, settings, way, name("far.test"), net::after(5s)));
    ASSERT_TRUE(found) << "RFC 8689 §4.2.1, step 4";
    EXPECT_TRUE(found->requiretls);
    EXPECT_EQ(found->demand.server_name, "far.test");
}

TEST_F(TlsOnTheWay, ACertificateProvesSomethingIfItsNameIsSure) {
    EXPECT_FALSE(stop(SenderWish::none)->name_is_sure);
    EXPECT_TRUE(stop(SenderWish::none, Signed::yes)->name_is_sure);
    has_policy(StsMode::testing, "*.far.test");
    EXPECT_TRUE(stop(SenderWish::none)->name_is_sure);
    has_policy(StsMode::none, "*.far.test");
    EXPECT_FALSE(stop(SenderWish::none)->name_is_sure);
}

TEST_F(TlsOnTheWay, TheHostsOfANextHopAreSureIfTheRouteOrSignedRecordsNameThem) {
    const auto hosts_of = [this](const std::string& host, bool looks_up_mx) {
        config::NextHop hop;
        hop.host = host;
        hop.looks_up_mx = looks_up_mx;
        return run(find_hop_hosts(guides, settings, hop, net::after(5s)));
    };
    EXPECT_TRUE(hosts_of("far.test", false)->secure);
    resolver.add("far.test", dns::Mx{.preference = 10, .exchange = name("mx.far.test")}, Signed::no);
    EXPECT_FALSE(hosts_of("far.test", true)->secure);
    resolver.add("signed.test", dns::Mx{.preference = 10, .exchange = name("mx.far.test")}, Signed::yes);
    EXPECT_TRUE(hosts_of("signed.test", true)->secure);
    resolver.set("self.test", dns::Type::mx, dns::Status::no_data, Signed::no);
    EXPECT_TRUE(hosts_of("self.test", true)->secure) << "without MX it is the name of the route";
}

// RFC 8461 §3.4: the smart host's name is the policy domain.
TEST_F(TlsOnTheWay, APolicyOfASmartHostIsObeyed) {
    settings.mta_sts = true;
    keep({.policy = {.mode = StsMode::enforce, .mx = {"mx.far.test"}, .max_age = 24h * 30},
          .id = "1",
          .fetched = clock.now(),
          .tried = clock.now(),
          .trouble = {}});
    resolver.add("far.test", dns::Mx{.preference = 10, .exchange = name("mx.far.test")}, Signed::no);
    resolver.add("far.test", dns::Mx{.preference = 20, .exchange = name("mx.evil.test")}, Signed::no);
    const auto through = [this](std::string_view route, const std::string& host) {
        const auto hop = config::NextHop::parse(route).value();
        const auto hosts = run(find_hop_hosts(guides, settings, hop, net::after(5s)));
        return run(find_hop_stop(guides, hop, hosts->sts, host, net::after(5s)));
    };
    const auto good = through("far.test", "mx.far.test");
    ASSERT_TRUE(good);
    EXPECT_EQ(good->starttls, StartTls::required) << "though the route leaves it open";
    EXPECT_EQ(good->demand.verify, net::Verify::pkix);
    EXPECT_EQ(good->demand.server_name, "mx.far.test");
    EXPECT_THAT(good->policy, HasSubstr("mta-sts"));
    EXPECT_THAT(good->why, HasSubstr("far.test"));
    for (const auto* const route : {"far.test", "far.test tls=required"}) {
        const auto other = through(route, "mx.evil.test");
        ASSERT_FALSE(other) << route;
        EXPECT_EQ(other.error().why.status, "4.7.5");
    }
    EXPECT_EQ(through("far.test tls=none", "mx.far.test")->starttls, StartTls::never)
        << "who says so knows the way";
    settings.mta_sts = false;
    EXPECT_EQ(through("far.test", "mx.far.test")->starttls, StartTls::if_offered);
}

TEST_F(TlsOnTheWay, StrangersDoNotLeadUsBehindOurFirewall) {
    const auto status_at = [this](const char* address) {
        resolver.set("mx.far.test", dns::Type::a, dns::Status::no_data, Signed::no);
        const auto parsed = dns::IpAddress::parse(address).value();
        if (parsed.is_ipv6())
            resolver.add("mx.far.test", dns::Aaaa{parsed}, Signed::no);
        else
            resolver.add("mx.far.test", dns::A{parsed}, Signed::no);
        const auto found = stop(SenderWish::none);
        resolver.set("mx.far.test", dns::Type::aaaa, dns::Status::no_data, Signed::no);
        const auto literal = stop_at(settings, "[an address]", parsed, SenderWish::none);
        EXPECT_EQ(found.has_value(), literal.has_value()) << address;
        return found ? "" : found.error().why.status;
    };
    EXPECT_EQ(status_at("192.0.2.1"), "");
    EXPECT_EQ(status_at("127.0.0.1"), "5.4.6");
    EXPECT_EQ(status_at("::1"), "5.4.6");
    EXPECT_EQ(status_at("10.1.2.3"), "5.4.4");
    EXPECT_EQ(status_at("fe80::1"), "5.4.4");
    settings.private_networks = {config::Network::parse("10.0.0.0/8").value()};
    EXPECT_EQ(status_at("10.1.2.3"), "");
    EXPECT_EQ(status_at("192.168.1.1"), "5.4.4");
    // Of several addresses those count that may be called.
    resolver.set("mx.far.test", dns::Type::a, dns::Status::no_data, Signed::no);
    resolver.add("mx.far.test", dns::A{dns::IpAddress::parse("192.168.1.1").value()}, Signed::no);
    resolver.add("mx.far.test", dns::A{dns::IpAddress::parse("192.0.2.1").value()}, Signed::no);
    EXPECT_THAT(stop(SenderWish::none)->addresses,
                testing::ElementsAre(dns::IpAddress::parse("192.0.2.1").value()));
}

TEST_F(TlsOnTheWay, PoliciesThatHaveEndedAreRemoved) {
    CachedSts cached{.policy = {.mode = StsMode::enforce, .mx = {"mx.far.test"}, .max_age = 24h},
                     .id = "1",
                     .fetched = clock.now(),
                     .tried = clock.now(),
                     .trouble = {}};
    keep(cached);
    const auto is_there = [this] { return kept().has_value(); };
    run(forgotten());
    EXPECT_TRUE(is_there());
    clock.advance(25h);
    run(forgotten());
    EXPECT_FALSE(is_there());
}

// It may be in force still, but no longer than any (RFC 8461 §3.2).
TEST_F(TlsOnTheWay, APolicyThatCannotBeReadIsRemovedWhenAnyHasEnded) {
    keep("\xff");
    run(forgotten());
    const CachedSts lost{.lost = clock.now()};
    clock.advance(tls_policy::max_sts_age - 1s);
    run(forgotten());
    EXPECT_EQ(kept(), lost.to_record());
    clock.advance(1s);
    run(forgotten());
    EXPECT_FALSE(kept());
}

TEST_F(TlsOnTheWay, AnAddressInsteadOfADomainProvesNothing) {
    const auto address = dns::IpAddress::parse("192.0.2.1").value();
    EXPECT_EQ(stop_at(settings, "[192.0.2.1]", address, SenderWish::required).error().why.status, "5.7.10");
    settings.tls = {.tls = tls_policy::Tls::must, .verify = tls_policy::Verify::pkix};
    EXPECT_EQ(stop_at(settings, "[192.0.2.1]", address, SenderWish::none).error().why.status, "4.7.5");
    EXPECT_EQ(stop_at(settings, "[192.0.2.1]", address, SenderWish::optional)->starttls,
              StartTls::if_offered);
    settings.tls = {.tls = tls_policy::Tls::must};
    EXPECT_EQ(stop_at(settings, "[192.0.2.1]", address, SenderWish::none)->starttls, StartTls::required);
}

TEST_F(TlsOnTheWay, APolicyThatIsKeptHoldsWhoeverIsSilent) {
    EXPECT_FALSE(run(policies.find(name("far.test")))->policy);
    CachedSts cached{.policy = {.mode = StsMode::enforce, .mx = {"mx.far.test"}, .max_age = 24h * 30},
                     .id = "1",
                     .fetched = clock.now(),
                     .tried = clock.now(),
                     .trouble = {}};
    keep(cached);
    resolver.set("_mta-sts.far.test", dns::Type::txt, dns::Status::failed);
    EXPECT_EQ(run(policies.find(name("far.test")))->policy, cached.policy) << "DNS is silent";
    // Another id, and nobody to fetch it from.
    resolver.set("_mta-sts.far.test", dns::Type::txt, dns::Status::no_data);
    resolver.add("_mta-sts.far.test", dns::Txt{"v=STSv1; id=2;"});
    EXPECT_EQ(run(policies.find(name("far.test")))->policy, cached.policy) << "the web server is";
    const auto day = counted();
    ASSERT_EQ(day.policies().size(), 1U);
    const auto& sums = day.policies().begin()->second;
    EXPECT_EQ(sums.troubles.begin()->first.result, TlsResult::sts_policy_fetch_error);
    const auto before = resolver.times_asked();
    run(policies.find(name("far.test")));
    EXPECT_EQ(resolver.times_asked(), before + 1) << "the web server is not asked again so soon";
    clock.advance(24h * 31);
    const auto late = run(policies.find(name("far.test")));
    EXPECT_FALSE(late->policy);
    EXPECT_TRUE(late->is_uncertain);
}

// RFC 8461 §3.3, §5.1: what we cannot read is not what is not there. Its host is asked for it, whether DNS
// names a policy or not.
TEST_F(TlsOnTheWay, APolicyThatCannotBeReadPutsMailOffAndIsFetched) {
    keep("\xff");
    const CachedSts lost{.lost = clock.now()};
    resolver.add("far.test", dns::Mx{.preference = 10, .exchange = name("mx.far.test")});
    const auto way = [this](SenderWish wish) { return run(find_way(guides, settings, "far.test", wish)); };
    config::NextHop hop;
    hop.host = "far.test";
    for (const bool is_announced : {false, true}) {
        if (is_announced) resolver.add("_mta-sts.far.test", dns::Txt{"v=STSv1; id=2;"});
        const auto put_off = way(SenderWish::none);
        ASSERT_FALSE(put_off);
        EXPECT_EQ(put_off.error().status, "4.3.0");
        EXPECT_EQ(run(find_hop_hosts(guides, settings, hop, net::after(5s))).error().status, "4.3.0");
        EXPECT_TRUE(way(SenderWish::optional)) << "whom no policy concerns";
        const auto now_kept = CachedSts::from_record(kept().value());
        ASSERT_TRUE(now_kept);
        EXPECT_EQ(now_kept->lost, lost.lost) << "nobody has answered who knows better";
        EXPECT_EQ(now_kept->tried, clock.now());
        EXPECT_NE(now_kept->trouble, "");
        clock.advance(6min);
    }
    clock.advance(tls_policy::max_sts_age);
    EXPECT_TRUE(way(SenderWish::none)) << "it cannot be in force any more";
}

// Nobody waits for ever for who has failed, and the next one asks again.
TEST_F(TlsOnTheWay, AFetchThatBreaksKeepsNobodyWaiting) {
    resolver.add("_mta-sts.far.test", dns::Txt{"v=STSv1; id=2;"});
    spoilt.breaks_at = name("mta-sts.far.test");
    net::asio::io_context context(1);
    int broken = 0, answered = 0;
    for (int i = 0; i < 3; ++i)
        net::asio::co_spawn(context.get_executor(), policies.find(name("far.test")),
                            [&](const std::exception_ptr& error, const Result<StsFinding>& finding) {
                                ++(error ? broken : answered);
                                EXPECT_TRUE(error || !finding || finding->is_uncertain);
                            });
    context.run_for(5s);
    EXPECT_EQ(broken + answered, 3);
    EXPECT_GE(broken, 1);
    spoilt.breaks_at.reset();
    EXPECT_TRUE(run(policies.find(name("far.test")))->is_uncertain) << "nobody is there, and nobody broke";
}

// A policy's host is a stranger's name: it leads neither behind our firewall nor to what listens here.
TEST_F(TlsOnTheWay, NobodyIsAskedForAPolicyAtOurOwnAddress) {
    resolver.add("_mta-sts.far.test", dns::Txt{"v=STSv1; id=2;"});
    resolver.add("mta-sts.far.test", dns::A{dns::IpAddress::parse("192.0.2.9").value()});
    resolver.set("mta-sts.far.test", dns::Type::aaaa, dns::Status::no_data);
    nobody.addresses = {dns::IpAddress::parse("192.0.2.9").value()};
    EXPECT_FALSE(run(policies.find(name("far.test")))->policy);
    const auto day = counted();
    ASSERT_EQ(day.policies().size(), 1U);
    const auto& told = day.policies().begin()->second.troubles.begin()->first;
    EXPECT_EQ(told.result, TlsResult::sts_policy_fetch_error);
    EXPECT_THAT(told.reason, HasSubstr("no address that may be asked"));

    const auto may_be_asked_at = [this](const char* address) {
        return may_be_asked(settings, nobody, dns::IpAddress::parse(address).value());
    };
    EXPECT_FALSE(may_be_asked_at("192.0.2.9"));
    EXPECT_FALSE(may_be_asked_at("10.1.2.3"));
    EXPECT_TRUE(may_be_asked_at("192.0.2.10"));
    settings.private_networks = {config::Network::parse("192.0.2.9/32").value(),
                                 config::Network::parse("10.0.0.0/8").value()};
    EXPECT_TRUE(may_be_asked_at("192.0.2.9")) << "the settings say so";
    EXPECT_TRUE(may_be_asked_at("10.1.2.3"));
}

TEST_F(TlsOnTheWay, CountsAddUpOverFlushesAndAreOffUnlessTurnedOn) {
    counts.add_success("far.test", ReportedPolicy::none());
    flush();
    counts.add_success("far.test", ReportedPolicy::none());
    counts.add("far.test", ReportedPolicy::none(), {.result = TlsResult::starttls_not_supported});
    const auto day = counted();
    ASSERT_EQ(day.policies().size(), 1U);
    EXPECT_EQ(day.policies().begin()->second.successes, 2U);
    EXPECT_EQ(day.policies().begin()->second.failures, 1U);
    counts.turn(false);
    counts.add_success("far.test", ReportedPolicy::none());
    EXPECT_EQ(counted(), day);
}

TEST_F(TlsOnTheWay, ARecordOfCountsFitsIntoAValueWhateverPeersSay) {
    TlsDay day;
    for (std::size_t i = 0; i < TlsDay::most_policies; ++i)
        for (std::size_t k = 0; k < TlsDay::most_troubles; ++k) {
            const ReportedPolicy policy{.type = ReportedPolicy::Type::sts, .lines = {fmt::format("{}", i)}};
            day.add(policy, {.result = TlsResult::validation_failure,
                             .reason = fmt::format("{}{}", k, std::string(TlsDay::longest_text, 'x'))});
        }
    ASSERT_GT(day.to_record().size(), engine::max_value_size);
    const auto record = record_within_bounds(day);
    EXPECT_LT(record.size(), engine::max_value_size);
    const auto kept = TlsDay::from_record(record).value();
    std::uint64_t failures = 0;
    for (const auto& [policy, sums] : kept.policies()) failures += sums.failures;
    EXPECT_EQ(failures, TlsDay::most_policies * TlsDay::most_troubles) << "only details are left out";
}

TEST(TlsKeys, ADayGoesRound) {
    const tls_keys::Day day{std::chrono::sys_days(std::chrono::days(20'000)), "far.test"};
    EXPECT_EQ(tls_keys::parse_day(tls_keys::key_of(day)), day);
    EXPECT_FALSE(tls_keys::parse_day("Td12"));
    EXPECT_FALSE(tls_keys::parse_day("Td12345xfar.test"));
}

TEST(Wishes, AreTheSendersUnlessWeWriteOurselves) {
    queue::Entry entry;
    entry.sender = "ann@here.test";
    EXPECT_EQ(wish_of(entry), SenderWish::none);
    entry.tls_optional = true;
    EXPECT_EQ(wish_of(entry), SenderWish::optional);
    entry.requiretls = true;
    EXPECT_EQ(wish_of(entry), SenderWish::required) << "REQUIRETLS goes before the header (RFC 8689 §4.1)";
    entry.sender.clear();
    EXPECT_EQ(wish_of(entry), SenderWish::none) << "a bounce is not lost for it (RFC 8689 §5)";
}

}  // namespace
}  // namespace hongyan::outbound
