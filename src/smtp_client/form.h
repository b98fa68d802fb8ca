// The form in which a message goes to one peer, who may not understand all that it is.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "smtp_client/outgoing.h"
#include "smtp_client/peer.h"
#include "smtp_client/report.h"

namespace hongyan::smtp_client {

struct Form {
    std::string sender;  // without brackets
    smtp::Body body = smtp::Body::seven_bit;
    bool smtputf8 = false;
    bool in_chunks = false;
    std::string prefix = {};
    smtp::SharedMessage content = {};

    std::uint64_t size() const { return prefix.size() + content->size(); }
};

// Or the outcome for all recipients, if the peer cannot have the message.
std::expected<Form, Outcome> form_for(const Peer& peer, const Settings& settings, const Outgoing& outgoing);

// An address as `form` can say it, without brackets; or the outcome for that recipient.
std::expected<std::string, Outcome> address_for(const Form& form, const smtp::Path& path);

}  // namespace hongyan::smtp_client
