#include "spam/reach.h"

#include <algorithm>

#include "net/mail_route.h"

namespace hongyan::spam {

namespace {

using Endpoints = std::vector<net::Endpoint>;

// RFC 6761 §6.3: localhost is this machine, whoever is asked.
Endpoints local_endpoints(std::uint16_t port) {
    return {net::Endpoint::at(*dns::IpAddress::parse("127.0.0.1"), port),
            net::Endpoint::at(*dns::IpAddress::parse("::1"), port)};
}

net::Task<Result<Endpoints>> endpoints_of(const Means& means, config::FilterAddress address,
                                          net::Deadline deadline) {
    if (!address.socket.empty()) {
        auto endpoint = net::Endpoint::parse("unix:" + address.socket);
        if (!endpoint) co_return std::unexpected(std::move(endpoint).error());
        co_return Endpoints{*std::move(endpoint)};
    }
    if (const auto number = dns::IpAddress::parse(address.host))
        co_return Endpoints{net::Endpoint::at(*number, address.port)};
    if (address.host == "localhost") co_return local_endpoints(address.port);
    const auto name = dns::Name::parse(address.host);
    if (!name) co_return std::unexpected(name.error());
    const net::Ourselves nobody;
    const auto found = co_await net::find_addresses(means.resolver, *name, nobody, means.random, deadline);
    if (!found) co_return fail(Error::Kind::unavailable, "{}", found.error().text);
    Endpoints out;
    for (const auto& one : found->addresses) out.push_back(net::Endpoint::at(one, address.port));
    co_return out;
}

}  // namespace

net::Task<Result<std::unique_ptr<net::Stream>>> reach(const Means& means, config::FilterAddress address,
                                                      std::chrono::milliseconds patience) {
    const auto deadline = net::after(patience);
    auto endpoints = co_await endpoints_of(means, std::move(address), deadline);
    if (!endpoints) co_return std::unexpected(std::move(endpoints).error());
    const auto each = patience / static_cast<int>(std::max<std::size_t>(endpoints->size(), 1));
    net::Sources anywhere;
    auto connected =
        co_await net::connect_to_first(*std::move(endpoints), std::move(anywhere), each, deadline);
    if (!connected) co_return std::unexpected(std::move(connected).error());
    co_return std::move(connected->stream);
}

std::string on_one_line(std::string_view words) {
    constexpr std::size_t longest = 200;
    std::string out;
    for (const char c : words.substr(0, longest))
        out += static_cast<unsigned char>(c) < ' ' || c == '\x7f' ? ' ' : c;
    return out;
}

std::optional<smtp::Reply> refusal_without(config::WithoutFilter otherwise) {
    if (otherwise == config::WithoutFilter::defer) return smtp::ground("filter-away").plain();
    if (otherwise == config::WithoutFilter::reject) return smtp::ground("filter-missing").plain();
    return std::nullopt;
}

void do_without(config::WithoutFilter otherwise, std::string_view code, std::string_view name,
                std::string_view why, Judgement& judgement) {
    constexpr std::string_view consequences[] = {
        "so the message was put off", "and the message went on without it", "so the message was refused",
        "so the message is held in quarantine"};
    constexpr Disposition dispositions[] = {Disposition::defer, Disposition::accept, Disposition::reject,
                                            Disposition::quarantine};
    const auto index = static_cast<std::size_t>(otherwise);
    judgement.findings.push_back({std::string(code), fmt::format("{} could not be asked ({}), {}.", name,
                                                                 on_one_line(why), consequences[index])});
    judgement.demand(dispositions[index], refusal_without(otherwise));
}

std::string new_session_id(Random& random) {
    constexpr std::uint64_t forty_eight_bits = (std::uint64_t{1} << 48U) - 1;
    return fmt::format("{:012x}", random.number() & forty_eight_bits);
}

TlsWords tls_words(const smtp::Client& client) {
    const auto blank = std::min(client.security.find(' '), client.security.size());
    return {.version = client.security.substr(0, blank),
            .cipher = client.security.substr(std::min(blank + 1, client.security.size()))};
}

std::string in_brackets(const smtp::Path& path) { return "<" + smtp::to_string(path) + ">"; }

}  // namespace hongyan::spam
