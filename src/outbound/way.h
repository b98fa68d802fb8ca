// The way to a destination: hosts to be tried one after the other, and what each must prove.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "config/route.h"
#include "dns/ip_address.h"
#include "net/mail_route.h"
#include "net/tls_client.h"
#include "outbound/sts_policies.h"
#include "smtp_client/report.h"
#include "smtp_client/settings.h"
#include "tls_policy/decide.h"
#include "tls_policy/tls_report.h"

namespace hongyan::outbound {

struct Settings;

// The hosts of a destination, and what is known of their TLS before they are asked.
struct Way {
    dns::Name domain;
    dns::MailHosts hosts;
    StsFinding sts;
    tls_policy::SenderWish wish = tls_policy::SenderWish::none;
};

// One host of the way, with its addresses in the order to try them.
struct Stop {
    std::string name;
    std::vector<dns::IpAddress> addresses;
    net::TlsDemand demand;
    // How it is spoken to.
    smtp_client::StartTls starttls = smtp_client::StartTls::if_offered;
    bool tls_from_the_first_byte = false;  // RFC 8314 §3.3
    std::uint16_t port = 0;                // 0: that of the settings
    smtp_client::Service service = smtp_client::Service::smtp;
    bool requiretls = false;  // it must offer REQUIRETLS (RFC 8689 §4.2.1)
    // That this host takes mail for the destination is certain, so its certificate proves something: the name
    // is that of the destination or of a route, or DNSSEC or MTA-STS vouch for it (RFC 8689 §4.2.1, step 2).
    bool name_is_sure = false;
    std::string policy;  // as the history calls it
    std::string why;     // TLS is demanded: "MTA-STS: the policy of example.net"; empty: it is not
    // For reports (RFC 8460): which policy applied, and what MTA-STS in mode testing would have said.
    tls_policy::ReportedPolicy reported;
    bool sts_testing = false;
    bool sts_testing_mismatch = false;
};

// Why a host is not called.
struct Detour {
    smtp_client::Outcome why;
    std::string policy;  // as the history calls it; empty: TLS has nothing to do with it
    // For reports; success: there is nothing to report.
    tls_policy::TlsResult result = tls_policy::TlsResult::success;
    tls_policy::ReportedPolicy reported = {};
};

// Whom ways ask.
struct Guides {
    net::Resolver& resolver;
    const net::Ourselves& ourselves;
    Random& random;
    StsPolicies& sts;
};

// The hosts for a destination, as its MX records or itself tell; or why there are none, as an outcome for
// every recipient. The settings outlive the task.
net::Task<std::expected<Way, smtp_client::Outcome>> find_way(Guides guides, const Settings& settings,
                                                             std::string destination,
                                                             tls_policy::SenderWish wish);

// What is to be known about one host of the way before it is called. Settings and way outlive the task.
net::Task<std::expected<Stop, Detour>> find_stop(Guides guides, const Settings& settings, const Way& way,
                                                 dns::Name host, net::Deadline deadline);

// A destination that is an address itself: no policy speaks of it, and no certificate is for it.
std::expected<Stop, Detour> stop_at(const Settings& settings, std::string name, const dns::IpAddress& address,
                                    tls_policy::SenderWish wish);

// The names of the hosts behind a next hop with a host: itself, or its MX.
struct HopHosts {
    std::vector<std::string> names;
    bool secure = false;  // said by the route, or by DNS with signatures
    StsFinding sts = {};  // of the next hop's name, which is the policy domain (RFC 8461 §3.4)
};
// The settings outlive the task.
net::Task<std::expected<HopHosts, smtp_client::Outcome>> find_hop_hosts(Guides guides,
                                                                        const Settings& settings,
                                                                        config::NextHop hop,
                                                                        net::Deadline deadline);

// One of these hosts; its certificate is as the route, or an MTA-STS policy of the next hop, has it.
net::Task<std::expected<Stop, Detour>> find_hop_stop(Guides guides, config::NextHop hop, StsFinding sts,
                                                     std::string host, net::Deadline deadline);

// A next hop as a stop that is called `name`, without addresses.
Stop stop_of(const config::NextHop& hop, std::string name);

}  // namespace hongyan::outbound
