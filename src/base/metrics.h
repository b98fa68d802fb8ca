// What the program counts. Names follow Prometheus: hongyan_deliveries_total, hongyan_commit_seconds.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
class Histogram;
class Registry;
}  // namespace prometheus

namespace hongyan {

using Labels = std::map<std::string, std::string>;

// Only grows. May be used from any thread; belongs to the Metrics that made it.
class Counter {
public:
    explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
    void add(double amount = 1);
    double value() const;

private:
    prometheus::Counter* counter_;
};

// How often values fell into which range. May be used from any thread; belongs to the Metrics that made it.
class Histogram {
public:
    explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
    void observe(double value);

private:
    prometheus::Histogram* histogram_;
};

// Upper bounds in seconds, from 100 us to 100 s.
std::vector<double> latency_bounds();

// All counters of the program. Asking twice for the same name and labels gives the same counter.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
    Histogram histogram(const std::string& name, const std::string& help,
                        const std::vector<double>& bounds = latency_bounds(), const Labels& labels = {});

    // Everything in the Prometheus text format.
    std::string exposition() const;

private:
    std::shared_ptr<prometheus::Registry> registry_;
};

}  // namespace hongyan
