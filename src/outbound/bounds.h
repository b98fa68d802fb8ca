// How much a dispatcher holds and takes at once. For this folder.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hongyan::outbound {

constexpr std::size_t most_leased = 10'000;  // recipients in memory, of some 300 bytes each
constexpr std::size_t most_taken = 1'000;    // in one commit: they fit into a transaction of the engine
constexpr std::size_t most_per_lane = 20;    // at a turn
constexpr std::size_t most_by_sender = 20;   // at a turn, of a destination whose mail has several ways
constexpr std::size_t most_fresh = 500;      // handed over and not yet looked at
constexpr std::uint64_t most_fresh_bytes = std::uint64_t{64} << 20U;  // in memory before they go out
constexpr std::size_t most_recipients = 100;  // of one transaction (RFC 5321 §4.5.3.1.8)
constexpr std::size_t most_waiting = 500;     // recipients of one destination without a courier
constexpr std::size_t most_woken = 1'000;     // in one commit
constexpr std::size_t destinations_at_once = 1'000;

// The disk has failed, or we have: nobody tries again before.
constexpr std::chrono::milliseconds after_trouble = std::chrono::seconds(5);

}  // namespace hongyan::outbound
