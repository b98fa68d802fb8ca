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

// Goes through the places of a text where a link begins, in their order. Colons and dots are rare, so that
// this is faster by far than to look at every letter.
class Beginnings {
public:
    explicit Beginnings(std::string_view text) : text_(text), url_(text.find("://")), name_(name_from(0)) {}

    // From `at` on, which never falls; npos: nowhere.
    std::size_t next(std::size_t at) {
        if (url_ < at) url_ = text_.find("://", at);
        if (name_ < at) name_ = name_from(at);
        return std::min(url_, name_);
    }

private:
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

}  // namespace

void add_link_domains(std::string_view text, std::vector<dns::Name>& domains) {
    constexpr std::size_t most_links = 2'000;  // each is some microseconds of work
    Beginnings beginnings(text);
    std::size_t at = beginnings.next(0);
    for (std::size_t links = 0; at != text.npos && domains.size() < most_link_domains && links < most_links;
         ++links) {
        const auto rest = text.substr(at);
        add_host(host_of(rest.starts_with("://") ? rest.substr(3) : rest), domains);
        at = beginnings.next(at + 1);
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
