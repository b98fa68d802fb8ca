// Deliveries and removals of which it is known, by their number alone, what they do; and the proof, after a
// crash, that of those submitted exactly the first so many have happened, among them all acknowledged ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace hongyan::crash {

// The transaction with this number, counted from 1: delivers message `number`, and sometimes removes an older
// one.
engine::Part transaction(std::uint64_t number);

// How many transactions the engine holds: 1 to this one. Everything that is wrong is appended to `wrong`.
std::uint64_t verify(engine::Engine& engine, std::vector<std::string>& wrong);

}  // namespace hongyan::crash
