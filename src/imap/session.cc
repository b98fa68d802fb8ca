#include "imap/session.h"

#include <algorithm>

#include "base/encoding.h"
#include "imap/command_table.h"
#include "imap/wire/multi_search.h"
#include "imap/wire/response.h"
#include "imap/wire/search_parser.h"
#include "session/deflation.h"

namespace hongyan::imap {
namespace {

// A session that reads what is not in memory goes on doing so: so many commands do not look there first.
constexpr int glances_after_a_miss = 16;

// Octets that a connection nobody has logged in on may make us keep: names and passwords are all it sends.
constexpr wire::Limits stranger_limits{
    .command = 16 * 1024, .literal = 4096, .message = 0, .unasked = 4096, .thrown_away = 64 * 1024};

// Octets of a line by which the base class would divide the input. The reader of commands does so here.
constexpr std::size_t no_line_limit = 0;

// A search of which no more than the begin has come: is what it finds to be saved?
bool asks_to_save(std::string_view begin) {
    wire::Parser in(begin);
    in.tag();
    in.space();
    in.present("UID ");
    const auto verb = in.atom();
    std::optional<wire::ResultOptions> wanted;
    if (ascii::iequals(verb, "ESEARCH"))
        wanted = wire::read_multi_search(in).wanted;
    else if (ascii::iequals(verb, "SEARCH") || ascii::iequals(verb, "SORT"))
        wanted = wire::SearchParser(in).result_options();
    return wanted && wanted->save;
}

std::string_view goodbye(session::Farewell why) {
    switch (why) {
        case session::Farewell::timed_out:
            return "You have been silent for too long";
        case session::Farewell::shutting_down:
            return "The server is shutting down, please come back";
        case session::Farewell::too_many_mistakes:
            return "Too many mistakes";
    }
    return "Goodbye";
}

// RFC 5530 §3 has a code for each reason that the client may be told.
Completion refusal(sasl::Refusal why) {
    switch (why) {
        case sasl::Refusal::wrong_credentials:
        case sasl::Refusal::too_weak:
        case sasl::Refusal::insufficient_scope:
        case sasl::Refusal::needs_transition:
            return no(wire::Code::authentication_failed, "The name or the password is wrong");
        case sasl::Refusal::malformed:
            return bad("The response is not understood");
        case sasl::Refusal::cancelled:
            return bad("Cancelled");
        case sasl::Refusal::needs_encryption:
            return no(wire::Code::privacy_required, "This needs TLS: use STARTTLS first");
        case sasl::Refusal::unavailable:
            return no(wire::Code::unavailable, "Please try again later");
    }
    return no(wire::Code::unavailable, "Please try again later");
}

std::string with_uid_before(std::string_view verb) { return fmt::format("UID {}", verb); }

}  // namespace

Session::Session(std::shared_ptr<const Settings> settings, session::Security security, Random& random)
    : Dialogue(no_line_limit),
      settings_(std::move(settings)),
      security_(std::move(security)),
      random_(random),
      reader_(stranger_limits, settings_->memory) {
    *standing_ = nobody();
    tell(fmt::format("OK [CAPABILITY {}] {} Hongyan IMAP server ready", capabilities(*this),
                     settings_->hostname));
}

Standing Session::nobody() const {
    Standing nobody;
    nobody.people = settings_->people;
    nobody.append_limit = settings_->limits.message;
    nobody.raw_headers = settings_->raw_headers;
    nobody.message_limits = settings_->message_limits;
    nobody.most_watched = settings_->most_watched;
    return nobody;
}

std::set<store::AccountId> Session::accounts_elsewhere() const {
    const auto watched = standing_->notify.accounts_elsewhere();
    std::set<store::AccountId> accounts(watched.begin(), watched.end());
    if (standing_->mailbox) accounts.insert(standing_->mailbox->account());
    if (standing_->account) accounts.erase(*standing_->account);
    return accounts;
}

bool Session::hears_at_once() const {
    return std::holds_alternative<Idling>(activity_) || standing_->wants_news_at_once();
}

std::shared_ptr<Task> Session::take_unfinished() {
    const auto* const working = std::get_if<Working>(&activity_);
    if (working == nullptr || !working->task->wants_end()) return nullptr;
    auto task = working->task;
    activity_ = {};
    return task;
}

// Who has said more before it went meant that to be done too.
void Session::client_has_gone() {
    if (input().empty() && reader_.held() == 0) end();
}

bool Session::takes_passwords() const {
    return security_.is_encrypted() ||
           settings_->sasl.without_encryption == sasl::WithoutEncryption::everything;
}

void Session::tell(std::string_view text) { say(fmt::format("* {}\r\n", text)); }

session::Read Session::wish() const {
    const bool is_stranger = state() == State::not_authenticated;
    return {.patience = is_stranger ? settings_->login_patience : settings_->patience};
}

bool Session::between_commands() const {
    return std::holds_alternative<std::monostate>(activity_) || std::holds_alternative<Idling>(activity_);
}

bool Session::advance() {
    reader_.receive(input().take(std::string::npos));
    if (std::holds_alternative<Idling>(activity_)) return listen_while_idle();
    if (std::holds_alternative<Authenticating>(activity_)) return respond();
    if (const auto* working = std::get_if<Working>(&activity_)) return ask(Work{working->task}), true;
    if (news_ && standing_->wants_news_at_once()) return push_news(), true;
    const auto reading = reader_.next();
    return reading && act(*reading);
}

// RFC 5465 §3.1: also between commands. Removals wait where the client counts on numbers (§6.1.2).
void Session::push_news() {
    news_ = false;
    const bool is_idling = std::holds_alternative<Idling>(activity_);
    const bool holds_still = !is_idling && standing_->notify.is_delayed();
    news_task_ = std::make_shared<Task>(
        standing_, [](Desk&) -> Step { return ok("Told"); },
        holds_still ? Numbers::must_hold_still : Numbers::may_change, SetOf::numbers, Subject::mailbox);
    news_task_->declare_brief();
    ask(Work{news_task_});
}

bool Session::act(const wire::Reading& reading) {
    if (const auto* command = std::get_if<wire::CommandText>(&reading)) {
        execute(command->text);
    } else if (const auto* refused = std::get_if<wire::Refused>(&reading)) {
        refuse(*refused);
    } else if (std::holds_alternative<wire::GoOn>(reading)) {
        std::string out;
        wire::put_continuation(out, "Ready for the literal");
        say(out);
    } else {
        tell("BYE [TOOBIG] That is far too much");
        end();
    }
    return true;
}

// command = tag SP (command-any / command-auth / command-nonauth / command-select) CRLF
void Session::execute(const std::string& command) {
    wire::Parser in(command, standing_->names);
    tag_ = in.tag();
    if (!in.at_end() && in.peek() != ' ') tag_.clear();  // "a+b": the client has given nothing the tag "a"
    in.space();
    std::string verb(in.atom());
    if (in.failed()) return complete_untagged(tag_, syntax_error(in));
    if (ascii::iequals(verb, "UID")) {
        in.space();
        verb = with_uid_before(in.atom());
    }
    const auto* const row = find_command(verb);
    if (row == nullptr) return complete(bad("There is no such command"));
    if (!row->states.contains(state())) return complete(bad("Not in this state"));
    if (standing_->uid_only && takes_numbers(*row)) return complete(uid_required());
    react(*row, row->run(*this, {in, row->of()}));
}

void Session::react(const Row& row, Reaction reaction) {
    if (const auto* completion = std::get_if<Completion>(&reaction)) return complete(*completion);
    if (auto* job = std::get_if<Job>(&reaction)) work(std::move(*job), row);
    if (auto* brief = std::get_if<BriefJob>(&reaction)) {
        work(std::move(brief->job), row);
        std::get<Working>(activity_).task->declare_brief();
    }
    if (auto* glance = std::get_if<Glance>(&reaction)) {
        work(glance->afresh(), row);
        if (glances_left_out_ > 0)
            --glances_left_out_;
        else
            std::get<Working>(activity_).task->declare_glance(std::move(glance->afresh));
    }
}

void Session::complete(const Completion& completion) {
    activity_ = {};
    if (std::exchange(saves_, false) && completion.condition == wire::Condition::no && standing_->mailbox)
        standing_->mailbox->save({});
    complete_untagged(tag_, completion);
}

// Without a tag that can be read the answer has none either (RFC 9051 §7.1.3).
void Session::complete_untagged(std::string_view tag, const Completion& completion) {
    std::string out;
    const auto language = standing_->language;
    auto said = completion.said;
    said.text = in_language(language, said.text);
    wire::put_status(out, tag.empty() ? wire::untagged : tag, completion.condition, said,
                     language == Language::chinese ? wire::Letters::utf8 : wire::Letters::ascii);
    say(out);
    // A session may last for weeks; who is logged in is sent away for mistakes in a row only.
    if (completion.condition == wire::Condition::bad)
        count_mistake();
    else if (state() != State::not_authenticated)
        forgive_mistakes();
}

// RFC 7888 §4, §5; RFC 4469 §4.2 for TOOBIG.
void Session::refuse(const wire::Refused& refused) {
    using enum wire::Refused::Why;
    wire::Parser in(refused.begin);
    const auto tag = in.tag();
    in.space();
    const bool is_append = in.present("APPEND ") || in.present("REPLACE ") || in.present("UID REPLACE ");
    if (refused.why == no_room)
        return complete_untagged(tag, no(wire::Code::unavailable, "There is no room for the message now"));
    const bool is_note = refused.why == literal_too_large && in.present("SETMETADATA ");
    const auto code = is_append ? wire::Code::too_big : is_note ? wire::Code::metadata : wire::Code::none;
    // RFC 5464 §4.3
    const auto most = std::min<std::uint64_t>(settings_->limits.literal, store::max_annotation_size);
    const bool breaks_rule = refused.why == too_long || refused.why == unasked_too_large;
    const Completion completion{
        breaks_rule ? wire::Condition::bad : wire::Condition::no,
        {code, is_note ? fmt::format("MAXSIZE {}", most) : std::string(),
         refused.why == too_long ? "The command is too long" : "The literal is too large"}};
    // RFC 5182 §2.1
    if (!breaks_rule && standing_->mailbox && asks_to_save(refused.begin)) standing_->mailbox->save({});
    complete_untagged(refused.begin.find(' ') == std::string::npos ? std::string_view() : tag, completion);
}

void Session::work(Job job, const Row& row) {
    auto task = std::make_shared<Task>(standing_, std::move(job), row.numbers, row.of(), row.subject());
    activity_ = Working{task};
    ask(Work{std::move(task)});
}

void Session::answered(Answer given) {
    if (const auto* log_in = std::get_if<sasl::Answer>(&given)) return answered_log_in(*log_in);
    if (const auto* account = std::get_if<Result<store::AccountId>>(&given)) return answered_open(*account);
    answered_work();
}

void Session::answered_work() {
    const auto* const working = std::get_if<Working>(&activity_);
    const auto task = working != nullptr ? working->task : std::exchange(news_task_, nullptr);
    if (task->has_missed()) glances_left_out_ = glances_after_a_miss;
    if (output().empty())
        output() = task->take_output();  // which may be much
    else
        say(task->take_output());
    if (!task->completion()) return;
    if (working != nullptr) complete(*task->completion());
    if (task->farewell().empty()) return;
    tell(fmt::format("BYE {}", task->farewell()));
    end();
}

// ---- logging in ----

Talking Session::log_in(std::string user, std::string password) {
    if (observer_ != nullptr) observer_->began("LOGIN");
    activity_ = Authenticating{};
    ask(sasl::VerifyPassword{{std::move(user), {}}, std::move(password)});
    return {};
}

Talking Session::authenticate(const sasl::Mechanism& mechanism, std::optional<std::string> initial_response) {
    if (observer_ != nullptr) observer_->began(mechanism.name);
    auto exchange = std::make_unique<sasl::Exchange>(mechanism, settings_->sasl, security_.circumstances,
                                                     random_, observer_);
    exchange->begin(initial_response);
    auto& begun = *exchange;
    activity_ = Authenticating{std::move(exchange)};
    follow(begun.next());
    return {};
}

void Session::follow(const sasl::Action& action) {
    if (const auto* challenge = std::get_if<sasl::Challenge>(&action)) {
        std::get<Authenticating>(activity_).challenged = true;
        std::string out;
        wire::put_continuation(out, to_base64(challenge->text));
        say(out);
    } else if (const auto* question = std::get_if<sasl::Question>(&action)) {
        ask(*question);
    } else if (const auto* granted = std::get_if<sasl::Granted>(&action)) {
        auto name = granted->account;
        if (observer_ != nullptr) observer_->granted(name);
        activity_ = Opening{name};
        ask(OpenAccount{std::move(name)});
    } else {
        const auto why = std::get<sasl::Refused>(action).why;
        if (observer_ != nullptr) observer_->refused(std::get<sasl::Refused>(action));
        complete(refusal(why));
        if (why == sasl::Refusal::wrong_credentials) count_failed_log_in();
    }
}

// Who guesses passwords has to connect for every few of them.
void Session::count_failed_log_in() {
    if (++failed_log_ins_ < settings_->attempts) return;
    tell("BYE Too many log-ins have failed");
    end();
}

// authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp] *(CRLF base64); "*" cancels (RFC 3501 §6.2.2)
bool Session::respond() {
    auto& authenticating = std::get<Authenticating>(activity_);
    if (!authenticating.challenged) return false;
    const auto line = reader_.next_line();
    if (!line) return false;
    authenticating.challenged = false;
    auto& exchange = *authenticating.exchange;
    const auto response = from_base64(*line);
    if (*line == "*")
        exchange.cancel();
    else if (response)
        exchange.receive(*response);
    else
        return complete(bad("That is not base64")), true;
    follow(exchange.next());
    return true;
}

void Session::answered_log_in(const sasl::Answer& answer) {
    auto& exchange = std::get<Authenticating>(activity_).exchange;
    if (exchange) {
        exchange->answer(answer);
        return follow(exchange->next());
    }
    if (const auto* granted = std::get_if<sasl::Granted>(&answer)) return follow(*granted);
    const auto* const refused = std::get_if<sasl::Refused>(&answer);
    follow(refused != nullptr ? *refused : sasl::Refused{sasl::Refusal::unavailable, {}});
}

void Session::answered_open(const Result<store::AccountId>& account) {
    if (!account) {
        auto refused = imap::refusal(account.error());
        // Too many sessions: RFC 5530 §3.
        if (account.error().kind == Error::Kind::too_large) refused.said.code = wire::Code::limit;
        return complete(refused);
    }
    standing_->account = *account;
    standing_->user = std::get<Opening>(activity_).user;
    reader_.set_limits(settings_->limits);
    complete(ok(wire::Code::capability, capabilities(*this), "Logged in"));
}

void Session::forget_user() {
    *standing_ = nobody();
    news_ = false;
    reader_.set_limits(stranger_limits);
    stop_filter();
}

// RFC 3501 §6.2.1: what was said before is forgotten.
void Session::became_secure(session::Security security) {
    security_ = std::move(security);
    reader_.drop();
}

// The client waits for the answer (RFC 4978 §3); what it has sent before can only be meant as compressed.
bool Session::compress() {
    Share memory(settings_->memory);
    if (!memory.grow_to(session::deflation_memory)) return false;
    auto filter = session::make_deflation(std::move(memory));
    if (!filter) return false;
    filter->receive(reader_.take_rest());
    start_filter(std::move(filter));
    return true;
}

// ---- IDLE ----

// RFC 2177 §3: the client hears of changes as they happen, until it says DONE.
Talking Session::idle() {
    activity_ = Idling{};
    news_ = true;
    std::string out;
    wire::put_continuation(out, "Idling");
    say(out);
    return {};
}

bool Session::listen_while_idle() {
    const bool wants_news = state() == State::selected || standing_->wants_news();
    if (news_ && wants_news) return push_news(), true;
    const auto line = reader_.next_line();
    if (!line) return false;
    complete(ascii::iequals(*line, "DONE") ? ok("Idled") : bad("IDLE ends with DONE"));
    return true;
}

void Session::say_goodbye(session::Farewell why) { tell(fmt::format("BYE {}", goodbye(why))); }

std::string refuse_connection(std::string_view reason) { return fmt::format("* BYE {}\r\n", reason); }

// ---- as transcripts write it ----

std::string to_text(const Question& question) {
    if (const auto* open = std::get_if<OpenAccount>(&question)) return "OpenAccount " + open->name;
    if (std::holds_alternative<Work>(question)) return "Work";
    return "LogIn";
}

}  // namespace hongyan::imap
