#include "spam/links.h"

#include <algorithm>

#include "base/ascii.h"
#include "dns/ip_address.h"
#include "message/body_text.h"
#include "message/structure.h"
#include "verify/public_suffix.h"

namespace hongyan::spam {

namespace {

constexpr std::size_t longest_authority = 320;  // bytes: user, host and port (RFC 3986 §3.2)

bool ends_authority(char c) {
    constexpr std::string_view ends = "/?#\\\"'<>()[]{}|,;";
    return ascii::is_space(c) || ascii::is_control(c) || ends.find(c) != ends.npos;
}

// authority = [userinfo "@"] host [":" port]   RFC 3986 §3.2
std::string_view host_of(std::string_view text) {
    const auto whole = text.substr(0, longest_authority);
    const auto end = std::ranges::find_if(whole, ends_authority);
    auto host = whole.substr(0, static_cast<std::size_t>(end - whole.begin()));
    if (const auto at = host.rfind('@'); at != host.npos) host.remove_prefix(at + 1);
    host = host.substr(0, host.find(':'));
    while (host.ends_with('.')) host.remove_suffix(1);
    return host;
}

void add_host(std::string_view host, std::vector<dns::Name>& domains) {
    if (dns::IpAddress::parse(host)) return;
    const auto name = dns::Name::parse(host);
    if (!name) return;
    const auto domain = verify::registrable_domain(*name);
    if (domain && std::ranges::find(domains, *domain) == domains.end()) domains.push_back(*domain);
}

// From there on, where "://" or "www." may begin.
std::size_t next_beginning(std::string_view text, std::size_t at) {
    const auto is_w = [](char c) { return c == 'w' || c == 'W'; };
    for (; at + 3 < text.size(); ++at) {
        const char c = text[at], next = text[at + 1];
        if ((c == ':' && next == '/') || (is_w(c) && is_w(next))) return at;
    }
    return text.npos;
}

}  // namespace

void add_link_domains(std::string_view text, std::vector<dns::Name>& domains) {
    constexpr std::size_t most_links = 2'000;  // each is some microseconds of work
    std::size_t links = 0;
    for (std::size_t at = 0; domains.size() < most_link_domains && links < most_links; ++at) {
        at = next_beginning(text, at);
        if (at == text.npos) return;
        const auto rest = text.substr(at);
        const bool is_url = rest.starts_with("://");
        const bool is_name =
            !is_url && ascii::istarts_with(rest, "www.") && (at == 0 || !ascii::is_alnum(text[at - 1]));
        if (!is_url && !is_name) continue;
        ++links;
        add_host(host_of(is_url ? rest.substr(3) : rest), domains);
    }
}

std::vector<dns::Name> link_domains(std::string_view raw) {
    std::vector<dns::Name> domains;
    const auto structure = message::parse(raw);
    std::size_t seen = 0;
    for (const auto& part : structure.parts) {
        if (!part.is_text() || domains.size() >= most_link_domains || seen >= most_link_text) continue;
        if (part.body_size() > 2 * most_link_text) continue;
        const auto text = message::text_of(part, raw);
        add_link_domains(std::string_view(text).substr(0, most_link_text - seen), domains);
        seen += std::min(text.size(), most_link_text - seen);
    }
    return domains;
}

}  // namespace hongyan::spam
