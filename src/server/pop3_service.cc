#include "server/pop3_service.h"

#include "flow/at_once.h"
#include "flow/door.h"
#include "net/workers.h"
#include "pop3/session.h"

namespace hongyan::server {

namespace {

std::shared_ptr<const pop3::Settings> settings_for(const Conversation& conversation,
                                                   const Circumstances& circumstances) {
    const auto& config = circumstances.config;
    const auto address = circumstances.client_address();
    pop3::Settings settings{.hostname = circumstances.hostname, .offers_tls = conversation.tls() != nullptr};
    settings.sasl = log_in_settings(config, circumstances.hostname, circumstances.mail, address);
    settings.attempts = static_cast<int>(config.login.attempts);
    settings.login_patience = config.limits.login_patience;
    settings.patience = config.limits.pop3_patience;
    settings.raw_headers = config.imap.raw_headers;
    return std::make_shared<const pop3::Settings>(std::move(settings));
}

// Answers a session, and holds the lock on its maildrop. Belongs to the session's thread, as long as the
// connection lasts.
class Visitor {
public:
    explicit Visitor(const Circumstances& circumstances)
        : mail_(circumstances.mail),
          most_sessions_(circumstances.config.limits.pop3_per_account),
          door_(circumstances.mail.world(), "pop3", circumstances.client_address(), circumstances.log) {}

    flow::Door& door() { return door_; }

    net::Task<pop3::Answer> answer(pop3::Question question) {
        if (auto* open = std::get_if<pop3::OpenMaildrop>(&question)) return this->open(std::move(*open));
        if (const auto* fetch = std::get_if<pop3::FetchMessage>(&question)) return this->fetch(*fetch);
        if (auto* end = std::get_if<pop3::UpdateMaildrop>(&question)) return update(std::move(end->deleted));
        return log_in(std::get<sasl::Question>(std::move(question)));
    }

private:
    const flow::World& world() const { return mail_.world(); }
    store::Account account() const { return world().store.account(account_); }

    net::Task<pop3::Answer> log_in(sasl::Question question) {
        co_return co_await door_.answer(std::move(question));
    }

    net::Task<pop3::Answer> open(pop3::OpenMaildrop wanted) {
        auto job = [this, &wanted] { return open_and_lock(wanted.account); };
        auto maildrop = co_await net::on_worker(world().workers, std::move(job));
        if (maildrop && wanted.headers == pop3::Headers::ascii) {
            const auto measured = co_await measure(maildrop->messages);
            if (!measured) maildrop = std::unexpected(measured.error());
        }
        if (!maildrop) close();
        co_return maildrop;
    }

    Result<pop3::Maildrop> open_and_lock(const std::string& name) {
        TRY(const auto account, world().directory.account(name));
        TRY(place_, mail_.account_sessions().take(name, "pop3", most_sessions_));
        hold_ = mail_.maildrop_locks().take(account.id);
        if (!hold_) return fail(Error::Kind::conflict, "another session has the maildrop of {}", name);
        account_ = account.id;
        return pop3::open_maildrop(this->account());
    }

    // In portions: others who wait for a worker get one in between.
    net::Task<Result<void>> measure(std::span<pop3::Listed> left) {
        while (!left.empty()) {
            auto job = [this, left] { return pop3::measure(account(), left); };
            const auto done =
                co_await net::on_worker(world().workers, std::move(job), net::JobOf::something_begun);
            if (!done) co_return std::unexpected(done.error());
            left = left.subspan(*done);
        }
        co_return Result<void>();
    }

    // Whoever is answered may open the maildrop again.
    void close() {
        hold_.reset();
        place_.reset();
    }

    net::Task<pop3::Answer> fetch(pop3::FetchMessage wanted) {
        auto job = [this, wanted] { return pop3::fetch_message(account(), wanted.message, wanted.headers); };
        co_return co_await flow::at_once(world().workers, std::move(job));
    }

    net::Task<pop3::Answer> update(store::UidSet deleted) {
        auto job = [this, &deleted]() -> Result<void> {
            if (deleted.empty()) return {};
            return pop3::remove_messages(account(), deleted);
        };
        auto done = co_await net::on_worker(world().workers, std::move(job));
        close();
        co_return done;
    }

    const Mail& mail_;
    std::size_t most_sessions_;
    std::unique_ptr<AccountSessions::Place> place_;
    flow::Door door_;
    store::AccountId account_;
    std::unique_ptr<pop3::MaildropLocks::Hold> hold_;
};

}  // namespace

net::Task<Ending> serve_pop3(Conversation& conversation, const Circumstances& circumstances) {
    Visitor visitor(circumstances);
    pop3::Session session(settings_for(conversation, circumstances), circumstances.security,
                          circumstances.mail.random());
    session.observe_log_ins(visitor.door());
    auto answer_to = [&visitor](pop3::Question question) { return visitor.answer(std::move(question)); };
    co_return co_await carry(session, conversation, std::move(answer_to));
}

}  // namespace hongyan::server
