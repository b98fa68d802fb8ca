// The way to a destination: hosts to be tried one after the other, and what each must prove.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "dns/ip_address.h"
#include "net/mail_route.h"
#include "net/tls_client.h"
#include "smtp_client/report.h"

namespace hongyan::outbound {

struct Settings;

// One host of the way, with its addresses in the order to try them.
struct Stop {
    std::string name;
    std::vector<dns::IpAddress> addresses;
    net::TlsDemand demand;
    bool must_encrypt = false;
    std::string policy;  // as the history calls it
};

// Whom ways ask.
struct Guides {
    net::Resolver& resolver;
    const net::Ourselves& ourselves;
    Random& random;
};

// The names of the hosts for a destination, as its MX records or itself tell; or why there are none, as an
// outcome for every recipient.
net::Task<std::expected<dns::MailHosts, smtp_client::Outcome>> find_stops(Guides guides,
                                                                          std::string destination,
                                                                          net::Deadline deadline);

// What is to be known about one host before it is called.
net::Task<std::expected<Stop, smtp_client::Outcome>> find_stop(Guides guides, const Settings& settings,
                                                               std::string destination, dns::MailHosts hosts,
                                                               dns::Name host, net::Deadline deadline);

}  // namespace hongyan::outbound
