#include "spam/sender_domain.h"

#include "dns/mail_hosts.h"
#include "net/both.h"

namespace hongyan::spam {

namespace {

constexpr double nobody_there = 3;

enum class Standing { takes_mail, takes_none, missing, unknown };

// Only a strict judge asks for the address of a domain without MX.
enum class Strict { no, yes };

net::Task<Standing> standing_of(net::Resolver& resolver, dns::Name domain, Strict strict,
                                net::Deadline deadline) {
    const auto mx = co_await net::look_up<dns::Mx>(resolver, domain, deadline);
    if (dns::is_null_mx(mx)) co_return Standing::takes_none;
    if (mx.status == dns::Status::no_domain) co_return Standing::missing;
    if (mx.is_trouble()) co_return Standing::unknown;
    if (mx.is_found() || strict == Strict::no) co_return Standing::takes_mail;
    auto ipv4 = net::look_up<dns::A>(resolver, domain, deadline);
    auto ipv6 = net::look_up<dns::Aaaa>(resolver, domain, deadline);
    const auto [a, aaaa] = co_await net::both(std::move(ipv4), std::move(ipv6));
    if (a.is_found() || aaaa.is_found()) co_return Standing::takes_mail;
    co_return a.is_trouble() || aaaa.is_trouble() ? Standing::unknown : Standing::missing;
}

}  // namespace

class SenderDomain::Asking final : public Visit {
public:
    explicit Asking(const SenderDomain& judge) : judge_(judge) {}

    net::Task<std::optional<smtp::Reply>> sender(const smtp::CheckSender& asked) override {
        finding_.reset();
        const auto domain = domain_of(asked.sender);
        if (!domain) co_return std::nullopt;
        const bool is_strict = judge_.handling_ == config::SenderDomains::reject;
        const auto standing = co_await standing_of(
            judge_.resolver_, *domain, is_strict ? Strict::yes : Strict::no, net::after(judge_.patience_));
        if (standing == Standing::takes_none)
            co_return smtp::Reply{
                550, "5.7.27",
                fmt::format("{} takes no mail, so nobody could tell you of a failure (null-mx)",
                            domain->text())};
        if (standing == Standing::unknown && is_strict)
            co_return smtp::Reply{
                451, "4.4.3",
                fmt::format("DNS does not tell for now whether {} exists (sender-domain)", domain->text())};
        if (standing != Standing::missing) co_return std::nullopt;
        const auto words = fmt::format("There is no domain {} to which a reply could go", domain->text());
        if (is_strict) co_return smtp::Reply{550, "5.1.8", words + " (sender-domain)"};
        finding_ = Finding{"sender-domain", words, nobody_there};
        co_return std::nullopt;
    }

    net::Task<void> message(const smtp::Deliver& /*came*/, Judgement& judgement) override {
        if (finding_) judgement.findings.push_back(*finding_);
        co_return;
    }

private:
    // Nothing: nobody is to be asked.
    static std::optional<dns::Name> domain_of(const smtp::Path& sender) {
        if (!sender.address || sender.address->domain.text().starts_with('[')) return std::nullopt;
        auto name = dns::Name::parse(sender.address->domain.text());
        return name ? std::optional(*std::move(name)) : std::nullopt;
    }

    const SenderDomain& judge_;
    std::optional<Finding> finding_;
};

std::unique_ptr<Visit> SenderDomain::visit(const smtp::Client& client, const log::Log& /*log*/) {
    if (!client.account.empty() || client.protocol == smtp::Protocol::lmtp || client.address.empty())
        return nullptr;
    return std::make_unique<Asking>(*this);
}

}  // namespace hongyan::spam
