// In which order the addresses of a destination's hosts are called, and how many of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "dns/ip_address.h"

namespace hongyan::outbound {

// One search for somebody who takes messages. Each host in the order of its preference (RFC 5321 §5.1), but
// one host's many addresses do not stand before the next host: each has its share of the calls first, the
// rest comes behind the last host, and behind that who has failed us a moment ago.
class Itinerary {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::size_t most_calls = 12;
    // Since somebody has served us last; a call that has begun may take longer.
    static constexpr std::chrono::milliseconds longest = std::chrono::minutes(5);

    Itinerary(std::size_t hosts, Time began)
        : share_(std::max<std::size_t>(1, most_calls / std::max<std::size_t>(1, hosts))), began_(began) {}

    struct Addresses {
        std::vector<dns::IpAddress> now, later, last;
    };
    // A host's addresses, whose families take turns already.
    Addresses divide(const std::vector<dns::IpAddress>& all,
                     const std::function<bool(const dns::IpAddress&)>& rests) const;

    bool may_call(Time now) const { return calls_ < most_calls && now < began_ + longest; }
    void called() { ++calls_; }
    void served(Time now) { began_ = now; }

private:
    std::size_t share_;
    std::size_t calls_ = 0;
    Time began_;
};

// Which addresses have failed us of late, whatever the domain: whoever is there is called last until a time.
// Of the dispatcher's thread.
class HostRests {
public:
    using Time = std::chrono::steady_clock::time_point;

    void failed(const std::string& where, Time until, Time now);
    void served(const std::string& where) { until_.erase(where); }
    bool rests(const std::string& where, Time now) const;
    void clear() { until_.clear(); }

private:
    static constexpr std::size_t most = 10'000;  // some 150 bytes each; more than that are not remembered

    std::map<std::string, Time> until_;  // "[192.0.2.1]:25"
};

}  // namespace hongyan::outbound
