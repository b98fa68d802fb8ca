#include "spam/sender_domain.h"

#include "dns/mail_hosts.h"
#include "net/both.h"
#include "verify/authors.h"
#include "verify/mail.h"

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
        sender_.reset();
        const auto domain = domain_of(asked.sender);
        sender_ = domain;
        if (!domain) co_return std::nullopt;
        const bool is_strict = judge_.handling_ == config::SenderDomains::reject;
        const auto standing = co_await standing_of(
            judge_.resolver_, *domain, is_strict ? Strict::yes : Strict::no, net::after(judge_.patience_));
        if (standing == Standing::takes_none) co_return smtp::ground("null-mx").because(domain->text());
        if (standing == Standing::unknown && is_strict)
            co_return smtp::ground("sender-domain-unknown").because(domain->text());
        if (standing != Standing::missing) co_return std::nullopt;
        if (is_strict) co_return smtp::ground("sender-domain").because(domain->text());
        finding_ = Finding{"sender-domain",
                           fmt::format("There is no domain {} to which a reply could go", domain->text()),
                           nobody_there};
        co_return std::nullopt;
    }

    net::Task<void> message(const smtp::Deliver& came, Judgement& judgement) override {
        if (finding_) judgement.findings.push_back(*finding_);
        const auto& text = judgement.text(came);
        const auto header = std::string_view(text).substr(0, verify::header_size(text));
        const auto authors = verify::authors_of(header);
        const auto deadline = net::after(judge_.patience_);  // for all of them
        for (const auto& author : authors.known)
            if (author.domain != sender_ && co_await takes_no_mail(author.domain, deadline))
                co_return tell_of(author.domain, judgement);
    }

private:
    // What is not known counts for the author.
    net::Task<bool> takes_no_mail(dns::Name domain, net::Deadline deadline) const {
        const auto mx = co_await net::look_up<dns::Mx>(judge_.resolver_, domain, deadline);
        co_return dns::is_null_mx(mx);
    }

    void tell_of(const dns::Name& author, Judgement& judgement) const {
        judgement.findings.push_back(
            {"null-mx", fmt::format("{} takes no mail, so nobody could tell you of a failure", author.text()),
             nobody_there});
        if (judge_.handling_ == config::SenderDomains::reject)
            judgement.demand(Disposition::reject, smtp::ground("null-mx").because(author.text()));
    }

    // Nothing: nobody is to be asked.
    static std::optional<dns::Name> domain_of(const smtp::Path& sender) {
        if (!sender.address || sender.address->domain.text().starts_with('[')) return std::nullopt;
        auto name = dns::Name::parse(sender.address->domain.text());
        return name ? std::optional(*std::move(name)) : std::nullopt;
    }

    const SenderDomain& judge_;
    std::optional<dns::Name> sender_;
    std::optional<Finding> finding_;
};

std::unique_ptr<Visit> SenderDomain::visit(const smtp::Client& client, const log::Log& /*log*/) {
    if (!client.account.empty() || client.protocol == smtp::Protocol::lmtp || client.address.empty())
        return nullptr;
    return std::make_unique<Asking>(*this);
}

}  // namespace hongyan::spam
