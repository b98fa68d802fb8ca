// The way to a domain's mail hosts, found by asking a Resolver. What the answers mean is decided in
// dns/mail_hosts.h; here is only the asking.
#pragma once

#include "dns/mail_hosts.h"
#include "net/resolver.h"

namespace hongyan::net {

// Who we are, so that mail does not come back to us. The lists must outlive the tasks.
struct Ourselves {
    std::vector<dns::Name> names;
    std::vector<dns::IpAddress> addresses;
};

// Resolver, randomness and ourselves outlive the task; the deadline is for the whole.
Task<std::expected<dns::MailHosts, dns::NoRoute>> find_hosts(Resolver& resolver, dns::Name domain,
                                                             const Ourselves& ourselves, Random& random,
                                                             Deadline deadline);

// Asks for IPv4 and IPv6 at once.
Task<std::expected<dns::HostAddresses, dns::NoRoute>> find_addresses(Resolver& resolver, dns::Name host,
                                                                     const Ourselves& ourselves,
                                                                     Random& random, Deadline deadline);

using HostTlsa = dns::HostTlsa;

// Asked under the name where CNAMEs led, if all was secure till there, else under the host's own name, if at
// least that is secure (RFC 7672 §2.2.2).
Task<HostTlsa> find_tlsa(Resolver& resolver, dns::Name host, dns::HostAddresses addresses, std::uint16_t port,
                         Deadline deadline);

}  // namespace hongyan::net
