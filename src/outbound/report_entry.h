// Reports of ours as entries of the queue.
#pragma once

#include <optional>
#include <string>

#include "engine/engine.h"
#include "flow/world.h"
#include "message/address.h"

namespace hongyan::outbound {

struct ReportMail {
    message::Address to;
    std::string text;  // the whole message with CRLF
    std::string sender =
        {};  // empty: from nobody, so that no bounce leads to another report (RFC 5321 §4.5.5)
    // It goes whatever TLS comes to, for that may be what it tells of (RFC 8460 §3, RFC 8689 §5).
    bool goes_without_tls = false;
};

// The part of a commit that puts it there, signed as its author's domain signs; nobody is told what becomes
// of it. Packs the message and reads the domain's keys, so it is for a worker.
engine::Part entry_of(const flow::World& world, const ReportMail& mail);
// The same for a report that is worth nothing without a signature: none if no key of its author's domain has
// signed it.
std::optional<engine::Part> signed_entry_of(const flow::World& world, const ReportMail& mail);

}  // namespace hongyan::outbound
