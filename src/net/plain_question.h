// One question in plain DNS.
#pragma once

#include <string>
#include <vector>

#include "dns/answer.h"
#include "net/task.h"

namespace hongyan::net {

// Asks the servers ("192.0.2.53", "127.0.0.1@5353"), one after the other until one answers, by UDP and, if
// that is not enough, TCP (RFC 7766 §5). Nothing is cached and no signature is looked at, but a record that
// nobody else can read does not cost the others. For types whose records hold no names. `failed` if nobody
// answers before the deadline.
Task<dns::RawAnswer> ask_plainly(std::vector<std::string> servers, dns::Question question, Deadline deadline);

}  // namespace hongyan::net
