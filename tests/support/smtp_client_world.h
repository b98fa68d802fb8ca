// A client session as transcripts play it: messages come as text, and reports go out as text.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/scanner.h"
#include "smtp/wire/parameters.h"
#include "smtp_client/session.h"
#include "transcripts/player.h"

namespace hongyan::smtp_client_world {

using smtp_client::Outgoing;

inline bool take_delivery_by(std::string_view value, Outgoing& out) {
    Scanner in(value);
    const bool past = in.present("-");
    const auto seconds = static_cast<std::int64_t>(in.number<std::uint32_t>());
    in.expect(";");
    out.deliver_by = {.remaining = std::chrono::seconds(past ? -seconds : seconds)};
    if (in.present("R")) out.deliver_by->mode = smtp_client::DeliverBy::Mode::give_back;
    in.present("N");
    out.deliver_by->trace = in.present("T");
    return in.complete();
}

// One of the pieces between " | ".
inline bool take_piece(std::string_view piece, Outgoing& out) {
    Scanner in(piece);
    if (in.present("MAIL ")) {
        auto rest = in.rest();
        const auto path = message::take_path(rest);
        const auto parameters = smtp::parse_mail_parameters(rest);
        if (!path || !parameters) return false;
        out.sender = *path;
        out.parameters = *parameters;
        return true;
    }
    if (in.present("RCPT ")) {
        auto rest = in.rest();
        const auto path = message::take_path(rest);
        const auto parameters = smtp::parse_recipient_parameters(rest);
        if (!path || !parameters) return false;
        out.recipients.push_back({*path, parameters->notify, parameters->original});
        return true;
    }
    if (in.present("BY ")) return take_delivery_by(in.rest(), out);
    if (in.present("HOLD ")) return out.hold_until = in.rest(), true;
    if (in.present("PREFIX ")) return out.prefix = transcripts::unescape(in.rest()), true;
    if (in.present("TEXT "))
        return out.content = std::make_shared<const std::string>(transcripts::unescape(in.rest())), true;
    if (in.present("PRIORITY ")) {
        const int sign = in.present("-") ? -1 : 1;
        out.priority = sign * static_cast<int>(in.number<std::uint32_t>(9));
        return in.complete();
    }
    return in.present("REQUIRETLS") && (out.require_tls = true);
}

// "MAIL <ann@here.test> BODY=8BITMIME | RCPT <bob@there.test> NOTIFY=NEVER | TEXT a\r\n"; also PREFIX, BY,
// PRIORITY, HOLD, REQUIRETLS. Nothing if it is no message.
inline std::optional<Outgoing> parse_outgoing(std::string_view text) {
    Outgoing out;
    out.content = std::make_shared<const std::string>("Subject: x\r\n\r\nHello\r\n");
    for (constexpr std::string_view bar = " | "; !text.empty();) {
        const auto end = std::min(text.find(bar), text.size());
        if (!take_piece(text.substr(0, end), out)) return std::nullopt;
        text.remove_prefix(std::min(end + bar.size(), text.size()));
    }
    if (out.recipients.empty()) return std::nullopt;
    return out;
}

// What to do with a session that is ready: a message, QUIT, or to wait what the peer says.
struct Quit {};
struct Wait {};
using Command = std::variant<Outgoing, Quit, Wait>;

inline std::optional<Command> parse_command(std::string_view text) {
    if (text == "QUIT") return Quit{};
    if (text == "wait") return Wait{};
    if (auto outgoing = parse_outgoing(text)) return *std::move(outgoing);
    return std::nullopt;
}

class Stage {
public:
    using Question = smtp_client::Ready;
    using Answer = Command;
    using Action = std::variant<session::Read, session::Write, session::StartTls, session::Close,
                                transcripts::Told, smtp_client::Ready>;

    Stage(std::shared_ptr<const smtp_client::Settings> settings, smtp_client::Security security,
          bool is_authenticated)
        : session_(std::move(settings), std::move(security), random_), is_authenticated_(is_authenticated) {}

    Action next() {
        if (told_.empty()) {
            auto action = session_.next();
            if (const auto* report = std::get_if<smtp_client::Report>(&action))
                tell(*report);
            else if (std::holds_alternative<session::Close>(action) && tell_problem())
                return next();
            else if (std::holds_alternative<smtp_client::Ready>(action) && is_waiting_)
                return session::Read{};
            else
                return std::visit([](auto& other) { return same(other); }, action);
        }
        auto line = std::move(told_.front());
        told_.pop_front();
        return line;
    }

    void answer(Command command) {
        if (std::holds_alternative<Quit>(command)) session_.quit();
        if (std::holds_alternative<Wait>(command)) is_waiting_ = true;
        if (auto* const outgoing = std::get_if<Outgoing>(&command)) send(std::move(*outgoing));
    }
    void receive(std::string_view bytes) { session_.receive(bytes); }
    void secured(session::Security security) { session_.secured({std::move(security), is_authenticated_}); }
    void timed_out() { session_.timed_out(); }
    void shut_down() { session_.quit(); }

    bool happen(std::string_view event) {
        constexpr std::string_view lost = "lost ";
        if (event.starts_with(lost)) return session_.lost(std::string(event.substr(lost.size()))), true;
        auto outgoing = parse_outgoing(event);
        if (!outgoing || !session_.takes_message()) return false;
        send(*std::move(outgoing));
        return true;
    }

    smtp_client::Session& session() { return session_; }

private:
    template <typename Other>
    static Action same(Other& other) {
        if constexpr (std::is_constructible_v<Action, Other>)
            return Action(std::move(other));
        else
            return session::Close{};
    }

    void send(Outgoing outgoing) {
        is_waiting_ = false;
        auto& names = names_.emplace_back();
        for (const auto& recipient : outgoing.recipients) names.push_back(smtp::to_string(recipient.path));
        session_.send(std::move(outgoing));
    }

    void tell(const smtp_client::Report& report) {
        check(!names_.empty() && names_.front().size() == report.outcomes.size(),
              "each recipient of each message has one outcome");
        for (std::size_t i = 0; i < report.outcomes.size(); ++i)
            told_.push_back({names_.front()[i] + ": " + smtp_client::to_text(report.outcomes[i])});
        names_.pop_front();
    }
    bool tell_problem() {
        if (!session_.problem() || std::exchange(has_told_problem_, true)) return false;
        told_.push_back({"problem: " + smtp_client::to_text(session_.problem()->outcome)});
        return true;
    }

    // Nonces are the same every time.
    class NoRandom final : public Random {
    public:
        void fill(std::span<char> out) override { std::ranges::fill(out, '\0'); }
    };

    NoRandom random_;
    smtp_client::Session session_;
    bool is_authenticated_;
    bool is_waiting_ = false;
    bool has_told_problem_ = false;
    std::deque<std::vector<std::string>> names_;  // of the recipients of messages that have no report yet
    std::deque<transcripts::Told> told_;
};

}  // namespace hongyan::smtp_client_world
