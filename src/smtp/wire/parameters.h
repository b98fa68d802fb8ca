// The parameters of MAIL and RCPT (RFC 5321 §4.1.1.11): a table for each, with the extension they belong to.
#pragma once

#include <expected>
#include <string_view>

#include "smtp/envelope.h"
#include "smtp/wire/reply.h"

namespace hongyan::smtp {

// `text` is what follows the path. The reply says what was wrong: 555 for a parameter that we do not know,
// 501 for a value that the grammar does not allow (RFC 5321 §4.1.1.11).
std::expected<MailParameters, StandardReply> parse_mail_parameters(std::string_view text);

struct RecipientParameters {
    Notify notify = {};
    std::optional<OriginalRecipient> original = {};
};
std::expected<RecipientParameters, StandardReply> parse_recipient_parameters(std::string_view text);

// Back to what stands after the path, with a space before each; for the queue's listings and for sending on.
std::string to_text(const MailParameters& parameters);
std::string to_text(const Notify& notify);
std::string to_text(const DeliverBy& by);
// "NEVER", "SUCCESS,DELAY"; empty if nothing was said.
std::string value_of(const Notify& notify);

}  // namespace hongyan::smtp
