// A mailbox that holds letters 0 to N-1 of a deck, so that what is found in it is known beforehand.
#pragma once

#include "bench/load/imap_client.h"
#include "bench/load/workloads/workload.h"

namespace hongyan::load {

// Makes it for the first user where it is not there, and adds what it lacks. Another number of messages than
// asked for, or a fill that was cut off, shows as a Failure later.
void fill_large_mailbox(Bench& bench, const Options& options);

// A connection that has selected it.
net::Task<ImapClient> open_large_mailbox(Bench& bench, const Options& options);

}  // namespace hongyan::load
