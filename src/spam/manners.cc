#include "spam/manners.h"

#include "base/ascii.h"
#include "dns/ip_address.h"
#include "dns/name.h"

namespace hongyan::spam {

namespace {

constexpr double as_us = 3, as_a_name = 1, as_another = 1.5, too_early = 2;

class Seen final : public Visit {
public:
    explicit Seen(std::vector<Finding> findings) : findings_(std::move(findings)) {}
    net::Task<void> message(const smtp::Deliver& /*came*/, Judgement& judgement) override {
        judgement.findings.insert(judgement.findings.end(), findings_.begin(), findings_.end());
        co_return;
    }

private:
    std::vector<Finding> findings_;
};

std::string shown(std::string_view name) {
    std::string text;
    for (const char c : name.substr(0, 100)) text += ascii::is_control(c) ? '?' : c;
    return text;
}

std::optional<Finding> look_at_literal(std::string_view said, std::string_view address) {
    const auto literal = dns::IpAddress::parse_literal(said);
    if (!literal)
        return Finding{"hello-syntax", fmt::format("It says that it is {}, which is no address", shown(said)),
                       as_a_name};
    if (literal == dns::IpAddress::parse(address)) return std::nullopt;
    return Finding{"hello-literal",
                   fmt::format("It says that it is {}, and comes from {}", shown(said), address), as_another};
}

}  // namespace

std::vector<Finding> look_at_hello(std::string_view said, std::string_view address,
                                   std::string_view hostname) {
    std::vector<Finding> found;
    if (said.starts_with('[')) {
        if (auto finding = look_at_literal(said, address)) found.push_back(*std::move(finding));
        return found;
    }
    const auto name = dns::Name::parse(said);
    if (!name || dns::IpAddress::parse(said))
        found.push_back({"hello-syntax",
                         fmt::format("It says that it is {}, which is no name of a host", shown(said)),
                         as_a_name});
    else if (ascii::iequals(name->text(), hostname))
        found.push_back(
            {"hello-own-name", fmt::format("It says that it is {}, which is us", shown(said)), as_us});
    else if (name->labels().size() < 2)
        found.push_back({"hello-no-domain",
                         fmt::format("It says that it is {}, without a domain", shown(said)), as_a_name});
    return found;
}

std::unique_ptr<Visit> Manners::visit(const smtp::Client& client, const log::Log& /*log*/) {
    if (!client.account.empty() || client.protocol == smtp::Protocol::lmtp || client.address.empty())
        return nullptr;
    auto found = look_at_hello(client.said_name, client.address, hostname_);
    if (client.talked_early) found.push_back({"early-talker", "It spoke before it was greeted", too_early});
    return found.empty() ? nullptr : std::make_unique<Seen>(std::move(found));
}

}  // namespace hongyan::spam
