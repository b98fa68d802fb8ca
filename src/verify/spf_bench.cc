// SPF with all that DNS says at hand.
#include <benchmark/benchmark.h>

#include "verify/answers_for_test.h"
#include "verify/spf.h"

namespace {

using namespace hongyan;
using namespace hongyan::verify;

// As large senders have it: two includes, addresses, mail hosts; the last term decides.
void evaluate_spf(benchmark::State& state) {
    TestZone zone;
    zone.text("example.com",
              "v=spf1 include:_spf.one.example include:_spf.two.example mx a:relay.example.com -all")
        .text("_spf.one.example", "v=spf1 ip4:198.51.100.0/24 ip4:203.0.113.0/25 ip6:2001:db8:1::/48 ~all")
        .text("_spf.two.example", "v=spf1 ip4:203.0.113.128/26 ip4:198.18.0.0/15 ip6:2001:db8:2::/48 ~all")
        .add("example.com", dns::Mx{10, *dns::Name::parse("mx1.example.com")})
        .add("example.com", dns::Mx{20, *dns::Name::parse("mx2.example.com")})
        .address("mx1.example.com", "192.0.2.1")
        .address("mx2.example.com", "192.0.2.2")
        .address("relay.example.com", "192.0.2.3");
    const SpfQuery query{.client = *dns::IpAddress::parse("192.0.2.3"),
                         .helo = "relay.example.com",
                         .sender = "ann@example.com"};
    for (auto step : state) {
        const auto outcome = zone.conclude<SpfOutcome>(
            [&](KnownAnswers& answers) { return check_spf(query, SpfIdentity::mail_from, answers); });
        check(outcome.verdict == SpfVerdict::pass, "the last term decides");
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(evaluate_spf);

}  // namespace
