// What a workload found out.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace hongyan::load {

// How long things took. Kept whole, so a percentile is exact.
class Latencies {
public:
    void add(std::chrono::steady_clock::duration took);
    bool empty() const { return microseconds_.empty(); }
    // The smallest latency that at least this share of all did not exceed, in microseconds; `share` in (0,
    // 1].
    double percentile(double share);

private:
    std::vector<std::uint32_t> microseconds_;
};

// One phase of a workload: named figures, in the order in which they are shown.
struct Report {
    struct Figure {
        std::string name;  // with its unit: "p50_us"
        double value = 0;
    };

    std::string phase;
    std::vector<Figure> figures;

    void add(std::string name, double value) { figures.push_back({std::move(name), value}); }
};

// A line for each phase below a line of names.
std::string table_of(const std::vector<Report>& reports);
// [{"phase": "lmtp", "units": 2000, ...}, ...]
std::string json_of(const std::vector<Report>& reports);

}  // namespace hongyan::load
