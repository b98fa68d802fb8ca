// What a provider's refusal means for those who set up the route.
#pragma once

#include <optional>
#include <string>

#include "config/route.h"
#include "smtp_client/outgoing.h"
#include "smtp_client/report.h"

namespace hongyan::outbound {

// What to do about a refusal of this next hop, in addition to what it says itself; empty: nothing is known.
std::string explain(const config::NextHop& hop, const smtp_client::Outcome& outcome);

// Why the provider would refuse a message that is not of the user who logs in, before it is sent; nothing if
// it would not.
std::optional<std::string> complaint_about_sender(const config::Provider& provider, std::string_view user,
                                                  const smtp_client::Outgoing& outgoing);

}  // namespace hongyan::outbound
