#include "dns/mail_hosts.h"

namespace hongyan::dns {

namespace {

std::unexpected<NoRoute> never(std::string_view status, std::string text) {
    return std::unexpected(NoRoute{true, std::string(status), std::move(text)});
}

// RFC 3463 §3.5: X.4.3, the directory server has failed.
std::unexpected<NoRoute> later(std::string text) {
    return std::unexpected(NoRoute{false, "4.4.3", std::move(text)});
}

std::unexpected<NoRoute> loops(const Name& domain) {
    return never("5.4.6",
                 fmt::format("mail for {} leads back to this server, which does not keep it", domain.text()));
}

std::string trouble(const Name& name, std::string_view what, Status status, std::string_view why) {
    const auto doing = status == Status::bogus ? "signatures of DNS are wrong for" : "DNS did not answer for";
    return fmt::format("{} the {} of {}{}{}", doing, what, name.text(), why.empty() ? "" : ": ", why);
}

// Fisher and Yates: every order is as likely.
template <typename Item>
void shuffle(std::span<Item> items, Random& random) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.number() % i]);
}

// An exchange that can be looked up. Who writes an address there ("192.0.2.1.") has no host (RFC 1035
// §3.3.9).
bool names_a_host(const Mx& record) {
    return !record.exchange.is_root() && !IpAddress::parse(record.exchange.text());
}

template <typename Item>
bool is_among(std::span<const Item> items, const Item& item) {
    return std::ranges::find(items, item) != items.end();
}

std::vector<MailHost> sorted(const std::vector<Mx>& records, Random& random) {
    std::vector<std::pair<MailHost, std::uint64_t>> drawn;  // lots decide among equals
    for (const auto& record : records)
        if (names_a_host(record)) drawn.push_back({{record.exchange, record.preference}, random.number()});
    std::ranges::sort(drawn, {}, [](const auto& one) { return std::pair(one.first.preference, one.second); });
    std::vector<MailHost> hosts;
    for (auto& [host, lot] : drawn)  // who is named twice has the better place
        if (std::ranges::find(hosts, host.name, &MailHost::name) == hosts.end())
            hosts.push_back(std::move(host));
    return hosts;
}

// Only who stands before us takes mail from us.
void drop_from_ourselves_on(std::vector<MailHost>& hosts, std::span<const Name> ours) {
    const auto us =
        std::ranges::find_if(hosts, [&](const MailHost& host) { return is_among(ours, host.name); });
    if (us == hosts.end()) return;
    const auto preference = us->preference;
    std::erase_if(hosts, [=](const MailHost& host) { return host.preference >= preference; });
}

std::expected<MailHosts, NoRoute> by_records(const Name& domain, const Answer<Mx>& answer,
                                             std::span<const Name> ours, Random& random,
                                             const RouteLimits& limits) {
    if (is_null_mx(answer)) return never("5.1.10", fmt::format("{} takes no mail", domain.text()));
    MailHosts route{.hosts = sorted(answer.records, random), .implicit = false, .secure = answer.secure};
    if (route.hosts.empty())
        return never("5.4.4", fmt::format("none of the MX records of {} names a host", domain.text()));
    drop_from_ourselves_on(route.hosts, ours);
    if (route.hosts.empty()) return loops(domain);
    if (route.hosts.size() > limits.hosts) route.hosts.resize(limits.hosts);
    return route;
}

}  // namespace

bool is_null_mx(const Answer<Mx>& answer) {
    return answer.is_found() && answer.records.size() == 1 && answer.records.front().exchange.is_root();
}

std::expected<MailHosts, NoRoute> choose_hosts(const Name& domain, const Answer<Mx>& answer,
                                               std::span<const Name> ours, Random& random,
                                               const RouteLimits& limits) {
    switch (answer.status) {
        case Status::found:
            return by_records(domain, answer, ours, random, limits);
        case Status::no_domain:
            return never("5.1.2", fmt::format("there is no domain {}", domain.text()));
        case Status::failed:
        case Status::bogus:
            return later(trouble(domain, "MX records", answer.status, answer.why));
        case Status::no_data:
            break;
    }
    if (is_among(ours, domain)) return loops(domain);
    return MailHosts{.hosts = {{domain, 0}}, .implicit = true, .secure = answer.secure};
}

namespace {

// The trouble of the two answers, if one has it; A comes first.
std::optional<NoRoute> trouble_of(const Name& host, const Answer<A>& ipv4, const Answer<Aaaa>& ipv6) {
    if (ipv4.is_trouble()) return later(trouble(host, "address", ipv4.status, ipv4.why)).error();
    if (ipv6.is_trouble()) return later(trouble(host, "address", ipv6.status, ipv6.why)).error();
    return std::nullopt;
}

template <typename Record>
std::vector<IpAddress> addresses_of(const Answer<Record>& answer, Random& random) {
    std::vector<IpAddress> addresses;
    if (answer.is_found())
        for (const auto& record : answer.records) addresses.push_back(record.address);
    shuffle(std::span(addresses), random);
    return addresses;
}

std::vector<IpAddress> interleaved(const std::vector<IpAddress>& first,
                                   const std::vector<IpAddress>& second) {
    std::vector<IpAddress> out;
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size()) out.push_back(first[i]);
        if (i < second.size()) out.push_back(second[i]);
    }
    return out;
}

// A question that failed counts neither way: else whoever lets one fail could take DANE away from the other.
bool all_secure(const Answer<A>& ipv4, const Answer<Aaaa>& ipv6) {
    return (ipv4.secure || ipv4.is_trouble()) && (ipv6.secure || ipv6.is_trouble());
}

}  // namespace

std::expected<HostAddresses, NoRoute> choose_addresses(const Name& host, const Answer<A>& ipv4,
                                                       const Answer<Aaaa>& ipv6,
                                                       std::span<const IpAddress> avoid, Random& random,
                                                       const RouteLimits& limits) {
    auto all = interleaved(addresses_of(ipv6, random), addresses_of(ipv4, random));
    if (all.empty()) {
        if (auto reason = trouble_of(host, ipv4, ipv6)) return std::unexpected(*std::move(reason));
        return never("5.4.4", fmt::format("the host {} has no address", host.text()));
    }
    if (std::ranges::any_of(all, [&](const auto& own) { return is_among(avoid, own); })) return loops(host);
    if (all.size() > limits.addresses) all.resize(limits.addresses);
    const auto& canonical = ipv4.is_found() ? ipv4.canonical : ipv6.canonical;
    const auto ttl = !ipv6.is_found() ? ipv4.ttl : !ipv4.is_found() ? ipv6.ttl : std::min(ipv4.ttl, ipv6.ttl);
    return HostAddresses{
        .addresses = std::move(all), .secure = all_secure(ipv4, ipv6), .canonical = canonical, .ttl = ttl};
}

}  // namespace hongyan::dns
