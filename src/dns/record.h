// What DNS records say, each with its reader and its writer. Octets in, values out: no network here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "dns/ip_address.h"
#include "dns/name.h"

namespace hongyan::dns {

enum class Type : std::uint16_t {
    a = 1,      // RFC 1035 §3.4.1
    cname = 5,  // RFC 1035 §3.3.1
    ptr = 12,   // RFC 1035 §3.3.12
    mx = 15,    // RFC 1035 §3.3.9
    txt = 16,   // RFC 1035 §3.3.14
    aaaa = 28,  // RFC 3596 §2.1
    srv = 33,   // RFC 2782
    tlsa = 52,  // RFC 6698 §2.1
};
std::string_view to_string(Type type);

// A record as it came, for machines that choose the type while they run.
inline constexpr std::size_t max_rdata = 65535;  // octets, RFC 1035 §3.2.1

struct A {
    static constexpr Type type = Type::a;
    IpAddress address;
    static Result<A> parse(std::string_view rdata);
    std::string to_rdata() const { return address.octets(); }
    friend bool operator==(const A&, const A&) = default;
};

struct Aaaa {
    static constexpr Type type = Type::aaaa;
    IpAddress address;
    static Result<Aaaa> parse(std::string_view rdata);
    std::string to_rdata() const { return address.octets(); }
    friend bool operator==(const Aaaa&, const Aaaa&) = default;
};

struct Mx {
    static constexpr Type type = Type::mx;
    std::uint16_t preference = 0;
    Name exchange;  // the root in a null MX (RFC 7505 §3)
    static Result<Mx> parse(std::string_view rdata);
    std::string to_rdata() const;
    friend bool operator==(const Mx&, const Mx&) = default;
};

// All strings of the record joined, as SPF, DKIM and others read it (RFC 7208 §3.3).
struct Txt {
    static constexpr Type type = Type::txt;
    std::string text;
    static Result<Txt> parse(std::string_view rdata);
    std::string to_rdata() const;
    friend bool operator==(const Txt&, const Txt&) = default;
};

struct Cname {
    static constexpr Type type = Type::cname;
    Name target;
    static Result<Cname> parse(std::string_view rdata);
    std::string to_rdata() const { return target.to_wire(); }
    friend bool operator==(const Cname&, const Cname&) = default;
};

struct Ptr {
    static constexpr Type type = Type::ptr;
    Name target;
    static Result<Ptr> parse(std::string_view rdata);
    std::string to_rdata() const { return target.to_wire(); }
    friend bool operator==(const Ptr&, const Ptr&) = default;
};

struct Srv {
    static constexpr Type type = Type::srv;
    std::uint16_t priority = 0, weight = 0, port = 0;
    Name target;
    static Result<Srv> parse(std::string_view rdata);
    std::string to_rdata() const;
    friend bool operator==(const Srv&, const Srv&) = default;
};

struct Tlsa {
    static constexpr Type type = Type::tlsa;
    std::uint8_t usage = 0, selector = 0, matching = 0;
    std::string data;  // octets
    static Result<Tlsa> parse(std::string_view rdata);
    std::string to_rdata() const;
    // Whether SMTP can do something with it: DANE-TA or DANE-EE, a selector and a matching type that are
    // known, and a digest as long as its kind (RFC 7672 §3.1.3, RFC 7671 §4).
    bool is_usable() const;
    friend bool operator==(const Tlsa&, const Tlsa&) = default;
};

}  // namespace hongyan::dns
