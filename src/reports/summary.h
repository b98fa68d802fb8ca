// Many reports in a few lines: who sends in a domain's name, and how sessions with its hosts go.
#pragma once

#include <map>
#include <set>

#include "reports/reading.h"

namespace hongyan::reports {

class Summary {
public:
    // Of more sources than these only the sum is kept.
    static constexpr std::size_t most_sources = 100'000;

    void add(const Report& report);

    struct Source {
        std::string domain = {}, address = {};  // empty: all that found no place
        friend auto operator<=>(const Source&, const Source&) = default;
    };
    struct Sent {
        std::uint64_t messages = 0;
        std::uint64_t dkim = 0, spf = 0;  // aligned
        std::uint64_t failed = 0;         // neither
        std::uint64_t quarantined = 0, rejected = 0;
        std::set<std::string> reporters = {};
    };
    const std::map<Source, Sent>& sources() const { return sources_; }

    struct Outcome {
        std::string domain = {}, result = {};  // "success", or as TlsFailure has it
        friend auto operator<=>(const Outcome&, const Outcome&) = default;
    };
    struct Sessions {
        std::uint64_t count = 0;
        std::set<std::string> hosts = {}, reporters = {};
    };
    const std::map<Outcome, Sessions>& sessions() const { return sessions_; }

private:
    void add(const AggregateReport& report);
    void add(const TlsReport& report);
    Sessions& sessions_of(Outcome outcome, const std::string& reporter);

    std::map<Source, Sent> sources_;
    std::map<Outcome, Sessions> sessions_;
};

}  // namespace hongyan::reports
