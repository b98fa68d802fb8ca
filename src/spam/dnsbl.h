// Lists in DNS of who sends junk, and of who does not (RFC 5782).
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/ip_address.h"
#include "net/resolver.h"

namespace hongyan::spam {

// One list, and what to make of it. As text: "ZONE [weight=N] [codes=A,B-C] [refuse] [timeout=2s]".
struct ListRule {
    // Of A records, in 127.0.0.0/8 (RFC 5782 §2.1).
    struct Codes {
        std::uint32_t first = 0, last = 0;  // as numbers
        friend bool operator==(const Codes&, const Codes&) = default;
    };

    dns::Name zone;
    double weight = 3;  // what being on it adds to the score; below 0 it speaks for who is on it (DNSWL)
    std::vector<Codes> codes;  // none: all
    bool refuses = false;      // who is on it is refused at once
    std::chrono::milliseconds patience{2'000};

    static Result<ListRule> parse(std::string_view text);
    // Whether an answer means that something is on the list. What lies outside 127.0.0.0/8 is no answer of a
    // list, and 127.255.255.0/24 are complaints of its servers about us.
    bool is_hit(const dns::IpAddress& answer) const;
    friend bool operator==(const ListRule&, const ListRule&) = default;
};

// The name to ask for: 99.2.0.192.bad.example.com, or 32 nibbles (RFC 5782 §2.1, §2.4). Invalid if it is too
// long.
Result<dns::Name> name_on_list(const dns::IpAddress& address, const dns::Name& zone);
// A domain's (RFC 5782 §3).
Result<dns::Name> name_on_list(const dns::Name& domain, const dns::Name& zone);

struct Listed {
    bool is_on = false;
    std::string words =
        {};  // what the list says of it (its TXT record), without control characters; may be empty
};

// A list that is asked, and tested from time to time. Any thread.
class List {
public:
    enum class Kind { addresses, domains };
    List(ListRule rule, Kind kind) : rule_(std::move(rule)), kind_(kind) {}

    const ListRule& rule() const { return rule_; }

    // Not on it also where the list does not answer, or not as lists do: one must hold 127.0.0.2 and not
    // 127.0.0.1, one of IPv6 only these in the clothes of IPv6, of domains TEST and not INVALID (RFC 5782 §5,
    // §7). `resolver` outlives the task.
    net::Task<Listed> ask(net::Resolver& resolver, Result<dns::Name> name);
    // Whether it is known without asking anybody that ask() would find it not to be on the list.
    bool is_known_to_miss(net::Resolver& resolver, const Result<dns::Name>& name) const;
    net::Task<Listed> ask(net::Resolver& resolver, dns::IpAddress address);
    net::Task<Listed> ask(net::Resolver& resolver, dns::Name domain);

private:
    // Nothing: it has to be tested first.
    std::optional<bool> was_in_order() const;
    net::Task<bool> is_in_order(net::Resolver& resolver);
    net::Task<bool> holds(net::Resolver& resolver, Result<dns::Name> name);
    enum class Structure { right, empty, wrong };
    net::Task<Structure> structure(net::Resolver& resolver, Result<dns::Name> in, Result<dns::Name> out);

    ListRule rule_;
    Kind kind_;
    std::atomic<bool> well_ = false;
    std::atomic<net::Deadline> tested_{net::Deadline::min()};
};

}  // namespace hongyan::spam
