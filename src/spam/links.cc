#include "spam/links.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "dns/ip_address.h"
#include "message/body_text.h"
#include "message/hex.h"
#include "message/html_text.h"
#include "message/structure.h"
#include "verify/public_suffix.h"

namespace hongyan::spam {

namespace {

constexpr std::size_t longest_authority = 320;  // bytes: user, host and port (RFC 3986 §3.2)

bool ends_authority(char c) {
    constexpr std::string_view ends = "/?#\\\"'<>()[]{}|,;";
    return ascii::is_space(c) || ascii::is_control(c) || ends.find(c) != ends.npos;
}

// "evil%2eexample" is looked up as evil.example (URL Standard §3.5).
std::string percent_decoded(std::string_view host) {
    std::string out;
    for (std::size_t i = 0; i < host.size(); ++i) {
        const auto byte = host[i] == '%' ? message::hex_byte(host.substr(i + 1)) : std::nullopt;
        out += byte.value_or(host[i]);
        if (byte) i += 2;
    }
    return out;
}

// authority = [userinfo "@"] host [":" port]   RFC 3986 §3.2
std::string host_in(std::string_view authority) {
    if (const auto at = authority.rfind('@'); at != authority.npos) authority.remove_prefix(at + 1);
    constexpr std::size_t longest_host = 4096;  // bytes, of which most may mean nothing
    if (authority.size() > longest_host) return {};
    auto host = percent_decoded(authority.substr(0, authority.find(':')));
    while (host.ends_with('.')) host.pop_back();
    return host;
}

std::string host_of(std::string_view text) {
    auto whole = text.substr(0, longest_authority);
    whole.remove_prefix(std::min(whole.find_first_not_of("/\\"), whole.size()));
    const auto end = std::ranges::find_if(whole, ends_authority);
    return host_in(whole.substr(0, static_cast<std::size_t>(end - whole.begin())));
}

// What is behind the colon of a scheme that has hosts, or of none; nothing: there is no host.
std::optional<std::string_view> behind_scheme(std::string_view url) {
    constexpr std::string_view schemes[] = {"http", "https", "ftp", "ws", "wss"};
    const auto colon = url.find(':');
    const auto is_scheme = [&](auto each) { return ascii::iequals(url.substr(0, colon), each); };
    if (colon != url.npos && std::ranges::any_of(schemes, is_scheme)) return url.substr(colon + 1);
    const auto slashes = url.find_first_not_of("/\\");
    return slashes != url.npos && slashes >= 2 ? std::optional(url) : std::nullopt;
}

// To whom an attribute leads, as browsers understand it (URL Standard §4.4): they pass over tabs and line
// ends wherever they stand, and take "\" for "/", of which there may be any number behind the scheme.
std::string host_of_target(std::string url) {
    std::erase_if(url, [](char c) { return c == '\t' || c == '\r' || c == '\n'; });
    const auto begin = std::ranges::find_if(url, [](char c) { return c != ' ' && !ascii::is_control(c); });
    url.erase(url.begin(), begin);
    auto rest = behind_scheme(url);
    if (!rest) return {};
    rest->remove_prefix(std::min(rest->find_first_not_of("/\\"), rest->size()));
    return host_in(ascii::trim(rest->substr(0, rest->find_first_of("/\\?#"))));
}

void add_host(std::string_view host, std::vector<dns::Name>& domains) {
    if (host.empty() || dns::IpAddress::parse(host)) return;
    const auto name = dns::Name::parse(host);
    if (!name) return;
    const auto domain = verify::registrable_domain(*name);
    if (domain && std::ranges::find(domains, *domain) == domains.end()) domains.push_back(*domain);
}

bool is_slash(char c) { return c == '/' || c == '\\'; }

// Goes through the places of a text where a link begins, in their order. Colons and dots are rare, so that
// this is faster by far than to look at every letter.
class Beginnings {
public:
    explicit Beginnings(std::string_view text) : text_(text), url_(url_from(0)), name_(name_from(0)) {}

    // From `at` on, which never falls; npos: nowhere.
    std::size_t next(std::size_t at) {
        if (url_ < at) url_ = url_from(at);
        if (name_ < at) name_ = name_from(at);
        return std::min(url_, name_);
    }

private:
    // The colon of "://", in which "\\" is as good as "/".
    std::size_t url_from(std::size_t at) const {
        for (auto colon = text_.find(':', at); colon != text_.npos; colon = text_.find(':', colon + 1))
            if (colon + 2 < text_.size() && is_slash(text_[colon + 1]) && is_slash(text_[colon + 2]))
                return colon;
        return text_.npos;
    }

    // "www." where a word begins.
    std::size_t name_from(std::size_t at) const {
        constexpr std::string_view mark = "www.";
        for (auto dot = text_.find('.', at); dot != text_.npos; dot = text_.find('.', dot + 1)) {
            if (dot + 1 < at + mark.size()) continue;
            const auto begin = dot + 1 - mark.size();
            const bool begins_word = begin == 0 || !ascii::is_alnum(text_[begin - 1]);
            if (begins_word && ascii::iequals(text_.substr(begin, mark.size()), mark)) return begin;
        }
        return text_.npos;
    }

    std::string_view text_;
    std::size_t url_, name_;  // the first of each behind what was asked for last
};

constexpr std::size_t most_links = 2'000;  // each is some microseconds of work

// What is not looked at need not be decoded; some of it is taken away by its encoding.
std::string front_of(const message::Part& part, std::string_view raw) {
    constexpr std::size_t most = 4 * most_link_text;
    if (part.body_size() <= most) return message::text_of(part, raw);
    auto front = part;
    front.end = part.body + most;
    return message::text_of(front, raw);
}

void add_html_domains(std::string_view html, std::vector<dns::Name>& domains) {
    for (auto& target : message::link_targets(html, most_links)) {
        if (domains.size() >= most_link_domains) return;
        add_host(host_of_target(std::move(target)), domains);
    }
    add_link_domains(message::decode_references(html), domains);
}

}  // namespace

void add_link_domains(std::string_view text, std::vector<dns::Name>& domains) {
    Beginnings beginnings(text);
    std::size_t at = beginnings.next(0);
    for (std::size_t links = 0; at != text.npos && domains.size() < most_link_domains && links < most_links;
         ++links) {
        const auto rest = text.substr(at);
        add_host(host_of(rest.starts_with(':') ? rest.substr(1) : rest), domains);
        at = beginnings.next(at + 1);
    }
}

std::vector<dns::Name> link_domains(std::string_view raw) {
    std::vector<dns::Name> domains;
    const auto structure = message::parse(raw);
    std::size_t seen = 0;
    for (const auto& part : structure.parts) {
        if (!part.is_text() || domains.size() >= most_link_domains || seen >= most_link_text) continue;
        const auto text = front_of(part, raw);
        const auto looked_at = std::string_view(text).substr(0, most_link_text - seen);
        if (part.type.is("text", "html"))
            add_html_domains(looked_at, domains);
        else
            add_link_domains(looked_at, domains);
        seen += std::min(text.size(), most_link_text - seen);
    }
    return domains;
}

}  // namespace hongyan::spam
