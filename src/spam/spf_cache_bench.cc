// SPF as the server asks for it: with a loop, a resolver and a cache before it that knows all answers.
#include <benchmark/benchmark.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "net/caching_resolver.h"
#include "net/memory_resolver.h"
#include "spam/inquire.h"
#include "verify/spf.h"

namespace {

using namespace hongyan;

net::Task<verify::SpfOutcome> evaluate(net::Resolver& resolver, const verify::SpfQuery& query) {
    auto check = [&query](verify::KnownAnswers& answers) {
        return verify::check_spf(query, verify::SpfIdentity::mail_from, answers);
    };
    co_return co_await spam::inquire<verify::SpfOutcome>(resolver, std::move(check), net::never);
}

net::Task<> evaluate_often(net::Resolver& resolver, const verify::SpfQuery& query, benchmark::State& state) {
    for (auto step : state) {
        const auto outcome = co_await evaluate(resolver, query);
        check(outcome.verdict == verify::SpfVerdict::pass, "the last term decides");
    }
}

// The record of verify_bench: two includes, addresses, mail hosts.
void evaluate_spf_by_the_cache(benchmark::State& state) {
    net::MemoryResolver names;
    const auto text = [&](std::string_view name, std::string_view value) {
        names.add(name, dns::Txt{std::string(value)});
    };
    const auto address = [&](std::string_view name, std::string_view value) {
        names.add(name, dns::A{*dns::IpAddress::parse(value)});
    };
    text("example.com",
         "v=spf1 include:_spf.one.example include:_spf.two.example mx a:relay.example.com -all");
    text("_spf.one.example", "v=spf1 ip4:198.51.100.0/24 ip4:203.0.113.0/25 ip6:2001:db8:1::/48 ~all");
    text("_spf.two.example", "v=spf1 ip4:203.0.113.128/26 ip4:198.18.0.0/15 ip6:2001:db8:2::/48 ~all");
    names.add("example.com", dns::Mx{10, *dns::Name::parse("mx1.example.com")});
    names.add("example.com", dns::Mx{20, *dns::Name::parse("mx2.example.com")});
    address("mx1.example.com", "192.0.2.1");
    address("mx2.example.com", "192.0.2.2");
    address("relay.example.com", "192.0.2.3");
    net::CachingResolver cache(names, std::uint64_t{1} << 20U);
    const verify::SpfQuery query{.client = *dns::IpAddress::parse("192.0.2.3"),
                                 .helo = "relay.example.com",
                                 .sender = "ann@example.com"};
    net::asio::io_context context(1);
    net::asio::co_spawn(context, evaluate_often(cache, query, state), [](const std::exception_ptr& broken) {
        if (broken) std::rethrow_exception(broken);
    });
    context.run();
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(evaluate_spf_by_the_cache);

}  // namespace
