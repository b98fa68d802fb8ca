// The world of an IMAP session, without disk and network: one account in a store in memory, whose questions
// are answered on the spot.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/scanner.h"
#include "engine/memory_engine.h"
#include "imap/session.h"
#include "store/store.h"
#include "support/answered.h"
#include "support/crowd.h"

namespace hongyan::imap_world {

inline constexpr store::AccountId ann{1};
inline constexpr store::AccountId bob{2};
inline constexpr std::string_view name = "ann@example.test";
inline constexpr std::string_view name_of_bob = "bob@example.test";
inline constexpr std::string_view password = "secret";

class NoRandom final : public Random {
public:
    void fill(std::span<char> out) override { std::ranges::fill(out, '\0'); }
};

// Two people, who may leave out what is behind the at sign.
class Neighbours final : public imap::People {
public:
    Result<store::AccountId> account_of(std::string_view who) const override {
        if (who == name || who == "ann") return ann;
        if (who == name_of_bob || who == "bob") return bob;
        return fail(Error::Kind::not_found, "there is no \"{}\"", who);
    }
    Result<std::string> name_of(store::AccountId account) const override {
        if (account == ann) return std::string(name);
        if (account == bob) return std::string(name_of_bob);
        return fail(Error::Kind::not_found, "there is no account {}", account);
    }
};

// Outlives its sessions. Stands still at 2023-11-14 22:13:20 UTC.
class World {
public:
    explicit World(std::unique_ptr<engine::Engine> engine = engine::make_memory_engine())
        : engine_(std::move(engine)) {
        for (const auto id : {ann, bob})
            check(store_.create_account(id).has_value(), "a new store takes an account");
    }

    store::Account account() { return store_.account(ann); }
    store::Store& store() { return store_; }
    Random& random() { return random_; }
    ManualClock& clock() { return clock_; }
    // While they are, what a worker would have to begin is put off.
    void keep_workers_busy(bool busy) { workers_are_busy_ = busy; }

    void deliver(std::string_view message, store::MailboxId mailbox = store::inbox,
                 store::AccountId account = ann) {
        store::NewMessage arrived;
        arrived.content = store::prepare(message);
        arrived.received = clock_.now();
        check(store_.account(account).append(mailbox, {arrived}).has_value(), "the message arrives");
    }

    imap::Answer answer(const imap::Question& question) {
        if (const auto* work = std::get_if<imap::Work>(&question)) {
            run(*work->task);
            return imap::Done{};
        }
        if (const auto* open = std::get_if<imap::OpenAccount>(&question))
            return Neighbours().account_of(open->name);
        return log_in(std::get<sasl::Question>(question));
    }

private:
    // As the server does: without a worker where that can be.
    void run(imap::Task& task) {
        const auto begun = task.begin_here(store_);
        if (begun == imap::Task::Begun::all_done) return;
        if (begun == imap::Task::Begun::to_commit) {
            auto outcomes = store_.engine().transact(task.take_parts(), engine::Together::all_or_none);
            if (task.end_here(store_, std::move(outcomes))) return;
        }
        if (workers_are_busy_ && !task.is_under_way())
            return task.put_off(Error{Error::Kind::unavailable, "all workers are busy"});
        Crowd helpers(2);
        task.run(store_, &helpers);
    }

    static sasl::Answer log_in(const sasl::Question& question) {
        const auto* const asked = std::get_if<sasl::VerifyPassword>(&question);
        if (asked != nullptr && asked->password == password)
            if (const auto account = Neighbours().account_of(asked->who.authcid))
                return sasl::Granted{Neighbours().name_of(*account).value(), {}};
        if (const auto* const shown = std::get_if<sasl::VerifyToken>(&question)) return answer_token(*shown);
        return sasl::Refused{sasl::Refusal::wrong_credentials, {}};
    }

    // Ann has the token of RFC 7628 §4.1, and one that is for something else.
    static sasl::Answer answer_token(const sasl::VerifyToken& shown) {
        const bool is_ann = shown.authzid.empty() || shown.authzid == name;
        if (shown.token == "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==" && is_ann)
            return sasl::Granted{std::string(name), {}};
        if (shown.token == "calendar") return sasl::Refused{sasl::Refusal::insufficient_scope, {}};
        return sasl::Refused{sasl::Refusal::wrong_credentials, {}};
    }

    ManualClock clock_;
    NoRandom random_;
    std::unique_ptr<engine::Engine> engine_;
    store::Store store_{*engine_, clock_};
    bool workers_are_busy_ = false;
};

// A session in its world: it asks nobody anything.
class Session {
public:
    using Question = session::Nothing;
    using Answer = session::Nothing;
    using Action = session::Action<Question>;

