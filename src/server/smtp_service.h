// SMTP and LMTP as the server offers them.
#pragma once

#include "server/service.h"

namespace hongyan::server {

net::Task<Ending> serve_relay(Conversation& conversation, const Circumstances& circumstances);
net::Task<Ending> serve_submission(Conversation& conversation, const Circumstances& circumstances);
net::Task<Ending> serve_lmtp(Conversation& conversation, const Circumstances& circumstances);

}  // namespace hongyan::server
