#include "flow/log_in.h"

#include <algorithm>

namespace hongyan::flow {

namespace {

using sasl::Answer;
using sasl::Refusal;
using sasl::Refused;

// An unknown name and a wrong password look alike; only what may change by itself is another matter.
Refused refuse(const Error& error) {
    using enum Error::Kind;
    const bool for_good = error.kind == not_found || error.kind == denied || error.kind == invalid;
    return {for_good ? Refusal::wrong_credentials : Refusal::unavailable, error.message};
}

// The account of that name, if it may log in and act for `authzid`.
Result<directory::Account> account_of(directory::Directory& directory, const sasl::Identity& who) {
    TRY(auto account, directory.account(who.authcid));
    if (account.disabled) return fail(Error::Kind::denied, "the account is disabled");
    if (who.authzid.empty()) return account;
    TRY(const auto other, directory::Name::parse(who.authzid));
    if (other != account.name) return fail(Error::Kind::denied, "no right to act for {}", who.authzid);
    return account;
}

Refused refuse_for_now() {
    return {Refusal::unavailable, "only app passwords, tokens and certificates are taken from there for now"};
}

Refused named(Refused refused, std::string_view said) {
    if (const auto name = directory::Name::parse(said)) refused.name = to_string(*name);
    return refused;
}

struct AnswerTo {
    directory::Directory& directory;
    const TokenJudge& judge;
    LogInTerms& terms;

    // The password first: whether the names fit is nobody's business who does not know it.
    Answer operator()(const sasl::VerifyPassword& asked) const {
        const auto log_in = authenticate(asked);
        if (!log_in) return refuse(log_in.error());
        terms.app_password = log_in->app_password;
        return grant(account_of(directory, asked.who));
    }

    Result<directory::LogIn> authenticate(const sasl::VerifyPassword& asked) const {
        auto by_app = terms.protocol.empty()
                          ? Result<directory::LogIn>(fail(Error::Kind::denied, "no app passwords here"))
                          : directory.authenticate_app(asked.who.authcid, asked.password, terms.protocol);
        if (by_app || by_app.error().kind != Error::Kind::denied) return by_app;
        if (!terms.account_password) return fail(Error::Kind::unavailable, "{}", refuse_for_now().detail);
        return directory.authenticate(asked.who.authcid, asked.password);
    }

    Answer operator()(const sasl::FetchScramKeys& asked) const {
        if (!terms.account_password) return refuse_for_now();
        auto account = account_of(directory, asked.who);
        if (!account) return named(refuse(account.error()), asked.who.authcid);
        const auto& keys = account->credentials.scram;
        const auto found = std::ranges::find(keys, asked.hash, &crypto::ScramKeys::hash);
        if (found == keys.end())
            return named({Refusal::wrong_credentials, "no keys for this hash"}, asked.who.authcid);
        return sasl::KnownKeys{to_string(account->name), *found};
    }

    Answer operator()(const sasl::FetchSecret& asked) const {
        if (!terms.account_password) return refuse_for_now();
        const auto account = account_of(directory, asked.who);
        const auto secret = directory.recover_password(account.value_or(directory::Account{}));
        if (!account) return refuse(account.error());
        if (!secret) return refuse(secret.error());
        return sasl::KnownSecret{to_string(account->name), std::string(secret->reveal())};
    }

    Answer operator()(const sasl::IdentifyCertificate& asked) const {
        const auto owner = owner_of(asked.certificate, asked.authzid);
        if (!owner) return refuse(owner.error());
        return grant(account_of(directory, {to_string(owner->name), asked.authzid}));
    }

    // An owner who has no account here is refused like a token that is not good.
    Answer operator()(const sasl::VerifyToken& asked) const {
        if (judge.verifier == nullptr) return Refused{Refusal::wrong_credentials, "no token is believed"};
        const auto owner = judge.verifier->owner_of(asked.token, judge.now);
        if (owner) return grant(account_of(directory, {owner->name, asked.authzid}));
        const bool is_good = owner.error().flaw == oauth::Flaw::insufficient_scope;
        return Refused{is_good ? Refusal::insufficient_scope : Refusal::wrong_credentials,
                       "the token: " + owner.error().why};
    }

    // Whom the operator has bound the certificate to; else the account that bears a name of those in the
    // certificate: the one he wants to act for, or the first that is there.
    Result<directory::Account> owner_of(const sasl::Certificate& certificate,
                                        std::string_view authzid) const {
        auto found = directory.account_of_certificate(certificate.fingerprint);
        for (const auto& address : certificate.addresses) {
            const bool is_settled = found || found.error().kind != Error::Kind::not_found;
            if (is_settled) break;
            if (!authzid.empty() && !is_same_name(address, authzid)) continue;
            found = directory.account(address);
            if (!found && found.error().kind == Error::Kind::invalid)
                found = fail(Error::Kind::not_found, "{} is no account", address);
        }
        return found;
    }

    static bool is_same_name(std::string_view a, std::string_view b) {
        const auto first = directory::Name::parse(a);
        const auto second = directory::Name::parse(b);
        return first && second && *first == *second;
    }

    static Answer grant(const Result<directory::Account>& account) {
        if (!account) return refuse(account.error());
        return sasl::Granted{to_string(account->name), {}};
    }
};

}  // namespace

sasl::Answer answer_log_in(directory::Directory& directory, const sasl::Question& question,
                           const TokenJudge& judge) {
    LogInTerms terms;
    return answer_log_in(directory, question, judge, terms);
}

sasl::Answer answer_log_in(directory::Directory& directory, const sasl::Question& question,
                           const TokenJudge& judge, LogInTerms& terms) {
    return std::visit(AnswerTo{directory, judge, terms}, question);
}

TokenJudge token_judge(const World& world) { return {world.tokens.get(), world.clock.now()}; }

net::Task<Answer> log_in(const World& world, sasl::Question question) {
    auto job = [&world, &question] { return answer_log_in(world.directory, question, token_judge(world)); };
    auto answer = co_await net::on_worker(world.log_in_workers, std::move(job));
    if (!answer) co_return Refused{Refusal::unavailable, answer.error().message};
    co_return *std::move(answer);
}

}  // namespace hongyan::flow
