#include "smtp/session.h"

#include "base/check.h"
#include "message/utf8.h"
#include "smtp/command_table.h"
#include "smtp/replies.h"
#include "smtp/wire/command.h"

namespace hongyan::smtp {

namespace {

// RFC 5321 §4.5.3.1.4 asks for 512; extensions add parameters, and AUTH up to 12288 (RFC 4954 §4).
constexpr std::size_t longest_line = 12'288 + 2;

// The text of a 421, by which a server may end a conversation at any time (RFC 5321 §3.8). RFC 3463 §3: 4.4.2
// is a connection that went wrong, 4.3.2 a system that takes nothing, 4.7.0 policy.
Reply goodbye(const std::string& hostname, session::Farewell why) {
    switch (why) {
        case session::Farewell::timed_out:
            return {421, "4.4.2", fmt::format("{} has waited too long, closing", hostname)};
        case session::Farewell::shutting_down:
            return {421, "4.3.2", fmt::format("{} is shutting down, please come back", hostname)};
        case session::Farewell::too_many_mistakes:
            return {421, "4.7.0", fmt::format("{} has heard too many mistakes, closing", hostname)};
    }
    return {421, "4.0.0", hostname};
}

// What a log may show of a command: the argument of AUTH is a secret, and any other may be one by mistake.
std::string shown(std::string_view verb, std::string_view argument) {
    const bool names_somebody = verb == "MAIL" || verb == "RCPT";
    return names_somebody ? fmt::format("{} {}", verb, argument) : std::string(verb);
}

}  // namespace

Session::Session(std::shared_ptr<const Settings> settings, std::string address, session::Security security,
                 Random& random)
    : Dialogue(longest_line, settings->limits.errors),
      settings_(std::move(settings)),
      client_{.address = std::move(address), .security = security.description},
      security_(std::move(security)),
      random_(random) {
    say(to_wire({220, "", fmt::format("{} {} Hongyan", settings_->hostname, is_lmtp() ? "LMTP" : "ESMTP")}));
}

State Session::state() const {
    if (!greeted_) return State::connected;
    if (!transaction_) return State::greeted;
    if (transaction_->chunks_begun) return State::chunks;
    return transaction_->envelope.recipients.empty() ? State::mail : State::rcpt;
}

void Session::witness(const Reply& reply, std::span<const Recipient> recipients) const {
    if (!witness_ || reply.code < 400) return;
    witness_({.command = command_,
              .sender = transaction_ ? to_string(transaction_->envelope.sender) : std::string(),
              .reply = reply,
              .recipients = recipients,
              .message_id = transaction_ ? std::string_view(transaction_->refused_id) : std::string_view()});
}

void Session::reply(const Reply& reply, std::span<const Recipient> recipients) {
    say(to_wire(reply));
    witness(reply, recipients);
    if (reply.code == 421) return end();  // RFC 5321 §4.2.3: the channel closes
    if (reply.is_refusal()) count_mistake();
}

void Session::part(const Reply& last_words) {
    say(to_wire(last_words));
    witness(last_words);
    end();
}

void Session::ask(Question question, Then then) {
    then_ = std::move(then);
    Dialogue::ask(std::move(question));
}

void Session::answered(Answer given) {
    const auto then = std::exchange(then_, nullptr);
    check(then != nullptr, "an answer follows a question");
    then(*this, given);
}

bool Session::advance() {
    switch (listening_) {
        case Listening::commands:
            return take_command();
        case Listening::responses:
            return take_response();
        case Listening::text:
            return take_text();
        case Listening::chunk:
            return take_chunk();
    }
    return false;
}

bool Session::take_command() {
    const auto line = input().next();
    if (!line) return false;
    command_.clear();
    if (++commands_ > settings_->limits.commands)
        part(replies::too_many_commands);
    else if (line->kind == session::Line::Kind::too_long)
        reply(replies::line_too_long);
    else if (line->kind == session::Line::Kind::stray)
        reply(replies::stray_line_end);
    else
        execute(line->text);
    return true;
}

void Session::execute(std::string_view line) {
    const auto command = parse_command(line);
    const auto* const row = find_command(command.verb, settings_->service);
    command_ = row != nullptr ? shown(row->verb, command.argument) : std::string();
    if (row == nullptr) return refuse_unknown(line);
    if (!row->states.contains(state()))
        return refuse_out_of_order(state(), row->states.contains(State::rcpt));
    if (row->argument == Argument::none && !command.argument.empty())
        return reply(replies::no_argument_allowed);
    row->run(*this, command.argument);
}

// RFC 5321 §4.2.4: 500.
void Session::refuse_unknown(std::string_view line) {
    if (!settings_->tells_unknown) return reply(replies::unknown_command);
    ask(UnknownCommand{client_, std::string(line)},
        [](Session& session, const Answer& answer) { session.reply(std::get<Reply>(answer)); });
}

// RFC 5321 §4.1.4: 503, and what would have been in order; 554 where all recipients were refused (RFC 5321
// §3.3).
void Session::refuse_out_of_order(State state, bool wants_recipients) {
    switch (state) {
        case State::connected:
            return reply(replies::hello_first);
        case State::greeted:
            return reply(replies::mail_first);
        case State::mail:
            if (!wants_recipients) return reply(replies::transaction_open);
            return reply(transaction_->refused_recipients && !is_lmtp() ? replies::no_valid_recipients
                                                                        : replies::recipients_first);
        case State::rcpt:
            return reply(replies::transaction_open);
        case State::chunks:
            return reply(replies::chunks_begun);
    }
}

void Session::greet(Protocol protocol, std::string_view name) {
    greeted_ = true;
    client_.protocol = protocol;
    // It stands in replies and in trace fields, which are ASCII (RFC 5321 §4.2, RFC 6531 §3.7.1).
    client_.said_name = message::is_ascii(name) ? name : "unknown";
}

void Session::abandon(std::function<void(Session&)> then) {
    const bool is_open = transaction_.has_value();
    end_transaction();
    if (!is_open) return then(*this);
    tell_abandoned(std::move(then));
}

void Session::tell_abandoned(std::function<void(Session&)> then) {
    if (!settings_->tells_abandoned) return then(*this);
    ask(Abandon{}, [then = std::move(then)](Session& session, const Answer& /*answer*/) { then(session); });
}

bool Session::may_begin_transaction() {
    if (transactions_ < settings_->limits.transactions) return true;
    part(replies::too_many_transactions);
    return false;
}

void Session::begin_transaction(Path sender, MailParameters parameters) {
    ++transactions_;
    transaction_.emplace(
        Transaction{.envelope = {.sender = std::move(sender),
                                 .parameters = std::move(parameters),
                                 .begun = settings_->clock != nullptr ? settings_->clock->now() : Instant{}},
                    .message = MessageBuffer(settings_->limits.message_size, settings_->memory)});
}

// RFC 3207 §4.2: the client begins again, and we know nothing of what it said.
void Session::became_secure(session::Security security) {
    client_ = {.address = client_.address, .security = security.description};
    security_ = std::move(security);
    greeted_ = false;
    end_transaction();
}

void Session::say_goodbye(session::Farewell why) { say(to_wire(goodbye(settings_->hostname, why))); }

// RFC 5321 §4.5.3.2: who sends a message may take his time for it as long as it goes on.
session::Read Session::wish() const {
    const bool message = listening_ == Listening::text || listening_ == Listening::chunk;
    return {.patience = settings_->patience,
            .since = message ? session::Since::last_bytes : session::Since::last_answer};
}

bool Session::between_commands() const { return listening_ == Listening::commands && !transaction_; }

std::string refuse_connection(const std::string& hostname, const Error& reason) {
    const auto* const status = reason.kind == Error::Kind::denied ? "4.7.0" : "4.3.2";
    return to_wire({421, status, fmt::format("{} {}", hostname, reason.message)});
}

}  // namespace hongyan::smtp
