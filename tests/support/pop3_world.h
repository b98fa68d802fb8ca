// The world of a POP3 session, without disk and network: a maildrop that is a list, whose questions are
// answered on the spot.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/scanner.h"
#include "pop3/session.h"
#include "support/answered.h"

namespace hongyan::pop3_world {

inline constexpr std::string_view name = "ann@example.test";
inline constexpr std::string_view password = "a secret  with spaces";

class NoRandom final : public Random {
public:
    void fill(std::span<char> out) override { std::ranges::fill(out, '\0'); }
};

// One maildrop of UIDVALIDITY 7, in which the UIDs are even.
class World {
public:
    void deliver(std::string text) {
        const store::Uid uid(static_cast<std::uint32_t>(2 * (messages_.size() + 1)));
        messages_.push_back({{uid, store::MessageId(uid.value()), text.size()}, std::move(text)});
    }
    // Over IMAP, say.
    void remove(store::Uid uid) {
        std::erase_if(messages_, [uid](const Kept& kept) { return kept.listed.uid == uid; });
    }
    void lock_elsewhere() { is_locked_ = true; }
    void break_down() { is_broken_ = true; }

    pop3::Answer answer(const pop3::Question& question) {
        if (const auto* drop = std::get_if<pop3::OpenMaildrop>(&question)) return open(drop->headers);
        if (const auto* fetch = std::get_if<pop3::FetchMessage>(&question))
            return this->fetch(fetch->message.uid, fetch->headers);
        if (const auto* end = std::get_if<pop3::UpdateMaildrop>(&question)) return update(end->deleted);
        return log_in(std::get<sasl::Question>(question));
    }

private:
    struct Kept {
        pop3::Listed listed;
        std::string text;
    };

    static sasl::Answer log_in(const sasl::Question& question) {
        if (const auto* const fetch = std::get_if<sasl::FetchSecret>(&question)) return secret_of(*fetch);
        if (const auto* const shown = std::get_if<sasl::VerifyToken>(&question); shown != nullptr)
            if (shown->token == "good" && (shown->authzid.empty() || shown->authzid == name))
                return sasl::Granted{std::string(name), {}};
        const auto* const asked = std::get_if<sasl::VerifyPassword>(&question);
        const bool right = asked != nullptr && asked->password == password &&
                           (asked->who.authcid == "ann" || asked->who.authcid == name);
        if (right) return sasl::Granted{std::string(name), {}};
        return sasl::Refused{sasl::Refusal::wrong_credentials, {}};
    }

    static sasl::Answer secret_of(const sasl::FetchSecret& asked) {
        if (asked.who.authcid == "ann") return sasl::KnownSecret{std::string(name), std::string(password)};
        return sasl::Refused{sasl::Refusal::wrong_credentials, {}};
    }

    Result<pop3::Maildrop> open(pop3::Headers headers) const {
        if (is_locked_) return fail(Error::Kind::conflict, "locked");
        if (is_broken_) return fail(Error::Kind::io, "broken");
        pop3::Maildrop maildrop{.uid_validity = store::UidValidity(7), .messages = {}};
        for (const auto& kept : messages_) {
            maildrop.messages.push_back(kept.listed);
            maildrop.messages.back().size = pop3::in_form(kept.text, headers).size();
        }
        return maildrop;
    }

    Result<std::string> fetch(store::Uid uid, pop3::Headers headers) const {
        const auto found =
            std::ranges::find_if(messages_, [uid](const Kept& kept) { return kept.listed.uid == uid; });
        if (is_broken_) return fail(Error::Kind::io, "broken");
        if (found == messages_.end()) return fail(Error::Kind::not_found, "gone");
        return pop3::in_form(found->text, headers);
    }

    Result<void> update(const store::UidSet& deleted) {
        if (is_broken_) return fail(Error::Kind::io, "broken");
        for (const auto uid : deleted.uids()) remove(uid);
        return {};
    }

    std::vector<Kept> messages_;
    bool is_locked_ = false;
    bool is_broken_ = false;
};

// A session in its world: it asks nobody anything.
class Stage {
public:
    using Question = session::Nothing;
    using Answer = session::Nothing;
    using Action = session::Action<Question>;

    Stage(pop3::Settings settings, session::Security security)
        : session_(std::make_shared<const pop3::Settings>(std::move(settings)), std::move(security),
                   random_) {}

    World& world() { return world_; }
    // What has been said so far, the client knows.
    void begin_with(std::string_view commands) {
        session_.receive(commands);
        while (std::holds_alternative<session::Write>(next())) continue;
    }

    void receive(std::string_view bytes) { session_.receive(bytes); }
    void answer(session::Nothing) {}
    void secured(session::Security security) { session_.secured(std::move(security)); }
    void timed_out() { session_.timed_out(); }
    void shut_down() { session_.shut_down(); }

    Action next() {
        return next_but_questions(session_,
                                  [this](const pop3::Question& asked) { return world_.answer(asked); });
    }

    // "removed: UID", by somebody else; "locked", by another session; "broken", the disk is.
    bool happen(std::string_view event) {
        constexpr std::string_view removed = "removed: ";
        if (event == "locked") return world_.lock_elsewhere(), true;
        if (event == "broken") return world_.break_down(), true;
        if (!event.starts_with(removed)) return false;
        Scanner in(event.substr(removed.size()));
        world_.remove(store::Uid(in.number()));
        return in.complete();
    }

private:
    World world_;
    NoRandom random_;
    pop3::Session session_;
};

inline pop3::Settings open_settings() {
    pop3::Settings settings{.hostname = "mail.example.test"};
    settings.sasl.without_encryption = sasl::WithoutEncryption::everything;
    return settings;
}

inline void fill(World& world) {
    world.deliver("Subject: one\r\n\r\nHello.\r\n");
    world.deliver("Subject: dots\r\n\r\n.\r\n..\r\n.dot\r\na.b\r\n");
    world.deliver("Subject: lines\r\nTo: ann\r\n\r\n1\r\n.2\r\n3\r\n");
}

}  // namespace hongyan::pop3_world
