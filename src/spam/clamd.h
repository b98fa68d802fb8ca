// ClamAV's daemon, as a judge.
#pragma once

#include <chrono>

#include "config/config.h"
#include "spam/reach.h"
#include "spam/rest.h"

namespace hongyan::spam {

// What clamd said of a stream (clamd(8), INSTREAM).
struct ScanResult {
    enum class Kind { clean, infected, failed };
    Kind kind = Kind::failed;
    std::string words;  // the virus, or what went wrong
    friend bool operator==(const ScanResult&, const ScanResult&) = default;
};

// "stream: OK", "stream: Eicar-Signature FOUND", "INSTREAM size limit exceeded. ERROR".
ScanResult parse_scan_result(std::string_view line);

// Shows every message to clamd, a connection for each.
class Clamd final : public Judge {
public:
    // The settings name an address.
    // While it cannot be asked it rests for so long.
    Clamd(config::Clamd settings, Means means, std::chrono::milliseconds rest = {})
        : settings_(std::move(settings)), means_(std::move(means)), rest_(rest) {}

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override;

private:
    const config::Clamd settings_;
    const Means means_;
    Rest rest_;
};

}  // namespace hongyan::spam
