// MAIL and RCPT with their parameters, as far as the peer understands them.
#pragma once

#include <string>

#include "smtp_client/form.h"
#include "smtp_client/outgoing.h"
#include "smtp_client/peer.h"

namespace hongyan::smtp_client {

// "MAIL FROM:<ann@here.test> SIZE=120 BODY=8BITMIME", with its line end.
std::string mail_command(const Outgoing& outgoing, const Form& form, const Peer& peer);

// "RCPT TO:<bob@there.test> NOTIFY=NEVER", with its line end. `address` is as `form` says it.
std::string recipient_command(const smtp::Recipient& recipient, std::string_view address, const Form& form,
                              const Peer& peer);

}  // namespace hongyan::smtp_client
