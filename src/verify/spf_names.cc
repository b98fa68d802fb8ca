#include "verify/spf_names.h"

#include <algorithm>

#include "base/ascii.h"

namespace hongyan::verify {

bool in_network(const dns::IpAddress& address, const dns::IpAddress& network, unsigned prefix) {
    const auto a = address.octets();
    const auto b = network.octets();
    if (a.size() != b.size()) return false;
    const auto whole = prefix / 8;
    if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
    if (prefix % 8 == 0) return true;
    const auto mask = 0xffU << (8 - prefix % 8);
    return ((static_cast<unsigned char>(a[whole]) ^ static_cast<unsigned char>(b[whole])) & mask & 0xffU) ==
           0;
}

std::string without_last_dot(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    return std::string(name);
}

std::string spf_domain_of(std::string_view said) {
    if (ascii::all_ascii(said)) return without_last_dot(said);
    const auto name = dns::Name::parse(said);
    return name ? name->text() : std::string(said);
}

SpfSender sender_of(const SpfQuery& query, SpfIdentity identity) {
    constexpr std::string_view nobody = "postmaster";
    if (identity == SpfIdentity::helo || query.sender.empty())
        return {std::string(nobody), spf_domain_of(query.helo)};
    const auto at = query.sender.rfind('@');
    if (at == std::string::npos) return {std::string(nobody), spf_domain_of(query.sender)};
    return {at == 0 ? std::string(nobody) : query.sender.substr(0, at),
            spf_domain_of(query.sender.substr(at + 1))};
}

std::optional<dns::Name> name_of(std::string_view text) {
    if (text.ends_with('.')) return std::nullopt;
    auto name = dns::Name::computed(text);
    return name ? std::optional(*std::move(name)) : std::nullopt;
}

std::optional<dns::Name> domain_to_check(std::string_view domain) {
    if (domain.starts_with('[') || dns::IpAddress::parse(domain)) return std::nullopt;
    auto name = name_of(domain);
    return name && name->text().contains('.') ? name : std::nullopt;
}

std::string dotted(const dns::IpAddress& address) {
    if (!address.is_ipv6()) return address.to_string();
    std::string out;
    for (const char octet : address.octets()) {
        const auto value = static_cast<unsigned char>(octet);
        out += fmt::format("{}{:X}.{:X}", out.empty() ? "" : ".", value >> 4U, value & 0xfU);
    }
    return out;
}

}  // namespace hongyan::verify
