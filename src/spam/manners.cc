#include "spam/manners.h"

#include <algorithm>

#include "base/ascii.h"
#include "config/networks.h"
#include "dns/name.h"

namespace hongyan::spam {

namespace {

constexpr double as_us = 3, as_a_name = 1, as_another = 1.5, too_early = 2;

std::string shown(std::string_view name) {
    std::string text;
    for (const char c : name.substr(0, 100)) text += ascii::is_control(c) ? '?' : c;
    return text;
}

constexpr std::string_view own_name = "hello-own-name", no_name = "hello-syntax",
                           another_address = "hello-literal";
constexpr std::chrono::milliseconds look_up_patience = std::chrono::seconds(2);

Finding claims_to_be_us(std::string_view said) {
    return {std::string(own_name), fmt::format("It says that it is {}, which is us", shown(said)), as_us};
}

// Nothing: it is one of ours that says so.
std::optional<Finding> has_our_address(std::string_view said, std::string_view address, const OwnNames& own) {
    return config::is_in(own.inside, address) ? std::nullopt : std::optional(claims_to_be_us(said));
}

// "::ffff:192.0.2.1" is 192.0.2.1 (RFC 4291 §2.5.5.2), however it is written.
std::optional<dns::IpAddress> unmapped(const std::optional<dns::IpAddress>& address) {
    constexpr std::string_view prefix("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    if (!address || !address->is_ipv6() || !address->octets().starts_with(prefix)) return address;
    return dns::IpAddress::from_octets(address->octets().substr(prefix.size()));
}

std::optional<dns::IpAddress> address_in_literal(std::string_view said) {
    return unmapped(dns::IpAddress::parse_literal(said));
}

std::optional<dns::IpAddress> address_of(std::string_view text) {
    return unmapped(dns::IpAddress::parse(text));
}

std::optional<Finding> look_at_literal(std::string_view said, std::string_view address, const OwnNames& own) {
    const auto literal = address_in_literal(said);
    if (!literal)
        return Finding{std::string(no_name),
                       fmt::format("It says that it is {}, which is no address", shown(said)), as_a_name};
    if (literal == address_of(address)) return std::nullopt;
    if (std::ranges::find(own.addresses, *literal) != own.addresses.end())
        return has_our_address(said, address, own);
    return Finding{std::string(another_address),
                   fmt::format("It says that it is {}, and comes from {}", shown(said), address), as_another};
}

}  // namespace

std::vector<Finding> look_at_hello(std::string_view said, std::string_view address, const OwnNames& own) {
    std::vector<Finding> found;
    if (said.starts_with('[')) {
        if (auto finding = look_at_literal(said, address, own)) found.push_back(*std::move(finding));
        return found;
    }
    const auto name = dns::Name::parse(said);
    const auto number = address_of(said);
    if (number && std::ranges::find(own.addresses, *number) != own.addresses.end() &&
        number != address_of(address) && !config::is_in(own.inside, address))
        found.push_back(claims_to_be_us(said));
    else if (!name || number)
        found.push_back({std::string(no_name),
                         fmt::format("It says that it is {}, which is no name of a host", shown(said)),
                         as_a_name});
    else if (ascii::iequals(name->text(), own.hostname))
        found.push_back(claims_to_be_us(said));
    else if (name->labels().size() < 2)
        found.push_back({"hello-no-domain",
                         fmt::format("It says that it is {}, without a domain", shown(said)), as_a_name});
    return found;
}

// The name is compared with our domains once, at the first sender.
class Manners::Seen final : public Visit {
public:
    Seen(const Manners& judge, const smtp::Client& client, std::vector<Finding> findings)
        : judge_(judge), said_(client.said_name), findings_(std::move(findings)) {
        client_ = address_of(client.address);
    }

    net::Task<std::optional<smtp::Reply>> sender(const smtp::CheckSender& /*asked*/) override {
        if (!std::exchange(compared_, true)) {
            if (co_await is_domain_of_ours()) findings_.push_back(claims_to_be_us(said_));
            if (co_await is_address_of_ours()) say_whose_address();
        }
        const auto claim = std::ranges::find(findings_, own_name, &Finding::code);
        if (judge_.handling_ == config::HelloHandling::score || claim == findings_.end())
            co_return std::nullopt;
        co_return smtp::ground("hello-own-name").because(shown(said_));
    }

    net::Task<void> message(const smtp::Deliver& /*came*/, Judgement& judgement) override {
        judgement.findings.insert(judgement.findings.end(), findings_.begin(), findings_.end());
        co_return;
    }

private:
    // What was found of an address that none of our interfaces has: the first finding, if it is there.
    bool is_about_an_address() const {
        return !findings_.empty() &&
               (findings_.front().code == another_address || findings_.front().code == no_name);
    }

    // In the place of what it looked like. A number without brackets is no name, whoever says it.
    void say_whose_address() {
        if (auto claim = has_our_address(said_, client_ ? client_->to_string() : "", judge_.own_))
            findings_.front() = *std::move(claim);
        else if (findings_.front().code == another_address)
            findings_.erase(findings_.begin());
    }

    net::Task<bool> is_domain_of_ours() const {
        const auto name = dns::Name::parse(said_);
        const bool is_found_already =
            std::ranges::find(findings_, own_name, &Finding::code) != findings_.end();
        if (!name || name->labels().size() < 2 || is_found_already) co_return false;
        // Every domain of ours has a postmaster.
        auto job = [this, domain = name->text()] {
            return judge_.parts_.directory.resolve("postmaster", domain);
        };
        const auto found = co_await net::on_worker(judge_.parts_.workers, std::move(job));
        co_return found && found->outcome != directory::Resolution::Outcome::not_ours;
    }

    // Behind NAT none of our interfaces has the address under which others see us, but our name leads to it.
    // The client himself, if he has it, is one of us.
    net::Task<bool> is_address_of_ours() const {
        auto said = address_in_literal(said_);
        if (!said) said = address_of(said_);
        const auto own = dns::Name::parse(judge_.own_.hostname);
        if (!said || !own || !is_about_an_address() || said == client_) co_return false;
        auto& resolver = judge_.parts_.resolver;
        const auto deadline = net::after(look_up_patience);
        if (said->is_ipv6()) {
            const auto found = co_await net::look_up<dns::Aaaa>(resolver, *own, deadline);
            co_return std::ranges::find(found.records, *said, &dns::Aaaa::address) != found.records.end();
        }
        const auto found = co_await net::look_up<dns::A>(resolver, *own, deadline);
        co_return std::ranges::find(found.records, *said, &dns::A::address) != found.records.end();
    }

    const Manners& judge_;
    std::string said_;
    std::optional<dns::IpAddress> client_;
    std::vector<Finding> findings_;
    bool compared_ = false;
};

std::unique_ptr<Visit> Manners::visit(const smtp::Client& client, const log::Log& /*log*/) {
    if (!client.account.empty() || client.protocol == smtp::Protocol::lmtp || client.address.empty())
        return nullptr;
    auto found = look_at_hello(client.said_name, client.address, own_);
    if (client.talked_early) found.push_back({"early-talker", "It spoke before it was greeted", too_early});
    return std::make_unique<Seen>(*this, client, std::move(found));
}

}  // namespace hongyan::spam
