// What becomes of a message when its judges have spoken.
#pragma once

#include "flow/policy.h"
#include "flow/world.h"
#include "spam/judge.h"

namespace hongyan::flow {

// Refuses, keeps or discards it, and tells the history what was found. The replies are made after the commit.
net::Task<smtp::Replies> carry_out(const World& world, const Policy& policy, const log::Log& session_log,
                                   const smtp::Deliver& came, const spam::Judgement& judgement);

// What was found, for the history: the sentence, then each finding, with a line end between them. Some
// thousand bytes at most, then the rest is counted.
std::string account_of(const spam::Judgement& judgement);
// The same of findings alone, behind what stands there already.
void add_findings(std::string& lines, std::span<const spam::Finding> findings);

}  // namespace hongyan::flow
