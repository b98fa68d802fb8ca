#include "pop3/session.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/scanner.h"
#include "pop3/command_table.h"
#include "pop3/wire/reply.h"

namespace hongyan::pop3 {

namespace {

// RFC 2449 §4 asks for 255; the answers to a SASL challenge may be longer (RFC 5034 §4).
constexpr std::size_t longest_command = 12'288;

// RFC 3206 §4, RFC 2449 §8.1.1: trouble that passes, trouble that stays, a maildrop that another session has.
std::string_view code_of(Error::Kind kind) {
    switch (kind) {
        case Error::Kind::conflict:
            return "IN-USE";
        case Error::Kind::denied:
            return "AUTH";
        case Error::Kind::corrupt:
        case Error::Kind::internal:
            return "SYS/PERM";
        default:
            return "SYS/TEMP";
    }
}

struct Refusal {
    std::string_view code;
    std::string_view text;
};

// RFC 3206 §6: AUTH where the user must do something about name or password, or about the way to log in.
Refusal refusal_of(sasl::Refusal why) {
    switch (why) {
        case sasl::Refusal::wrong_credentials:
        case sasl::Refusal::too_weak:
        case sasl::Refusal::needs_transition:
            return {"AUTH", "The name or the password is wrong"};
        case sasl::Refusal::needs_encryption:
            return {"AUTH", "This needs TLS: use STLS first"};
        case sasl::Refusal::malformed:
            return {"", "The response is not understood"};
        case sasl::Refusal::cancelled:
            return {"", "Cancelled"};
        case sasl::Refusal::unavailable:
            break;
    }
    return {"SYS/TEMP", "Please try again later"};
}

}  // namespace

const Listed* Transaction::find(MessageNumber number) const {
    const std::size_t index = number.value();
    const bool there = index >= 1 && index <= maildrop.messages.size() && !deleted[index - 1];
    return there ? &maildrop.messages[index - 1] : nullptr;
}

Session::Session(std::shared_ptr<const Settings> settings, session::Security security, Random& random)
    : Dialogue(longest_command),
      settings_(std::move(settings)),
      security_(std::move(security)),
      random_(random) {
    // Without a time stamp: no account has the recoverable secret that APOP needs (RFC 1939 §7).
    accept(fmt::format("{} Hongyan POP3 server ready", settings_->hostname));
}

bool Session::takes_passwords() const {
    return security_.is_encrypted() ||
           settings_->sasl.without_encryption == sasl::WithoutEncryption::everything;
}

void Session::accept(std::string_view text) { say(positive(text)); }

void Session::refuse(std::string_view code, std::string_view text) {
    say(negative(code, text));
    count_mistake();
}

void Session::refuse(const Error& error) {
    const bool is_in_use = error.kind == Error::Kind::conflict;
    say(negative(code_of(error.kind),
                 is_in_use ? "Another session has this maildrop open" : "That has failed"));
}

void Session::ask(Question question, Then then) {
    then_ = std::move(then);
    Dialogue::ask(std::move(question));
}

void Session::answered(Answer given) {
    const auto then = std::exchange(then_, nullptr);
    check(then != nullptr, "an answer follows a question");
    then(*this, std::move(given));
}

session::Read Session::wish() const {
    return {.patience = transaction_ ? settings_->patience : settings_->login_patience};
}

bool Session::advance() {
    if (sending_) {
        say(sending_->next_piece());
        if (sending_->done()) sending_.reset();
        return true;
    }
    const auto line = input().next();
    if (!line) return false;
    if (exchange_)
        respond(*line);
    else if (line->kind == session::Line::Kind::whole)
        execute(line->text);
    else
        refuse_line(line->kind);
    return true;
}

void Session::refuse_line(session::Line::Kind kind) {
    const bool too_long = kind == session::Line::Kind::too_long;
    refuse("", too_long ? "The line is too long" : "A line ends in CR LF and holds neither before");
}

// RFC 1939 §3: keywords and arguments are separated by a single space; a password may hold more of them.
void Session::execute(std::string_view line) {
    Scanner in(line);
    const auto* const row = find_command(in.take_while([](char c) { return c != ' '; }));
    if (row == nullptr) return refuse("", "There is no such command");
    const auto here = state() == State::transaction ? Valid::in_transaction : Valid::in_authorization;
    if (row->valid != Valid::always && row->valid != here) return refuse("", "Not in this state");
    in.present(" ");
    if (row->argument == Argument::required && in.at_end())
        return refuse("", fmt::format("{} takes an argument", row->verb));
    if (row->argument == Argument::none && !in.at_end())
        return refuse("", fmt::format("{} takes no argument", row->verb));
    row->run(*this, in.rest());
}

// ---- logging in ----

void Session::check_password(std::string password) {
    const auto name = std::exchange(user_, {});
    ask(sasl::VerifyPassword{{name, {}}, std::move(password)}, [](Session& session, const Answer& answer) {
        const auto& outcome = std::get<sasl::Answer>(answer);
        if (const auto* granted = std::get_if<sasl::Granted>(&outcome)) return session.open(granted->account);
        const auto* const refused = std::get_if<sasl::Refused>(&outcome);
        session.log_in_failed(refused != nullptr ? refused->why : sasl::Refusal::unavailable);
    });
}

void Session::authenticate(const sasl::Mechanism& mechanism, std::optional<std::string> initial_response) {
    exchange_ =
        std::make_unique<sasl::Exchange>(mechanism, settings_->sasl, security_.circumstances, random_);
    exchange_->begin(initial_response);
    follow_exchange();
}

// RFC 5034 §4: base64, or "*" to cancel.
void Session::respond(const session::Line& line) {
    const bool is_whole = line.kind == session::Line::Kind::whole;
    const auto response = is_whole ? from_base64(line.text) : std::nullopt;
    if (is_whole && line.text == "*")
        exchange_->cancel();
    else if (response)
        exchange_->receive(*response);
    else
        return log_in_failed(sasl::Refusal::malformed);
    follow_exchange();
}

void Session::follow_exchange() {
    const auto& next = exchange_->next();
    if (const auto* challenge = std::get_if<sasl::Challenge>(&next)) {
        say(fmt::format("+ {}\r\n", to_base64(challenge->text)));
    } else if (const auto* question = std::get_if<sasl::Question>(&next)) {
        ask(*question, [](Session& session, const Answer& answer) {
            session.exchange_->answer(std::get<sasl::Answer>(answer));
            session.follow_exchange();
        });
    } else if (const auto* granted = std::get_if<sasl::Granted>(&next)) {
        const auto account = granted->account;
        exchange_.reset();
        open(account);
    } else {
        log_in_failed(std::get<sasl::Refused>(next).why);
    }
}

void Session::log_in_failed(sasl::Refusal why) {
    exchange_.reset();
    const auto [code, text] = refusal_of(why);
    refuse(code, text);
    if (why == sasl::Refusal::wrong_credentials && ++failed_attempts_ >= settings_->attempts) end();
}

void Session::open(const std::string& account) {
    ask(OpenMaildrop{account}, [](Session& session, Answer answer) {
        session.opened(std::get<Result<Maildrop>>(std::move(answer)));
    });
}

void Session::opened(Result<Maildrop> maildrop) {
    if (!maildrop) return refuse(maildrop.error());
    transaction_.emplace(*std::move(maildrop));
    accept(fmt::format("The maildrop has {} messages", transaction_->maildrop.messages.size()));
}

// RFC 2595 §4: the client begins again in the AUTHORIZATION state.
void Session::became_secure(session::Security security) {
    security_ = std::move(security);
    user_.clear();
}

void Session::say_goodbye(session::Farewell why) {
    switch (why) {
        case session::Farewell::timed_out:
            return;  // RFC 1939 §3: without any response
        case session::Farewell::shutting_down:
            return say(negative("SYS/TEMP", "The server is shutting down, please come back"));
        case session::Farewell::too_many_mistakes:
            return;  // the last command has had its answer, and there is no other to give
    }
}

std::string refuse_connection(std::string_view reason) { return negative("SYS/TEMP", reason); }

}  // namespace hongyan::pop3