    Session(World& world, imap::Settings settings, session::Security security)
        : world_(world),
          inner_(std::make_shared<const imap::Settings>(std::move(settings)), std::move(security),
                 world.random()) {}

    void receive(std::string_view bytes) { inner_.receive(bytes); }
    void answer(session::Nothing) {}
    void secured(session::Security security) { inner_.secured(std::move(security)); }
    void timed_out() { inner_.timed_out(); }
    void shut_down() { inner_.shut_down(); }
    void mail_changed() { inner_.mail_changed(); }

    Action next() {
        return next_but_questions(inner_,
                                  [this](const imap::Question& asked) { return world_.answer(asked); });
    }

    // Gives these commands, and returns what is said to them.
    std::string after(std::string_view commands) {
        receive(commands);
        std::string said;
        for (;;) {
            const auto action = next();
            const auto* const write = std::get_if<session::Write>(&action);
            if (write == nullptr) return said;
            said += write->bytes;
        }
    }

private:
    World& world_;
    imap::Session inner_;
};

inline imap::Settings open_settings() {
    imap::Settings settings;
    settings.hostname = "mail.example.test";
    settings.sasl.without_encryption = sasl::WithoutEncryption::everything;
    settings.people = std::make_shared<const Neighbours>();
    return settings;
}

// A world with its client, and somebody else who uses the same account ("elsewhere").
class Stage {
public:
    using Question = session::Nothing;
    using Answer = session::Nothing;

    Stage(imap::Settings settings, session::Security security)
        : client_(world_, std::move(settings), std::move(security)) {}

    World& world() { return world_; }
    // What has been said so far, the client knows.
    void begin_with(std::string_view commands) { client_.after(commands); }

    void receive(std::string_view bytes) { client_.receive(bytes); }
    void answer(session::Nothing) {}
    void secured(session::Security security) { client_.secured(std::move(security)); }
    void timed_out() { client_.timed_out(); }
    void shut_down() { client_.shut_down(); }
    Session::Action next() { return client_.next(); }

    // "bob: COMMAND", given by somebody else's session.
    // "quota: OCTETS MESSAGES" limits the account, "quota of bob: …" bob's.
    // "elsewhere: COMMAND", given by another session that has selected INBOX; "delivered: SUBJECT", a message
    // into INBOX. "workers: busy" or "free". False: that is no event, or the other was refused.
    bool happen(std::string_view event) {
        const auto happened =
            elsewhere(event) || by_bob(event) || delivered(event) || limited(event) || employed(event);
        client_.mail_changed();
        return happened;
    }

private:
    bool elsewhere(std::string_view event) {
        constexpr std::string_view begin = "elsewhere: ";
        if (!event.starts_with(begin)) return false;
        if (!other_) {
            other_.emplace(world_, open_settings(), session::Security{});
            other_->after("x LOGIN ann secret\r\nx SELECT INBOX\r\n");
        }
        const auto said = other_->after(fmt::format("y {}\r\n", event.substr(begin.size())));
        return said.starts_with("y OK") || said.contains("\ny OK");
    }

    bool by_bob(std::string_view event) {
        constexpr std::string_view begin = "bob: ";
        if (!event.starts_with(begin)) return false;
        if (!bob_) {
            bob_.emplace(world_, open_settings(), session::Security{});
            bob_->after("x LOGIN bob secret\r\n");
        }
        const auto said = bob_->after(fmt::format("y {}\r\n", event.substr(begin.size())));
        return said.starts_with("y OK") || said.contains("\ny OK");
    }

    bool delivered(std::string_view event) {
        for (const auto& [begin, account] :
             {std::pair(std::string_view("delivered: "), ann), {"delivered to bob: ", bob}}) {
            if (!event.starts_with(begin)) continue;
            world_.deliver(fmt::format("Subject: {}\r\n\r\nHello.\r\n", event.substr(begin.size())),
                           store::inbox, account);
            return true;
        }
        return false;
    }

    bool limited(std::string_view event) {
        Scanner in(event);
        in.expect("quota");
        const auto of = in.present(" of bob") ? bob : ann;
        in.expect(": ");
        store::Quota quota;
        quota.bytes = in.number<std::uint64_t>();
        in.expect(" ");
        quota.messages = in.number<std::uint64_t>();
        return !in.failed() && world_.store().account(of).set_quota(quota).has_value();
    }

    bool employed(std::string_view event) {
        constexpr std::string_view begin = "workers: ";
        if (!event.starts_with(begin)) return false;
        world_.keep_workers_busy(event.ends_with("busy"));
        return true;
    }

    World world_;
    Session client_;
    std::optional<Session> other_;
    std::optional<Session> bob_;
};

}  // namespace hongyan::imap_world
