#include "spam/authentication.h"

#include <algorithm>

#include "base/ascii.h"
#include "config/networks.h"
#include "spam/inquire.h"

namespace hongyan::spam {

namespace {

using verify::DmarcPolicy, verify::DmarcVerdict, verify::SpfVerdict;

constexpr std::size_t large_message = std::size_t{256} << 10U;  // bytes; some 0.3 ms of hashing
constexpr std::size_t longest_explanation = 200;                // of another domain, in a reply of ours

bool is_or_is_below(std::string_view domain, std::string_view trusted) {
    if (ascii::iequals(domain, trusted)) return true;
    return domain.size() > trusted.size() && domain[domain.size() - trusted.size() - 1] == '.' &&
           ascii::iequals(domain.substr(domain.size() - trusted.size()), trusted);
}

// Somebody else's words as a line of a reply (RFC 5321 §4.5.3.1.5).
std::string as_line(std::string text) {
    for (char& c : text)
        if (c < ' ' || c > '~') c = '?';
    return text.substr(0, 400);
}

// What to do of what the author's domain wishes.
DmarcPolicy permitted(DmarcPolicy wish, config::DmarcHandling handling) {
    switch (handling) {
        case config::DmarcHandling::enforce:
            return wish;
        case config::DmarcHandling::junk:
            return std::min(wish, DmarcPolicy::quarantine);
        case config::DmarcHandling::report:
            break;
    }
    return DmarcPolicy::none;
}

class AuthenticationVisit final : public Visit {
public:
    AuthenticationVisit(AuthenticationSettings settings, const AuthenticationJudge::Parts& parts,
                        dns::IpAddress address)
        : settings_(std::move(settings)), parts_(parts), address_(address) {}

    net::Task<void> message(const smtp::Deliver& came, Judgement& judgement) override {
        const auto query = query_of(came);
        const auto read = co_await read_message(judgement.text(came));
        if (!read) {
            judgement.demand(Disposition::defer, smtp::ground("judge-busy").plain(), Because::all_findings);
            co_return;
        }
        auto found = co_await ask(**read, query);
        if (!found) {
            judgement.demand(Disposition::defer, smtp::ground("judge-busy").plain(), Because::all_findings);
            co_return;
        }
        conclude(*std::move(found), query, judgement);
    }

private:
    verify::SpfQuery query_of(const smtp::Deliver& came) const {
        const auto& sender = came.envelope.sender;
        return {.client = address_,
                .helo = came.client.said_name,
                .sender = sender.address ? sender.address->to_string() : std::string(),
                .receiver = settings_.hostname,
                .now = parts_.clock.now()};
    }

    // The hashes of the body that its signatures ask for; those of a large one on a worker.
    net::Task<Result<std::shared_ptr<verify::Mail>>> read_message(const std::string& text) const {
        auto job = [&text] { return std::shared_ptr<verify::Mail>(verify::Mail::whole(text)); };
        if (text.size() <= large_message) co_return job();
        co_return co_await net::on_worker(parts_.workers, std::move(job));
    }

    // False if an answer is missing. Many signatures are checked by a worker.
    net::Task<Result<bool>> identify(verify::Authenticating& machine, verify::KnownAnswers& known) const {
        auto job = [&] { return machine.identify(known); };
        if (!machine.is_laborious()) co_return job();
        co_return co_await net::on_worker(parts_.workers, std::move(job));
    }

    net::Task<Result<verify::Authentication>> ask(const verify::Mail& mail,
                                                  const verify::SpfQuery& query) const {
        verify::Authenticating machine(mail, query, parts_.clock.now());
        auto known = answers_of(parts_.resolver);
        const auto deadline = net::after(settings_.verify.patience);
        for (;;) {
            const auto is_done = co_await identify(machine, known);
            if (!is_done) co_return std::unexpected(is_done.error());
            if (*is_done) break;
            co_await learn_missing(parts_.resolver, known, deadline);
        }
        // Whoever sends may use up that time. What the author's domain asks for is heard all the same.
        known.forget_trouble();
        const auto second_deadline = net::after(settings_.verify.patience);
        auto found = machine.conclude(known);
        for (; !found; found = machine.conclude(known))
            co_await learn_missing(parts_.resolver, known, second_deadline);
        co_return *std::move(found);
    }

