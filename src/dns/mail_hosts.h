// Which hosts take the mail of a domain, and in which order they are tried (RFC 5321 §5.1).
#pragma once

#include <algorithm>
#include <expected>
#include <string>
#include <vector>

#include "base/random.h"
#include "dns/answer.h"

namespace hongyan::dns {

struct MailHost {
    Name name;
    std::uint16_t preference = 0;
    friend bool operator==(const MailHost&, const MailHost&) = default;
};

struct MailHosts {
    std::vector<MailHost> hosts;  // in the order to try them; never empty
    bool implicit = false;        // the domain itself, for it has no MX
    // The MX records, or that there are none, is certain: without it DANE is of no use (RFC 7672 §2.2.1).
    bool secure = false;
};

// Why mail for a domain goes nowhere, as replies and reports say it (RFC 3463).
struct NoRoute {
    bool permanent = false;
    std::string status;  // enhanced status code, "5.1.10"
    std::string text;    // for a person
    friend bool operator==(const NoRoute&, const NoRoute&) = default;
};

// More hosts and addresses than these nobody needs, and a hostile domain may name thousands.
struct RouteLimits {
    std::size_t hosts = 20;
    std::size_t addresses = 10;  // of one host
};

// By preference, those of equal preference shuffled (RFC 5321 §5.1). Without MX the domain itself. A null MX
// (RFC 7505), no such domain, and MX records of which none names a host are permanent failures. `ours` are
// the names under which we receive mail: if one is among the hosts, it and all that are no better are left
// out, for they would send the mail back to us; if nobody is left, that is a loop (5.4.6).
std::expected<MailHosts, NoRoute> choose_hosts(const Name& domain, const Answer<Mx>& answer,
                                               std::span<const Name> ours, Random& random,
                                               const RouteLimits& limits = {});

// Whether the domain of a sender says that it takes no mail, so that no report could ever reach him:
// 550 5.7.27 (RFC 7505 §4.1).
bool is_null_mx(const Answer<Mx>& answer);

// The addresses of one host in the order to try them.
struct HostAddresses {
    std::vector<IpAddress> addresses;  // never empty
    bool secure = false;               // all that was answered is (RFC 7672 §2.2.2)
    Name canonical;                    // where CNAMEs led; RFC 5321 §5.1 forbids them at an MX, all take them
    std::chrono::seconds ttl{};
};

// IPv6 and IPv4 take turns, IPv6 first, so that a family that does not work costs one attempt, not all
// (RFC 8305 §4). `avoid` are our own addresses: a host that has one of them is ourselves (5.4.6). That one of
// the two questions failed does not matter if the other has addresses.
std::expected<HostAddresses, NoRoute> choose_addresses(const Name& host, const Answer<A>& ipv4,
                                                       const Answer<Aaaa>& ipv6,
                                                       std::span<const IpAddress> avoid, Random& random,
                                                       const RouteLimits& limits = {});

// What DANE says about a host (RFC 7672 §2.2).
struct HostTlsa {
    enum class Status {
        none,     // no secure TLSA records: DANE does not apply
        found,    // secure records, usable or not: TLS is a must (RFC 7672 §2.2)
        trouble,  // it cannot be known: the host must not be used now (RFC 7672 §2.1.2)
    };
    Status status = Status::none;
    std::vector<dns::Tlsa> records;  // all of them
    dns::Name base;                  // the TLSA base domain under which they were found (RFC 7672 §2.2.2)
    std::string why;                 // of trouble

    // Something in them can be checked (RFC 7672 §2.2: if not, TLS is a must, but nobody can be verified).
    bool is_usable() const {
        return status == Status::found && std::ranges::any_of(records, &Tlsa::is_usable);
    }
};

}  // namespace hongyan::dns
