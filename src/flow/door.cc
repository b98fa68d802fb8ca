#include "flow/door.h"

#include <boost/asio/basic_waitable_timer.hpp>

#include "base/ascii.h"
#include "crypto/digest.h"
#include "net/bell.h"

namespace hongyan::flow {

namespace {

using sasl::Refusal;

constexpr std::size_t longest_name = 320;  // bytes: RFC 5321 §4.5.3.1
// Of whoever waits for others: less than that of mail programs, which is a minute or so.
constexpr std::chrono::milliseconds patience_for_room = std::chrono::seconds(30);

struct NameIn {
    std::string operator()(const sasl::VerifyPassword& asked) const { return asked.who.authcid; }
    std::string operator()(const sasl::FetchScramKeys& asked) const { return asked.who.authcid; }
    std::string operator()(const sasl::FetchSecret& asked) const { return asked.who.authcid; }
    std::string operator()(const sasl::IdentifyCertificate& asked) const { return asked.authzid; }
    std::string operator()(const sasl::VerifyToken& asked) const { return asked.authzid; }
};

// As the directory has it, so that one account is counted once however its name is written.
std::string name_in(const sasl::Question& question) {
    const auto said = std::visit(NameIn{}, question);
    const auto name = directory::Name::parse(said);
    return name ? to_string(*name) : ascii::to_lower(std::string_view(said).substr(0, longest_name));
}

// The key lives and dies with the program.
std::string mark_of(const sasl::Question& question) {
    static const std::string key = [] {
        SystemRandom random;
        return random.bytes(32);
    }();
    constexpr std::size_t enough = 8;  // bytes
    const auto* asked = std::get_if<sasl::VerifyPassword>(&question);
    return asked == nullptr ? std::string()
                            : crypto::hmac(crypto::Hash::sha256, key, asked->password).substr(0, enough);
}

// Otherwise the client has yet to prove that he knows a key or a secret.
bool is_answered_for_good(const sasl::Question& question) {
    return !std::holds_alternative<sasl::FetchScramKeys>(question) &&
           !std::holds_alternative<sasl::FetchSecret>(question);
}

std::string_view words_of(const sasl::Refused& refused) {
    switch (refused.why) {
        case Refusal::wrong_credentials:
            return "wrong name or password";
        case Refusal::insufficient_scope:
            return "a token that is not for mail";
        case Refusal::too_weak:
            return "the mechanism is too weak";
        case Refusal::needs_transition:
            return "needs a log-in with PLAIN";
        case Refusal::needs_encryption:
            return "needs TLS";
        case Refusal::unavailable:
            return "not taken for now";
        case Refusal::malformed:
        case Refusal::cancelled:
            break;
    }
    return {};
}

}  // namespace

// A place among those under way, while the client may prove what he knows.
struct Door::Turn {
    Turn(reputation::UnderWay::Place given, const net::Executor& executor, std::chrono::milliseconds time)
        : place(std::move(given)), timer(executor, time) {}

