#include "net/mail_route.h"

#include "net/both.h"

namespace hongyan::net {

Task<std::expected<dns::MailHosts, dns::NoRoute>> find_hosts(Resolver& resolver, dns::Name domain,
                                                             const Ourselves& ourselves, Random& random,
                                                             Deadline deadline) {
    const auto answer = co_await look_up<dns::Mx>(resolver, domain, deadline);
    co_return dns::choose_hosts(domain, answer, ourselves.names, random);
}

Task<std::expected<dns::HostAddresses, dns::NoRoute>> find_addresses(Resolver& resolver, dns::Name host,
                                                                     const Ourselves& ourselves,
                                                                     Random& random, Deadline deadline) {
    const auto [ipv4, ipv6] = co_await both(look_up<dns::A>(resolver, host, deadline),
                                            look_up<dns::Aaaa>(resolver, host, deadline));
    co_return dns::choose_addresses(host, ipv4, ipv6, ourselves.addresses, random);
}

namespace {

// Nothing: ask elsewhere. A name that cannot be made is none that could have records.
Task<std::optional<HostTlsa>> tlsa_at(Resolver& resolver, dns::Name base, std::uint16_t port,
                                      Deadline deadline) {
    auto name = base.under(fmt::format("_{}._tcp", port));
    if (!name) co_return std::nullopt;
    auto answer = co_await look_up<dns::Tlsa>(resolver, *std::move(name), deadline);
    if (answer.is_trouble())
        co_return HostTlsa{HostTlsa::Status::trouble,
                           {},
                           base,
                           fmt::format("the TLSA records of {} cannot be had: {}", base.text(), answer.why)};
    if (!answer.is_found() || !answer.secure) co_return std::nullopt;
    co_return HostTlsa{HostTlsa::Status::found, std::move(answer.records), base, {}};
}

}  // namespace

Task<HostTlsa> find_tlsa(Resolver& resolver, dns::Name host, dns::HostAddresses addresses, std::uint16_t port,
                         Deadline deadline) {
    const bool is_alias = !addresses.canonical.is_root() && addresses.canonical != host;
    if (!addresses.secure) {
        if (!is_alias) co_return HostTlsa{};
        const auto alias = co_await look_up<dns::Cname>(resolver, host, deadline);
        // RFC 7672 §2.1.2: who keeps answers back must not get plain text for it.
        if (alias.is_trouble()) co_return HostTlsa{HostTlsa::Status::trouble, {}, host, alias.why};
        if (!alias.is_found() || !alias.secure) co_return HostTlsa{};
    } else if (is_alias) {
        if (auto found = co_await tlsa_at(resolver, addresses.canonical, port, deadline))
            co_return *std::move(found);
    }
    auto found = co_await tlsa_at(resolver, host, port, deadline);
    co_return found ? *std::move(found) : HostTlsa{};
}

}  // namespace hongyan::net