    void conclude(verify::Authentication found, const verify::SpfQuery& query, Judgement& judgement) const {
        auto known = std::make_shared<Authenticated>(Authenticated{
            .found = std::move(found), .query = query, .disposition = {}, .override_reason = {}});
        follow_dmarc(*known, judgement);
        follow_unclear_author(*known, judgement);
        follow_spf(*known, judgement);
        judgement.sentence = known->found.sentence(query);
        judgement.fields = known->found.results(settings_.hostname, query, known->disposition) +
                           verify::received_spf(query, known->found.mail_from) + judgement.fields;
        judgement.authenticated = std::move(known);
    }

    void follow_dmarc(Authenticated& known, Judgement& judgement) const {
        const auto& dmarc = known.found.dmarc;
        if (dmarc.verdict != DmarcVerdict::fail && dmarc.verdict != DmarcVerdict::temperror) return;
        const auto sample = static_cast<unsigned>(parts_.random.number() % 100);
        if (dmarc.verdict == DmarcVerdict::temperror)
            return doubt(known, permitted(dmarc.disposition_in_doubt(sample), settings_.verify.dmarc),
                         judgement);
        known.disposition = permitted(dmarc.disposition(sample), settings_.verify.dmarc);
        if (known.disposition != DmarcPolicy::none) override_if_vouched_for(known);
        if (!known.override_reason.empty()) return tell_override(known, judgement);
        switch (known.disposition) {
            case DmarcPolicy::none:
                return judgement.findings.push_back(
                    {.code = "dmarc-fail", .words = fmt::format("Mail {}", dmarc.sentence())});
            case DmarcPolicy::quarantine:
                judgement.findings.push_back(
                    {.code = "dmarc-quarantine", .words = fmt::format("Mail {}", dmarc.sentence())});
                return judgement.demand(Disposition::junk);
            case DmarcPolicy::reject:
                judgement.findings.push_back(
                    {.code = "dmarc-reject", .words = fmt::format("Mail {}", dmarc.sentence())});
                // RFC 7489 §10.3 leaves the code open; RFC 7372 §3.4 has one for several checks that failed.
                judgement.demand(Disposition::reject, smtp::ground("dmarc-reject").because(dmarc.domain));
        }
    }

    // RFC 7489 §6.6.2 lets mail come later for which somebody may yet vouch. A domain of its own below the
    // author's, for which no name server answers, would else lead anybody past what he asks.
    void doubt(Authenticated& known, DmarcPolicy wish, Judgement& judgement) const {
        if (wish == DmarcPolicy::none) return;
        override_if_vouched_for(known);
        if (!known.override_reason.empty()) return tell_override(known, judgement);
        const auto& dmarc = known.found.dmarc;
        judgement.findings.push_back(
            {.code = "dmarc-unknown", .words = fmt::format("Mail {}", dmarc.sentence())});
        if (settings_.verify.dmarc == config::DmarcHandling::junk) {
            known.disposition = wish;
            return judgement.demand(Disposition::junk);
        }
        judgement.demand(Disposition::defer, smtp::ground("dmarc-unknown").because(dmarc.domain));
    }

    static void tell_override(const Authenticated& known, Judgement& judgement) {
        judgement.findings.push_back(
            {.code = "dmarc-override",
             .words = fmt::format("Mail {}; taken nevertheless: {}", known.found.dmarc.sentence(),
                                  known.override_reason)});
    }

