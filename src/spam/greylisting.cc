#include "spam/greylisting.h"

#include <algorithm>
#include <ranges>

#include "spam/at_once.h"
#include "spam/authentication.h"
#include "spam/inquire.h"
#include "verify/spf.h"

namespace hongyan::spam {

class Greylisting::Waiting final : public Visit {
public:
    Waiting(const Greylisting& judge, const reputation::Site& site, const smtp::Client& client)
        : judge_(judge),
          site_(site),
          said_name_(client.said_name),
          address_(dns::IpAddress::parse(client.address)) {}

    net::Task<std::optional<smtp::Reply>> sender(const smtp::CheckSender& /*asked*/) override {
        domain_vouches_.reset();
        co_return std::nullopt;
    }

    net::Task<std::optional<smtp::Reply>> recipient(const smtp::CheckRecipient& asked) override {
        const auto sender = smtp::to_string(asked.sender), recipient = smtp::to_string(asked.recipient.path);
        auto trust = [this] { return judge_.parts_.trust.trusts(site_); };
        const auto is_trusted = co_await at_once(judge_.parts_.workers, std::move(trust));
        if (is_trusted && *is_trusted) co_return std::nullopt;
        auto look = [this, &sender, &recipient, &asked]() -> std::optional<std::chrono::milliseconds> {
            const auto& parts = judge_.parts_;
            if (!sender.empty() && is_written_to(sender, asked.recipient.path)) return std::nullopt;
            return parts.greylist.wait(site_, sender, recipient);
        };
        const auto wait = co_await net::on_worker(judge_.parts_.workers, std::move(look));
        if (!wait || !*wait) co_return std::nullopt;
        if (co_await is_listed_as_good() || co_await is_vouched_for(asked)) co_return std::nullopt;
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(**wait).count();
        co_return smtp::ground("greylisting").because(seconds);
    }

    // What was put off says nothing, of whomever.
    void kept(const smtp::Deliver& /*came*/, const Judgement& judgement,
              const smtp::Replies& /*replies*/) override {
        if (judgement.disposition == Disposition::defer || judgement.disposition == Disposition::discard)
            return;
        const bool is_good = judgement.disposition == Disposition::accept;
        // What is junk for some of its readers speaks neither for nor against its sender.
        if (is_good && std::ranges::any_of(judgement.placements, &Placement::is_junk)) return;
        const auto domain = vouched_domain(judgement);
        if (is_good && is_noted_at_once(domain)) return;
        auto learn = [greylist = &judge_.parts_.greylist, site = site_, domain, is_good] {
            is_good ? greylist->was_good(site, domain) : greylist->was_bad(site, domain);
        };
        (void)judge_.parts_.workers.submit(std::move(learn));
    }

private:
    // By whom the recipient's address leads to: an answer may come to an alias, or with a detail. Of a long
    // list the first are asked.
    bool is_written_to(const std::string& sender, const smtp::Path& recipient) const {
        constexpr std::size_t most_asked = 16;
        const auto& parts = judge_.parts_;
        const auto found = recipient.address ? parts.directory.resolve(*recipient.address)
                                             : parts.directory.resolve("postmaster", "");
        if (!found) return false;
        const auto knows = [&](const directory::LocalRecipient& reader) {
            const auto account = parts.directory.account(reader.account);
            return account && parts.correspondents.knows(to_string(account->name), sender);
        };
        return std::ranges::any_of(found->local | std::views::take(most_asked), knows);
    }

    // Once in a session.
    net::Task<bool> is_listed_as_good() {
        if (is_good_client_) co_return *is_good_client_;
        is_good_client_ = false;
        for (const auto& list : judge_.good_clients_)
            if (address_ && !*is_good_client_)
                is_good_client_ = (co_await list->ask(judge_.parts_.resolver, *address_)).is_on;
        co_return *is_good_client_;
    }

    // Once for a sender.
    net::Task<bool> is_vouched_for(const smtp::CheckRecipient& asked) {
        if (domain_vouches_) co_return *domain_vouches_;
        domain_vouches_ = false;
        const auto& parts = judge_.parts_;
        if (!judge_.settings_.spf || !address_ || !asked.sender.address) co_return false;
        auto look = [&parts, domain = asked.sender.address->domain.text()] {
            return parts.greylist.knows(domain);
        };
        const auto is_known = co_await net::on_worker(parts.workers, std::move(look));
        if (!is_known || !*is_known) co_return false;
        const verify::SpfQuery query{.client = *address_,
                                     .helo = said_name_,
                                     .sender = smtp::to_string(asked.sender),
                                     .now = parts.clock.now()};
        auto check = [&query](verify::KnownAnswers& answers) {
            return verify::check_spf(query, verify::SpfIdentity::mail_from, answers);
        };
        const auto outcome = co_await inquire<verify::SpfOutcome>(parts.resolver, std::move(check),
                                                                  net::after(judge_.settings_.patience));
        domain_vouches_ = outcome.verdict == verify::SpfVerdict::pass;
        co_return *domain_vouches_;
    }

    // A good message, as far as memory has what that changes.
    bool is_noted_at_once(std::string_view domain) const {
        const engine::WithoutWaiting here;
        const auto earned = judge_.parts_.greylist.earned(site_, domain);
        if (here.missed()) return false;
        judge_.parts_.greylist.note(earned);
        return true;
    }

    static std::string vouched_domain(const Judgement& judgement) {
        if (!judgement.authenticated) return {};
        const auto& spf = judgement.authenticated->found.mail_from;
        const bool is_its_own = spf.identity == verify::SpfIdentity::mail_from;
        return spf.verdict == verify::SpfVerdict::pass && is_its_own ? spf.domain : std::string();
    }

    const Greylisting& judge_;
    reputation::Site site_;
    std::string said_name_;
    std::optional<dns::IpAddress> address_;
    std::optional<bool> is_good_client_;
    std::optional<bool> domain_vouches_;
};

Greylisting::Greylisting(Settings settings, const Parts& parts)
    : settings_(std::move(settings)), parts_(parts) {
    for (const auto& rule : settings_.good_clients)
        if (rule.weight < 0) good_clients_.push_back(std::make_unique<List>(rule, List::Kind::addresses));
}

std::unique_ptr<Visit> Greylisting::visit(const smtp::Client& client, const log::Log& /*log*/) {
    const auto site = reputation::Site::of(client.address);
    if (!client.account.empty() || client.protocol == smtp::Protocol::lmtp || !site) return nullptr;
    return std::make_unique<Waiting>(*this, *site, client);
}

}  // namespace hongyan::spam
