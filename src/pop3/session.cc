#include "pop3/session.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/scanner.h"
#include "crypto/digest.h"
#include "pop3/command_table.h"
#include "pop3/wire/reply.h"

namespace hongyan::pop3 {

namespace {

// RFC 2449 §4 asks for 255; the answers to a SASL challenge may be longer (RFC 5034 §4).
constexpr std::size_t longest_command = 12'288;
constexpr std::size_t nonce_bytes = 16;  // of a time stamp

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
        case sasl::Refusal::insufficient_scope:
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

// RFC 1939 §7: only with a secret that we can read. Who takes the digest from the wire can guess at the
// password, so it goes the way of mechanisms that hide a password.
bool offers_apop(const Settings& settings, const session::Security& security) {
    return settings.sasl.recoverable_passwords &&
           (security.is_encrypted() || settings.sasl.without_encryption != sasl::WithoutEncryption::nothing);
}

// RFC 1939 §7: the digest is MD5 of the time stamp and the secret. It is computed with a secret of nobody
// where there is none, so that a name without one takes as long as a wrong digest.
sasl::Answer judge_digest(const sasl::Answer& answer, std::string_view time_stamp, std::string_view digest,
                          Random& random) {
    const auto* const refused = std::get_if<sasl::Refused>(&answer);
    if (refused != nullptr && refused->why != sasl::Refusal::wrong_credentials) return *refused;
    const auto* const known = std::get_if<sasl::KnownSecret>(&answer);
    const crypto::Secret text(
        fmt::format("{}{}", time_stamp, known != nullptr ? known->secret : random.bytes(nonce_bytes)));
    const auto expected = to_hex(crypto::digest(crypto::Hash::md5, text.reveal()));
    const bool same = crypto::equal_in_constant_time(expected, digest);
    if (known == nullptr || !same) return sasl::Refused{sasl::Refusal::wrong_credentials, "wrong digest"};
    return sasl::Granted{known->account, {}};
}

// timestamp = msg-id of RFC 822, never the same twice   RFC 1939 §7
std::string make_time_stamp(Random& random, std::string_view hostname) {
    return fmt::format("<{}@{}>", to_hex(random.bytes(nonce_bytes)), hostname);
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
    if (offers_apop(*settings_, security_)) time_stamp_ = make_time_stamp(random_, settings_->hostname);
    accept(fmt::format("{} Hongyan POP3 server ready{}{}", settings_->hostname,
                       time_stamp_.empty() ? "" : " ", time_stamp_));
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
    if (error.kind == Error::Kind::unavailable) return say(negative(code_of(error.kind), error.message));
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
        sending_->append_piece(output());
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
    began("PASS");
    ask(sasl::VerifyPassword{{name, {}}, std::move(password)},
        [](Session& session, const Answer& answer) { session.concluded(std::get<sasl::Answer>(answer)); });
}

void Session::check_digest(const std::string& name, std::string digest) {
    began("APOP");
    ask(sasl::FetchSecret{{name, {}}}, [digest = std::move(digest)](Session& session, const Answer& answer) {
        session.concluded(
            judge_digest(std::get<sasl::Answer>(answer), session.time_stamp_, digest, session.random_));
    });
}

void Session::concluded(const sasl::Answer& outcome) {
    if (const auto* who = std::get_if<sasl::Granted>(&outcome)) return granted(who->account);
    const auto* const refused = std::get_if<sasl::Refused>(&outcome);
    log_in_failed(refused != nullptr ? *refused : sasl::Refused{sasl::Refusal::unavailable, {}});
}

void Session::began(std::string_view how) {
    if (observer_ != nullptr) observer_->began(how);
}

void Session::granted(const std::string& account) {
    if (observer_ != nullptr) observer_->granted(account);
    open(account);
}

void Session::authenticate(const sasl::Mechanism& mechanism, std::optional<std::string> initial_response) {
    began(mechanism.name);
    exchange_ = std::make_unique<sasl::Exchange>(mechanism, settings_->sasl, security_.circumstances, random_,
                                                 observer_);
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
        return log_in_failed({sasl::Refusal::malformed, "no base64"});
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
    } else if (const auto* who = std::get_if<sasl::Granted>(&next)) {
        const auto account = who->account;
        exchange_.reset();
        granted(account);
    } else {
        const auto refused = std::get<sasl::Refused>(next);
        exchange_.reset();
        log_in_failed(refused);
    }
}

void Session::log_in_failed(const sasl::Refused& refused) {
    exchange_.reset();
    if (observer_ != nullptr) observer_->refused(refused);
    const auto [code, text] = refusal_of(refused.why);
    refuse(code, text);
    if (refused.why == sasl::Refusal::wrong_credentials && ++failed_attempts_ >= settings_->attempts) end();
}

void Session::open(const std::string& account) {
    ask(OpenMaildrop{account, headers()}, [](Session& session, Answer answer) {
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