    // RFC 7489 §6.6.1 leaves such mail to us. What could be read in it was judged; whom its reader sees is
    // another question, and nobody is to be deceived by what we cannot read.
    void follow_unclear_author(const Authenticated& known, Judgement& judgement) const {
        const auto& why = known.found.dmarc.unclear_author;
        const auto handling = settings_.verify.unclear_author;
        if (why.empty() || handling == config::UnclearAuthors::accept || is_from_forwarder()) return;
        judgement.findings.push_back(
            {.code = "unclear-author", .words = fmt::format("Nobody can tell who has written it: {}", why)});
        // Nobody would be told of a refused bounce, and some have no From field.
        const bool is_bounce = known.query.sender.empty();
        if (handling == config::UnclearAuthors::junk || is_bounce) return judgement.demand(Disposition::junk);
        judgement.demand(Disposition::reject, smtp::ground("unclear-author").because(why));
    }

    bool is_from_forwarder() const {
        return config::is_in(settings_.verify.forwarders, address_.to_string());
    }

    // Lists and forwarders change what was signed, and send from elsewhere (RFC 7489 §6.7, RFC 8617 §7.2.1).
    void override_if_vouched_for(Authenticated& known) const {
        if (is_from_forwarder())
            known.override_reason = fmt::format("{} is a forwarder that we know", address_.to_string());
        else if (is_vouched_for(known.found.arc, settings_.verify.trusted_sealers))
            known.override_reason = fmt::format("{} passed it on and is trusted, and it was authentic then",
                                                known.found.arc.sealers.back());
        if (!known.override_reason.empty()) known.disposition = DmarcPolicy::none;
    }

    // Where DMARC has a pass, or the message to blame, that of SPF alone says nothing (RFC 7489 §6.7).
    void follow_spf(const Authenticated& known, Judgement& judgement) const {
        const auto& spf = known.found.mail_from;
        if (spf.verdict != SpfVerdict::fail || settings_.verify.spf_fail == config::SpfFailures::accept)
            return;
        if (known.found.dmarc.verdict == DmarcVerdict::pass || !known.override_reason.empty()) return;
        if (is_from_forwarder()) return;
        judgement.findings.push_back({.code = "spf-fail", .words = spf.sentence(known.query)});
        if (settings_.verify.spf_fail == config::SpfFailures::junk)
            return judgement.demand(Disposition::junk);
        auto reply = smtp::ground("spf-fail").because(as_line(spf.sentence(known.query)));
        if (!spf.explanation.empty())
            reply.lines.push_back(as_line(
                fmt::format("{} says: {}", spf.domain, spf.explanation.substr(0, longest_explanation))));
        judgement.demand(Disposition::reject, std::move(reply));
    }

    AuthenticationSettings settings_;
    AuthenticationJudge::Parts parts_;
    dns::IpAddress address_;
};

}  // namespace

std::unique_ptr<Visit> AuthenticationJudge::visit(const smtp::Client& client, const log::Log& /*log*/) {
    const auto& verify = settings_.verify;
    if (client.protocol == smtp::Protocol::local) return nullptr;
    if (client.protocol == smtp::Protocol::lmtp && !verify.lmtp) return nullptr;
    if (!client.account.empty()) return nullptr;
    const auto address = dns::IpAddress::parse(client.address);
    if (!address || config::is_in(verify.exempt, client.address) ||
        config::is_in(settings_.relay_networks, client.address))
        return nullptr;
    return std::make_unique<AuthenticationVisit>(settings_, parts_, *address);
}

bool is_vouched_for(const verify::ArcOutcome& chain, const std::vector<std::string>& trusted) {
    const auto is_trusted = [&trusted](const std::string& sealer) {
        return std::ranges::any_of(trusted,
                                   [&](const std::string& domain) { return is_or_is_below(sealer, domain); });
    };
    return chain.verdict == verify::ArcVerdict::pass && !chain.sealers.empty() &&
           std::ranges::all_of(chain.sealers, is_trusted) &&
           verify::claims_pass(chain.first_results, "dmarc");
}

}  // namespace hongyan::spam
