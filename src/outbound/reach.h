// Which addresses the names of strangers may lead to.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "dns/ip_address.h"
#include "net/mail_route.h"
#include "outbound/settings.h"
#include "smtp_client/report.h"

namespace hongyan::outbound {

// Whoever has a domain may let its names lead to any address: to this machine, or to hosts behind our
// firewall which trust us. Those are not called, but for networks of which the settings say so. Routes are
// free.
bool may_be_called(const Settings& settings, const dns::IpAddress& address);

// The same for the web servers of policies and reports, whose names are strangers' too: what listens on this
// machine trusts it. Its own addresses (`ours`) are asked only in networks of which the settings say so.
bool may_be_asked(const Settings& settings, const net::Ourselves& ours, const dns::IpAddress& address);

// Why nobody calls any of them, as the outcome for the mail: 5.4.6 if it would come back to this machine,
// else 5.4.4 (RFC 3463 §3.5). Nothing if one of them may be called.
std::optional<smtp_client::Outcome> complaint_about(const Settings& settings, std::string_view host,
                                                    std::span<const dns::IpAddress> addresses);

}  // namespace hongyan::outbound
