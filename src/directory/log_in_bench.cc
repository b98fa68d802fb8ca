// Log-ins with a password: checked by Argon2id each time, and remembered from the one before.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "directory/directory.h"
#include "engine/memory_engine.h"

namespace {

using namespace hongyan;
using namespace hongyan::directory;

constexpr auto name = "ann@here.test";
constexpr auto password = "correct horse";

struct House {
    explicit House(const MemoryLimits& limits)
        : directory(*engine, clock, random, Options{.remembered = limits}) {
        check(directory.add_domain(*DomainName::parse("here.test")).has_value(), "a domain is added");
        const NewAccount ann{.name = name, .password = crypto::Secret(password)};
        check(directory.add_account(ann).has_value(), "an account is added");
        check(directory.authenticate(name, password).has_value(), "the password is right");
    }

    SystemClock clock;
    SystemRandom random;
    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine({});
    Directory directory;
};

void log_in(benchmark::State& state, Directory& directory) {
    for (auto step : state) benchmark::DoNotOptimize(directory.authenticate(name, password).has_value());
    state.SetItemsProcessed(state.iterations());
}

void checked_by_argon2(benchmark::State& state) {
    static House house({.time = std::chrono::milliseconds(0)});
    log_in(state, house.directory);
}

void remembered(benchmark::State& state) {
    static House house({});
    log_in(state, house.directory);
}

}  // namespace

BENCHMARK(checked_by_argon2)->ThreadRange(1, 2)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(remembered)->ThreadRange(1, 2)->UseRealTime()->Unit(benchmark::kMicrosecond);
