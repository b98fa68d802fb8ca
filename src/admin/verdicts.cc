#include "admin/verdicts.h"

#include <charconv>

#include "admin/services.h"
#include "base/ascii.h"
#include "base/file.h"
#include "dns/unmapped.h"
#include "message/line_ends.h"
#include "net/endpoint.h"

namespace hongyan::admin {

namespace {

constexpr auto patience = std::chrono::seconds(6);  // for one answer
constexpr std::size_t largest_message = std::size_t{1} << 30U;

bool is_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), port);
    return error == std::errc() && end == text.end() && port != 0;
}

bool is_host_name(std::string_view text) {
    return std::ranges::any_of(text, ascii::is_alpha) && dns::Name::parse(text).has_value();
}

// The addresses of that host, as libunbound wants them; of a name, those that this machine knows.
Result<std::vector<std::string>> servers_at(std::string_view host, std::string_view port) {
    if (!is_port(port)) return fail(Error::Kind::invalid, "\"{}\" is not the number of a port", port);
    if (host == "localhost") host = "127.0.0.1";
    if (dns::IpAddress::parse(host)) return std::vector{fmt::format("{}@{}", host, port)};
    if (!is_host_name(host))
        return fail(Error::Kind::invalid, "\"{}\" is neither an address nor the name of a host", host);
    const auto found = net::Endpoint::resolve(std::string(host), 0);
    if (!found) return fail(Error::Kind::invalid, "{}", found.error().message);
    std::vector<std::string> servers;
    for (const auto& each : *found) servers.push_back(fmt::format("{}@{}", each.address(), port));
    return servers;
}

// HOST:PORT, [HOST]:PORT or HOST.
Result<std::vector<std::string>> servers_named(std::string_view text) {
    auto host = text;
    std::string_view port = "53";
    const bool bare_ipv6 = !text.starts_with('[') && std::ranges::count(text, ':') > 1;
    if (const auto colon = text.find_last_of(":@");
        colon != text.npos && !bare_ipv6 && !text.ends_with(']')) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
    }
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    auto servers = servers_at(host, port);
    if (servers) return servers;
    return fail(Error::Kind::invalid, "--resolver takes a host and a port, as 127.0.0.1:5353, not \"{}\": {}",
                text, servers.error().message);
}

Result<net::ResolverSettings> resolver_settings(const Call& call) {
    if (call.values.given(resolver_option.name)) {
        TRY(auto servers, servers_named(call.values.text(resolver_option.name)));
        return net::ResolverSettings{.servers = std::move(servers), .trust_anchor = {}, .hosts = {}};
    }
    const auto& dns = call.services.settings.config.dns;
    return net::ResolverSettings{
        .servers = dns.servers, .trust_anchor = dns.trust_anchor, .hosts = dns.hosts, .cache = dns.cache};
}

// The sender as it is, in its brackets or with a source route, which counts for nothing (RFC 5321 §4.1.1.3).
std::string sender_of(std::string_view text) {
    text = ascii::trim(text);
    if (!text.starts_with('<') || !text.ends_with('>')) return std::string(text);
    text = text.substr(1, text.size() - 2);
    if (const auto colon = text.find(':'); text.starts_with('@') && colon != text.npos)
        text.remove_prefix(colon + 1);
    return std::string(text);
}

}  // namespace

Result<verify::SpfQuery> spf_query_of(const Call& call) {
    const auto client = dns::IpAddress::parse(ascii::trim(call.values.text("ip")));
    if (!client)
        return fail(Error::Kind::invalid, "--ip takes an address, not \"{}\"", call.values.text("ip"));
    auto sender = sender_of(call.values.text_or("mail-from", ""));
    auto helo = std::string(ascii::trim(call.values.text_or("helo", "")));
    return verify::SpfQuery{.client = dns::unmapped(*client),
                            .helo = std::move(helo),
                            .sender = std::move(sender),
                            .receiver = call.values.text_or("receiver", "unknown"),
                            .now = call.services.clock.now()};
}

Result<Names> Names::make(const Call& call) {
    TRY(const auto settings, resolver_settings(call));
    TRY(auto resolver, net::BlockingResolver::make(settings));
    return Names(std::move(resolver));
}

std::vector<dns::RawAnswer> Names::ask(const std::vector<dns::Question>& questions) {
    return resolver_->ask(questions, std::min(end_, net::after(patience)));
}

Result<std::string> message_of(const Call& call) {
    const auto file = call.values.text_or(message_file.name, "-");
    TRY(auto raw,
        file == "-" ? Result<std::string>(call.console.input) : read_file(call.path(file), largest_message));
    switch (message::line_ends(raw)) {
        case message::LineEnds::lf:
            return message::to_crlf(raw);
        case message::LineEnds::mixed:
            return message::to_crlf(message::to_lf(raw));
        default:
            return raw;
    }
}

void show_verdict(const Call& call, const boost::json::object& object,
                  const std::vector<std::string>& lines) {
    if (call.values.given(json_object_flag.name)) return call.say(printable(boost::json::serialize(object)));
    for (const auto& line : lines) call.say(printable(line));
}

}  // namespace hongyan::admin
