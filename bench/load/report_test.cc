#include "bench/load/report.h"

#include <gtest/gtest.h>

#include "bench/load/failure.h"
#include "bench/load/target.h"
#include "bench/load/weigh.h"
#include "bench/load/workloads/workload.h"

namespace hongyan::load {

TEST(Latencies, GiveExactPercentiles) {
    Latencies latencies;
    EXPECT_EQ(latencies.percentile(0.5), 0);
    for (int i = 100; i > 0; --i) latencies.add(std::chrono::microseconds(i));
    EXPECT_EQ(latencies.percentile(0.5), 50);
    EXPECT_EQ(latencies.percentile(0.99), 99);
    EXPECT_EQ(latencies.percentile(1.0), 100);
    EXPECT_EQ(latencies.percentile(0.001), 1);
}

TEST(Report, IsATableOrJson) {
    const std::vector<Report> reports{{"one", {{"units", 2'000}, {"p50_us", 12.345}}},
                                      {"other", {{"units", 3}}}};
    EXPECT_EQ(table_of(reports),
              "phase  units  p50_us\n"
              "one     2000   12.35\n"
              "other      3       -\n");
    EXPECT_EQ(json_of({{"one", {{"units", 2}}}}), "[{\"phase\":\"one\",\"units\":2E0}]\n");
}

TEST(Target, IsNeverBeyondLoopback) {
    for (const auto* address : {"127.0.0.1", "127.8.9.10", "::1"})
        EXPECT_EQ(loopback(address, 25).port(), 25) << address;
    for (const auto* address : {"192.0.2.1", "10.0.0.1", "0.0.0.0", "::", "2001:db8::1", "::ffff:192.0.2.1",
                                "*", "localhost", "mail.example.test", "", "128.0.0.1", "unix"})
        EXPECT_THROW(loopback(address, 25), Failure) << address;
}

TEST(Target, NumbersItsUsersAndBeginsAnewAfterTheLast) {
    const Target target{
        .server = loopback("127.0.0.1", 25), .users = "u{}@bench.test", .user_count = 3, .first_user = 9};
    EXPECT_EQ(target.user(0), "u0009@bench.test");
    EXPECT_EQ(target.user(2), "u0011@bench.test");
    EXPECT_EQ(target.user(3), "u0009@bench.test");
}

TEST(Scale, WeighsAProcess) {
    const Scale scale({::getpid()});
    EXPECT_GE(scale.processes(), 1U);
    EXPECT_GT(scale.memory(), 1'000'000U);
    const auto before = scale.usage();
    const auto begin = own_cpu();
    while (own_cpu() - begin < 0.1) {
    }
    const auto used = (scale.usage() - before).cpu;
    EXPECT_GT(used, 0.07);  // what is counted in ticks may miss two
    EXPECT_LT(used, 1.0);
    EXPECT_FALSE(Scale({}).in_use());
}

TEST(Scale, DoesNotWeighAProcessThatIsGone) { EXPECT_THROW(Scale({0x3fffffff}).usage(), Failure); }

TEST(Workloads, HeedOptionsThatAreKnownAndWithinTheirBounds) {
    for (const auto& workload : workloads())
        for (const auto& [option, usually] : workload.options) {
            const auto row = std::ranges::find(option_rows(), option, &OptionRow::place);
            ASSERT_NE(row, option_rows().end()) << workload.name;
            const bool may_be_absent = row->name.ends_with("-port");
            EXPECT_TRUE((may_be_absent && usually == 0) || (usually >= row->least && usually <= row->most))
                << workload.name << " " << row->name;
        }
}

}  // namespace hongyan::load
