#include "bench/load/bench.h"

#include "bench/load/failure.h"

namespace hongyan::load {

namespace {

constexpr std::chrono::seconds settling_patience{10};

struct Percentile {
    const char* name;
    double share;
};
constexpr Percentile percentiles[] = {{"p50_us", 0.5}, {"p90_us", 0.9}, {"p99_us", 0.99}, {"max_us", 1.0}};

}  // namespace

Target Bench::behind(std::uint16_t port) const {
    auto other = target_;
    other.server = loopback(target_.server.address(), port);
    other.tls = Tls::none;
    return other;
}

Measurement::Measurement(Bench& bench, std::string phase)
    : bench_(bench),
      phase_(std::move(phase)),
      before_(bench.scale().in_use() ? bench.scale().usage() : Usage{}),
      peak_(bench.scale()) {}

void Measurement::done(std::chrono::steady_clock::time_point begun, std::size_t bytes) {
    done(begun, 1, bytes);
}

void Measurement::done(std::chrono::steady_clock::time_point begun, std::uint64_t units, std::size_t bytes) {
    units_ += units;
    bytes_ += bytes;
    latencies_.add(std::chrono::steady_clock::now() - begun);
}

void Measurement::stop() {
    end_ = std::chrono::steady_clock::now();
    own_ = own_cpu() - own_before_;
}

Report Measurement::report() {
    if (end_ == std::chrono::steady_clock::time_point{}) stop();
    if (units_ == 0) give_up("{}: nothing was done, so there is nothing to report", phase_);
    Report report{phase_, {}};
    add_rates(report);
    if (bench_.scale().in_use()) add_server(report);
    return report;
}

void Measurement::add_rates(Report& report) {
    constexpr double megabyte = 1e6;
    report.add("units", units());
    report.add("bytes", static_cast<double>(bytes_));
    report.add("seconds", seconds());
    report.add("per_second", units() / seconds());
    report.add("mb_per_second", static_cast<double>(bytes_) / megabyte / seconds());
    for (const auto& [name, share] : percentiles) report.add(name, latencies_.percentile(share));
    report.add("client_cpu_us", own_ / units() * 1e6);
}

void Measurement::add_server(Report& report) {
    const auto limit = std::min(bench_.deadline(), net::after(settling_patience));
    bench_.together(1, [&](std::size_t) { return bench_.scale().settle(limit); });
    const auto used = bench_.scale().usage() - before_;
    report.add("server_cpu_us", used.cpu / units() * 1e6);
    if (bytes_ > 0)
        report.add("written_per_byte", static_cast<double>(used.written) / static_cast<double>(bytes_));
    report.add("peak_memory_mb", static_cast<double>(peak_.highest()) / 1e6);
}

}  // namespace hongyan::load
