// What MAIL said of a message, in the words of the queue's entries.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "queue/entry.h"
#include "smtp/envelope.h"

namespace hongyan::flow {

// "8BITMIME" and its like; empty: 7 bits.
std::string body_of(const smtp::MailParameters& parameters);
// "HDRS" or "FULL"; empty: nothing was said (RFC 3461 §4.3).
std::string return_of(const smtp::MailParameters& parameters);

// When the message may leave (RFC 4865 §4.2); {}: at once.
Instant release_of(const smtp::Envelope& envelope, Instant now);

// RFC 2852 §4: the time counts from MAIL.
queue::DeliverBy deadline_of(const smtp::Envelope& envelope, Instant now);

// "TLS-Required: No", once (RFC 8689 §3).
bool needs_no_tls(std::string_view header);

}  // namespace hongyan::flow
