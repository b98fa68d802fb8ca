// IMAP as the server offers it.
#pragma once

#include "server/service.h"

namespace hongyan::server {

net::Task<Ending> serve_imap(Conversation& conversation, const Circumstances& circumstances);

}  // namespace hongyan::server
