// POP3 as the server offers it.
#pragma once

#include "server/service.h"

namespace hongyan::server {

net::Task<Ending> serve_pop3(Conversation& conversation, const Circumstances& circumstances);

}  // namespace hongyan::server