    reputation::UnderWay::Place place;
    net::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    net::asio::wait_traits<std::chrono::steady_clock>, net::Executor>
        timer;
    bool is_over = false;
};

Door::Door(const World& world, std::string_view protocol, std::string address, log::Log log,
           std::chrono::milliseconds time_for_a_proof)
    : world_(world),
      protocol_(protocol),
      address_(std::move(address)),
      log_(std::move(log)),
      time_for_a_proof_(time_for_a_proof) {}

void Door::began(std::string_view how) {
    how_ = how;
    name_.clear();
    guess_.clear();
    app_password_.clear();
    turn_.reset();
    is_to_be_counted_ = app_password_only_ = false;
}

bool Door::Looked::is_turned_away() const {
    using Way = reputation::Entry::Way;
    return entry.way == Way::closed || entry.way == Way::crowded;
}

Door::Looked Door::look(const sasl::Question& question, reputation::UnderWay::Waiter* waiter) const {
    Looked looked{.entry = {}, .answer = {}, .terms = {.protocol = protocol_}};
    if (waiter != nullptr)
        looked.entry = world_.reputation->door().begin({.account = name_, .address = address_}, *waiter);
    if (looked.is_turned_away()) {
        looked.answer = sasl::Refused{Refusal::unavailable, looked.entry.why};
        return looked;
    }
    looked.terms.account_password = looked.entry.way == reputation::Entry::Way::open;
    looked.answer = answer_log_in(world_.directory, question, token_judge(world_), looked.terms);
    if (!is_answered_for_good(question)) return looked;
    // Counted before another may begin, and not when the client hears of it.
    if (const auto* refused = std::get_if<sasl::Refused>(&looked.answer))
        looked.ban = count(*refused, !looked.terms.account_password);
    looked.is_counted = true;
    looked.entry.place = {};
    return looked;
}

net::Task<Result<Door::Looked>> Door::look_when_there_is_room(sasl::Question question, net::Deadline until,
                                                              net::JobOf of) const {
    using Looking = Result<Looked>;
    if (world_.reputation == nullptr) {
        auto job = [this, &question] { return look(question, nullptr); };
        co_return co_await net::on_worker(world_.log_in_workers, std::move(job));
    }
    const auto executor = co_await net::asio::this_coro::executor;
    const auto bell = std::make_shared<net::Bell>(executor);
    reputation::UnderWay::Waiter waiter(world_.reputation->door().under_way(), [executor, bell] {
        net::asio::post(executor, [bell] { bell->ring(); });
    });
    for (;;) {
        auto job = [this, &question, &waiter] { return look(question, &waiter); };
        Looking looked = co_await net::on_worker(world_.log_in_workers, std::move(job), of);
        const bool waits = looked && looked->entry.way == reputation::Entry::Way::crowded;
        if (!waits || net::Deadline::clock::now() >= until) co_return looked;
        co_await bell->wait(until);
        of = net::JobOf::something_begun;
    }
}

// Nobody has a place while he is only slowed down. What is settled is told after that; whoever has yet to
// prove something is looked at again, as he would be had he come now.
net::Task<Result<Door::Looked>> Door::look_after_delay(sasl::Question question) const {
    const auto until = net::after(patience_for_room);
    std::chrono::milliseconds slept{};
    for (auto of = net::JobOf::something_new;; of = net::JobOf::something_begun) {
        auto looked = co_await look_when_there_is_room(question, until, of);
        if (!looked) co_return looked;
        tell(looked->ban);
        if (looked->entry.delay <= slept) co_return looked;
        looked->entry.place = {};
        co_await net::sleep_until(
            net::after(looked->entry.delay - std::exchange(slept, looked->entry.delay)));
        if (looked->is_counted || looked->is_turned_away()) co_return looked;
    }
}

// Otherwise who says nothing more would keep others waiting; and what came after that would be one more guess
// than those that were counted on.
std::shared_ptr<Door::Turn> Door::begin_turn(reputation::UnderWay::Place place,
                                             const net::Executor& executor) const {
    auto turn = std::make_shared<Turn>(std::move(place), executor, time_for_a_proof_);
    turn->timer.async_wait([weak = std::weak_ptr(turn)](const boost::system::error_code&) {
        const auto waiting = weak.lock();
        if (!waiting) return;  // it has ended, as far as we care
        waiting->is_over = true;
        waiting->place = {};
    });
    return turn;
}

bool Door::is_too_late() const { return turn_ != nullptr && turn_->is_over; }

net::Task<sasl::Answer> Door::answer(sasl::Question question) {
    name_ = name_in(question);
    guess_ = mark_of(question);
    auto looked = co_await look_after_delay(std::move(question));
    if (!looked) co_return sasl::Refused{Refusal::unavailable, looked.error().message};
    is_to_be_counted_ = !looked->is_turned_away() && !looked->is_counted;
    if (is_to_be_counted_ && world_.reputation != nullptr)
        turn_ = begin_turn(std::move(looked->entry.place), co_await net::asio::this_coro::executor);
    app_password_ = looked->terms.app_password;
    app_password_only_ = !looked->terms.account_password;
    co_return std::move(looked->answer);
}

// Nothing, if it is no guess.
std::optional<reputation::Ban> Door::count(const sasl::Refused& why, bool app_password_only) const {
    const bool is_guess = why.why == Refusal::wrong_credentials || (app_password_only && !guess_.empty());
    if (world_.reputation == nullptr || name_.empty() || !is_guess) return std::nullopt;
    return world_.reputation->door().failed({.account = name_, .address = address_}, guess_);
}

void Door::tell(const std::optional<reputation::Ban>& ban) const {
    if (ban) log_.warning("shut out", {{"who", ban->subject.to_string()}, {"why", ban->reason}});
}

void Door::granted(std::string_view account) {
    const auto turn = std::exchange(turn_, nullptr);
    if (world_.reputation == nullptr) return;
    log_.info("logged in", {{"account", std::string(account)}, {"by", std::string(how_)}});
    // What follows reads the disk, and nobody waits for it.
    const auto remember = [reputation = world_.reputation,
                           attempt = reputation::Attempt{std::string(account), address_}] {
        reputation->door().succeeded(attempt);
    };
    (void)world_.workers.submit(remember);
    tell_history(std::string(account), "ok");
}

void Door::refused(const sasl::Refused& why) {
    const auto turn = std::exchange(turn_, nullptr);  // given back when it has been counted
    const auto words = words_of(why);
    if (world_.reputation == nullptr || words.empty() || name_.empty()) return;
    log_.info("log-in refused", {{"account", name_},
                                 {"by", std::string(how_)},
                                 {"why", why.detail.empty() ? std::string(words) : why.detail}});
    if (std::exchange(is_to_be_counted_, false)) tell(count(why, app_password_only_));
    tell_history(name_, std::string(words));
}

// Of accounts that there are.
void Door::tell_history(std::string name, std::string outcome) const {
    reputation::LogInEvent event{
        .protocol = std::string(protocol_),
        .address = address_,
        .client = client_,
        .how = app_password_.empty() ? std::string(how_) : fmt::format("app password {}", app_password_),
        .outcome = std::move(outcome)};
    auto job = [directory = &world_.directory, reputation = world_.reputation, name = std::move(name),
                event = std::move(event)] {
        if (const auto account = directory->account(name)) reputation->log_ins().note(account->id, event);
    };
    (void)world_.workers.submit(std::move(job));
}

}  // namespace hongyan::flow
