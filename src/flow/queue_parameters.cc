#include "flow/queue_parameters.h"

#include "base/ascii.h"
#include "message/field.h"

namespace hongyan::flow {

std::string body_of(const smtp::MailParameters& parameters) {
    switch (parameters.body) {
        case smtp::Body::seven_bit:
            return {};
        case smtp::Body::eight_bit:
            return "8BITMIME";
        case smtp::Body::binary:
            return "BINARYMIME";
    }
    return {};
}

std::string return_of(const smtp::MailParameters& parameters) {
    switch (parameters.wanted_return) {
        case smtp::Return::unsaid:
            return {};
        case smtp::Return::headers:
            return "HDRS";
        case smtp::Return::full:
            return "FULL";
    }
    return {};
}

Instant release_of(const smtp::Envelope& envelope, Instant now) {
    const auto& parameters = envelope.parameters;
    if (parameters.hold_until) return *parameters.hold_until;
    if (!parameters.hold_for) return {};
    return (envelope.begun == Instant{} ? now : envelope.begun) + *parameters.hold_for;
}

queue::DeliverBy deadline_of(const smtp::Envelope& envelope, Instant now) {
    const auto& by = envelope.parameters.deliver_by;
    if (!by) return {};
    using Mode = queue::DeliverBy::Mode;
    return {.mode = by->mode == smtp::DeliverBy::Mode::notify ? Mode::notify : Mode::send_back,
            .deadline = (envelope.begun == Instant{} ? now : envelope.begun) + by->remaining,
            .trace = by->trace};
}

bool needs_no_tls(std::string_view header) {
    bool says_no = false;
    for (const auto& field : message::Fields(header)) {
        if (!field.is("TLS-Required")) continue;
        if (says_no || !ascii::iequals(message::unfold(field.value), "No")) return false;
        says_no = true;
    }
    return says_no;
}

}  // namespace hongyan::flow
