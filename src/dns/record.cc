#include "dns/record.h"

#include "base/bytes.h"

namespace hongyan::dns {

namespace {

std::unexpected<Error> malformed(Type type) {
    return fail(Error::Kind::invalid, "a {} record is malformed", to_string(type));
}

// Names are the last thing in the records that have one.
Result<Name> whole_name(std::string_view rdata, Type type) {
    TRY(auto name, Name::take(rdata));
    if (!rdata.empty()) return malformed(type);
    return name;
}

Result<IpAddress> address_of(std::string_view rdata, bool ipv6, Type type) {
    const auto address = IpAddress::from_octets(rdata);
    if (!address || address->is_ipv6() != ipv6) return malformed(type);
    return *address;
}

}  // namespace

std::string_view to_string(Type type) {
    switch (type) {
        case Type::a:
            return "A";
        case Type::cname:
            return "CNAME";
        case Type::ptr:
            return "PTR";
        case Type::mx:
            return "MX";
        case Type::txt:
            return "TXT";
        case Type::aaaa:
            return "AAAA";
        case Type::srv:
            return "SRV";
        case Type::tlsa:
            return "TLSA";
    }
    return "unknown";
}

Result<A> A::parse(std::string_view rdata) {
    TRY(const auto address, address_of(rdata, false, type));
    return A{address};
}

Result<Aaaa> Aaaa::parse(std::string_view rdata) {
    TRY(const auto address, address_of(rdata, true, type));
    return Aaaa{address};
}

Result<Mx> Mx::parse(std::string_view rdata) {
    const auto preference = bytes::take_big_endian<std::uint16_t>(rdata);
    if (!preference) return malformed(type);
    TRY(auto exchange, whole_name(rdata, type));
    return Mx{*preference, std::move(exchange)};
}

std::string Mx::to_rdata() const {
    std::string out;
    bytes::put_big_endian(out, preference);
    return out + exchange.to_wire();
}

// TXT-DATA = 1*<character-string>, each with its length before it (RFC 1035 §3.3.14)
Result<Txt> Txt::parse(std::string_view rdata) {
    if (rdata.empty() || rdata.size() > max_rdata) return malformed(type);
    Txt record;
    record.text.reserve(rdata.size());
    while (!rdata.empty()) {
        const auto size = static_cast<std::uint8_t>(rdata.front());
        rdata.remove_prefix(1);
        if (size > rdata.size()) return malformed(type);
        record.text += rdata.substr(0, size);
        rdata.remove_prefix(size);
    }
    return record;
}

std::string Txt::to_rdata() const {
    constexpr std::size_t longest_string = 255;
    std::string out;
    std::string_view rest = text;
    do {
        const auto part = rest.substr(0, longest_string);
        out.push_back(static_cast<char>(part.size()));
        out += part;
        rest.remove_prefix(part.size());
    } while (!rest.empty());
    return out;
}

Result<Cname> Cname::parse(std::string_view rdata) {
    TRY(auto target, whole_name(rdata, type));
    return Cname{std::move(target)};
}

Result<Ptr> Ptr::parse(std::string_view rdata) {
    TRY(auto target, whole_name(rdata, type));
    return Ptr{std::move(target)};
}

Result<Srv> Srv::parse(std::string_view rdata) {
    const auto priority = bytes::take_big_endian<std::uint16_t>(rdata);
    const auto weight = bytes::take_big_endian<std::uint16_t>(rdata);
    const auto port = bytes::take_big_endian<std::uint16_t>(rdata);
    if (!priority || !weight || !port) return malformed(type);
    TRY(auto target, whole_name(rdata, type));
    return Srv{*priority, *weight, *port, std::move(target)};
}

std::string Srv::to_rdata() const {
    std::string out;
    for (const auto number : {priority, weight, port}) bytes::put_big_endian(out, number);
    return out + target.to_wire();
}

Result<Tlsa> Tlsa::parse(std::string_view rdata) {
    const auto usage = bytes::take_big_endian<std::uint8_t>(rdata);
    const auto selector = bytes::take_big_endian<std::uint8_t>(rdata);
    const auto matching = bytes::take_big_endian<std::uint8_t>(rdata);
    if (!usage || !selector || !matching || rdata.size() > max_rdata) return malformed(type);
    return Tlsa{*usage, *selector, *matching, std::string(rdata)};
}

std::string Tlsa::to_rdata() const {
    std::string out;
    for (const auto number : {usage, selector, matching}) bytes::put_big_endian(out, number);
    return out + data;
}

bool Tlsa::is_usable() const {
    constexpr std::size_t digest_sizes[] = {0, 32, 64};  // Full(0), SHA2-256(1), SHA2-512(2)
    if (usage != 2 && usage != 3) return false;
    if (selector > 1 || matching >= std::size(digest_sizes) || data.empty()) return false;
    return matching == 0 || data.size() == digest_sizes[matching];
}

}  // namespace hongyan::dns
