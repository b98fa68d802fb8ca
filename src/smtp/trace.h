// The fields by which a message shows its way (RFC 5321 §4.4).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "smtp/envelope.h"

namespace hongyan::smtp {

// How often the header, up to the first empty line, says Received (RFC 5321 §6.3).
std::size_t count_received_fields(std::string_view message);

// "Received: from … by … with ESMTPSA id … for <…>; date" with its CRLF, folded. `recipient` null: it is left
// out, since one recipient need not know of the others (RFC 5321 §7.6). Of the parameters it tells SMTPUTF8
// and MT-PRIORITY.
std::string received_field(const Client& client, std::string_view by, std::string_view id,
                           const Path& recipient, const MailParameters& parameters, Instant when);

// "Return-Path: <…>" with its CRLF: for the last delivery only (RFC 5321 §4.4).
std::string return_path_field(const Path& sender);
std::string delivered_to_field(const Path& recipient);

// ESMTPSA and the like (RFC 3848 §1, RFC 6531 §4.3).
std::string with_protocol(const Client& client, bool smtputf8);

}  // namespace hongyan::smtp
