#include "reputation/site.h"

#include "base/scanner.h"
#include "dns/ip_address.h"

namespace hongyan::reputation {

namespace {

constexpr unsigned mapped = 96;  // bits before an IPv4 address (RFC 4291 §2.5.5.2)
constexpr unsigned widest_ipv4 = 96 + 8, widest_ipv6 = 16;
constexpr unsigned of_one_client = 64;  // bits of IPv6: what each network of a customer has at least
constexpr unsigned near_ipv4 = 96 + 24, near_ipv6 = 48;

bool is_mapped(const config::AddressBytes& bytes) {
    return std::ranges::all_of(bytes.begin(), bytes.begin() + 10, [](auto octet) { return octet == 0; }) &&
           bytes[10] == 0xff && bytes[11] == 0xff;
}

}  // namespace

bool Site::is_ipv4() const { return prefix_ >= mapped && is_mapped(first_); }

std::optional<Site> Site::of(std::string_view address) {
    const auto bytes = config::parse_address(address);
    if (!bytes) return std::nullopt;
    Site site;
    site.first_ = *bytes;
    site.prefix_ = 128;
    return is_mapped(*bytes) ? site : site.within(of_one_client);
}

Result<Site> Site::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto bytes = config::parse_address(text.substr(0, slash));
    if (bytes && slash == text.npos) return *of(text);
    const bool ipv4 = bytes && text.substr(0, slash).find(':') == text.npos;
    Scanner in(slash == text.npos ? std::string_view() : text.substr(slash + 1));
    const auto bits = in.number<std::uint32_t>(ipv4 ? 32 : 128) + (ipv4 ? mapped : 0);
    Site site;
    site.first_ = bytes.value_or(config::AddressBytes());
    site.prefix_ = 128;
    site = site.within(bits);
    if (!site.is_ipv4()) site = site.within(of_one_client);  // no client is known closer than that
    if (!bytes || !in.complete() || site.prefix_ < (site.is_ipv4() ? widest_ipv4 : widest_ipv6))
        return fail(Error::Kind::invalid,
                    "\"{}\" is neither an address nor a network such as 192.0.2.0/24 (an IPv4 /8 or an IPv6 "
                    "/16 at most)",
                    text);
    return site;
}

Site Site::within(unsigned prefix) const {
    Site wider = *this;
    wider.prefix_ = std::min(prefix, prefix_);
    for (unsigned i = 0; i < wider.first_.size(); ++i) {
        const unsigned kept = wider.prefix_ <= 8 * i ? 0 : std::min(8U, wider.prefix_ - 8 * i);
        wider.first_[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
    }
    return wider;
}

Site Site::neighbourhood() const { return within(is_ipv4() ? near_ipv4 : near_ipv6); }

std::string Site::to_string() const {
    const bool ipv4 = is_ipv4();
    const std::string_view all(reinterpret_cast<const char*>(first_.data()), first_.size());
    const auto address =
        dns::IpAddress::from_octets(ipv4 ? all.substr(mapped / 8) : all).value_or(dns::IpAddress());
    const auto bits = ipv4 ? prefix_ - mapped : prefix_;
    const bool is_whole = ipv4 && prefix_ == 128;
    return is_whole ? address.to_string() : fmt::format("{}/{}", address.to_string(), bits);
}

std::string Site::octets() const {
    std::string all(reinterpret_cast<const char*>(first_.data()), first_.size());
    all += static_cast<char>(prefix_);
    return all;
}

std::optional<Site> Site::from_octets(std::string_view octets) {
    Site site;
    if (octets.size() != site.first_.size() + 1) return std::nullopt;
    std::ranges::copy(octets.substr(0, site.first_.size()), site.first_.begin());
    site.prefix_ = static_cast<unsigned char>(octets.back());
    if (site.prefix_ > 128 || site.within(site.prefix_) != site) return std::nullopt;
    return site;
}

}  // namespace hongyan::reputation
