// The dispatcher's part that settles: what came of attempts goes into the store.
#include "flow/commit.h"
#include "flow/outcome.h"
#include "flow/replies.h"
#include "outbound/bounds.h"
#include "outbound/dispatcher.h"
#include "outbound/notice.h"
#include "outbound/settlement.h"

namespace hongyan::outbound {

namespace {

constexpr std::chrono::milliseconds unreadable_rests = std::chrono::minutes(5);

std::string_view word_for(const queue::Outcome& outcome) {
    using State = queue::RecipientState;
    if (!outcome.tried) return "put back";
    switch (outcome.state) {
        case State::delivered:
        case State::relayed:
        case State::expanded:
            return "sent";
        case State::waiting:
        case State::held:
            return "deferred";
        case State::failed:
        case State::expired:
        case State::cancelled:
            break;
    }
    return "bounced";
}

// The sender has not heard of it.
void find_out_again(queue::Outcome& outcome, Instant when) {
    using State = queue::RecipientState;
    outcome.delay_told = outcome.deadline_told = false;
    if (outcome.state != State::failed && outcome.state != State::expired) return;
    outcome.state = State::waiting;
    outcome.next_attempt = when;
    outcome.tried = outcome.suppress = false;
}

}  // namespace

void Dispatcher::settle(Load load, std::vector<Outcome> outcomes, const Circumstances& where) {
    spawn(judge_and_finish(std::move(load), std::move(outcomes), where));
}

net::Task<> Dispatcher::judge_and_finish(Load load, std::vector<Outcome> outcomes, Circumstances where) {
    auto parcel = load.parcel;
    std::exception_ptr broken;
    try {
        auto settlement = co_await judged(std::move(load), std::move(outcomes), std::move(where));
        co_await finish(std::move(settlement));
    } catch (...) {
        broken = std::current_exception();
    }
    if (!broken) co_return;
    // Otherwise its lease would last as long as this node does. What has been settled is settled.
    give_back(std::move(parcel), unreadable_rests);
    std::rethrow_exception(broken);
}

net::Task<std::shared_ptr<Dispatcher::Settlement>> Dispatcher::judged(Load load,
                                                                      std::vector<Outcome> outcomes,
                                                                      Circumstances where) {
    auto settlement = std::make_shared<Settlement>();
    settlement->load = std::move(load);
    const auto& entry = settlement->load.entry;
    const auto now = parts_.world.clock.now();
    std::vector<dsn::Outcome> about;
    for (std::size_t i = 0; i < entry.recipients.size(); ++i) {
        auto verdict = judge(settings_, entry, entry.recipients[i], settlement->load.parcel.token,
                             outcomes[i], where, now, parts_.random);
        settlement->outcomes.push_back(std::move(verdict.outcome));
        if (verdict.notice) about.push_back(*std::move(verdict.notice));
    }
    try {
        if (!about.empty()) co_await tell_sender(*settlement, std::move(about));
    } catch (const std::exception& broken) {
        // What was achieved is settled even so, or it would be done again. Who is to hear of the rest hears
        // of it: the notice waits in the queue, or what it would be about is found out again.
        settlement->plan.reset();
        settlement->notice_waits = settlement->notice.has_value();
        if (!settlement->notice) tell_nobody_yet(*settlement);
        say_not_told(*settlement, broken);
    }
    settlement->load.content.reset();  // it may wait until the disk has room again
    co_return settlement;
}

net::Task<> Dispatcher::tell_sender(Settlement& settlement, std::vector<dsn::Outcome> about) {
    const auto& world = parts_.world;
    const auto log = world.log.for_message(to_string(settlement.load.entry.id));
    auto& load = settlement.load;
    if (!load.content) {
        auto read = co_await this->read(load.parcel, Content::now);
        if (read) load.content = std::move(read->content);
        if (!read) log.error("message not read", {{"why", read.error().message}});
        // He is told all the same.
        if (!load.content) load.content = std::make_shared<const std::string>();
    }
    // Settings may change while a worker is at it.
    auto job = [&world, &settlement, policy = settings_.policy, about = std::move(about)] {
        return plan_notice(world, policy, settlement, about);
    };
    const bool is_soon = flow::is_soon_prepared(load.entry.prefix.size() + load.content->size(), 1);
    auto refused = is_soon ? Result<Refusal>(job()) : co_await net::on_worker(world.workers, job);
    // Where everybody is busy the loop had better wait than the sender.
    if (!refused) refused = job();
    const auto& refusal = *refused;
    if (!refusal) co_return;
    settlement.plan.reset();
    settlement.notice_waits = refusal->code / 100 == 4;
    if (!settlement.notice_waits) log.warning("nobody told", {{"why", std::string(refusal->text)}});
}

// Why the notice goes nowhere; nothing if it does.
Dispatcher::Refusal Dispatcher::plan_notice(const flow::World& world, const flow::Policy& policy,
                                            Settlement& settlement, const std::vector<dsn::Outcome>& about) {
    const auto& entry = settlement.load.entry;
    settlement.notice = notice_of(world, policy, settlement.load, about);
    const auto plan = [&] {
        settlement.plan = flow::plan_delivery(world, policy, *settlement.notice);
        return settlement.plan->legs.front().refusal;
    };
    const auto refusal = plan();
    if (!refusal || refusal->code / 100 != 5) return refusal;
    // RFC 3461 §5.2: what cannot be told to the sender is the postmaster's.
    world.log.for_message(to_string(entry.id))
        .warning("sender not told", {{"sender", entry.sender}, {"why", std::string(refusal->text)}});
    settlement.notice->envelope.recipients.front().path = {.address = flow::postmaster_of(policy)};
    return plan();
}

// Everybody hears of it at once, and the next ones for as long as it rests.
void Dispatcher::close_down(const std::shared_ptr<Destination>& destination, const Outcome& why,
                            const Circumstances& where, std::chrono::milliseconds time) {
    destination->rest = {.until = net::after(time), .why = why, .where = where};
    const auto now = parts_.world.clock.now();
    parts_.world.queue.rests().put({.destination = destination->name,
                                    .host = where.host,
                                    .since = now,
                                    .until = now + time,
                                    .why = to_text(why)});
    parts_.world.log.info("destination rests",
                          {{"destination", destination->name},
                           {"host", where.host},
                           {"seconds", std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count())},
                           {"why", to_text(why)}});
    start_dropping(destination);
}

void Dispatcher::start_dropping(const std::shared_ptr<Destination>& destination) {
    if (!std::exchange(destination->is_dropping, true)) spawn(drop(destination));
}

// The host is the one that was called, for others: so there is neither an address nor TLS.
net::Task<> Dispatcher::drop(std::shared_ptr<Destination> destination) {
    // However it ends, the next may begin.
    const std::shared_ptr<void> end(nullptr, [&destination](void*) { destination->is_dropping = false; });
    const Circumstances where{.host = destination->rest ? destination->rest->where.host : "",
                              .policy = destination->rest ? destination->rest->where.policy : ""};
    while (destination->is_resting() && !closing_) {
        const auto why = destination->rest->why;
        auto load = co_await draw(*destination, Content::later);
        if (!load) break;
        if (is_led_elsewhere(*destination, *load)) continue;
        const auto count = load->entry.recipients.size();
        settle(*std::move(load), std::vector<Outcome>(count, why), where);
    }
}

// It cannot be read now, so nobody can be told anything.
void Dispatcher::put_back(Parcel parcel, const Error& why) {
    parts_.world.log.for_message(to_string(parcel.id)).error("message not read", {{"why", why.message}});
    give_back(std::move(parcel), unreadable_rests);
}

// What has just been leased and is in nobody's hands.
void Dispatcher::give_back(const queue::Taken& taken) {
    leased_ += taken.dues.size();
    for (auto& parcel : pack(taken, most_recipients)) give_back(std::move(parcel), unreadable_rests);
}

// As if nobody had leased it.
void Dispatcher::give_back(Parcel parcel, std::chrono::milliseconds after) {
    const auto now = parts_.world.clock.now();
    auto settlement = std::make_shared<Settlement>();
    for (const auto index : parcel.recipients)
        settlement->outcomes.push_back(
            {.who = {parcel.id, index}, .token = parcel.token, .next_attempt = now + after, .tried = false});
    settlement->load.parcel = std::move(parcel);
    spawn(finish(std::move(settlement)));
}

net::Task<> Dispatcher::finish(std::shared_ptr<Settlement> settlement) {
    while (!co_await try_to_finish(*settlement)) {
        // What was achieved must not be forgotten, or it would be done again.
        if (closing_) co_return;
        co_await net::sleep_until(net::after(after_trouble));
    }
    leased_ -= settlement->load.parcel.recipients.size();
    say_what_is_wanted();
    const bool has_later = std::ranges::any_of(settlement->outcomes, [](const queue::Outcome& outcome) {
        return outcome.state == queue::RecipientState::waiting;
    });
    if (has_later) {
        for (const auto& outcome : settlement->outcomes)
            if (outcome.state == queue::RecipientState::waiting)
                next_wake_ = std::min(next_wake_, outcome.next_attempt);
        bell_.ring();
    }
}

// True if it is done, or never will be.
net::Task<bool> Dispatcher::try_to_finish(Settlement& settlement) {
    const auto& world = parts_.world;
    if (settlement.notice_waits && !settlement.waiting_notice) co_await prepare_notice(settlement);
    std::vector<engine::Part> parts{world.queue.settle(settlement.outcomes)};
    if (settlement.notice_waits)
        parts.push_back(*settlement.waiting_notice);
    else if (settlement.plan)
        std::ranges::copy(settlement.plan->parts, std::back_inserter(parts));
    const auto outcomes =
        co_await flow::commit(world.store.engine(), std::move(parts), engine::Together::all_or_none);
    const auto& queued = outcomes.front();
    if (queued) {
        if (settlement.plan && !settlement.notice_waits)
            flow::announce(world, *settlement.plan, std::span(outcomes).subspan(1));
        if (settlement.notice_waits) world.queue.announce();
        log_outcome(settlement);
        co_return true;
    }
    const auto log = world.log.for_message(to_string(settlement.load.parcel.id));
    using Kind = Error::Kind;
    const auto kind = queued.error().kind;
    // What comes again by itself is waited for.
    if (kind == Kind::io || kind == Kind::no_space || kind == Kind::unavailable) {
        log.error("outcome not kept", {{"why", queued.error().message}});
        co_return false;
    }
    // All else, but that the lease is lost, may be the notice's own trouble.
    const bool is_too_large = kind == Kind::too_large;
    if (kind != Kind::conflict && settlement.let_notice_wait()) co_return co_await try_to_finish(settlement);
    if (is_too_large && settlement.forget_replies()) co_return co_await try_to_finish(settlement);
    const bool is_hopeless =
        is_too_large || kind == Kind::conflict || kind == Kind::not_found || kind == Kind::corrupt;
    if (!is_hopeless) {
        log.error("outcome not kept", {{"why", queued.error().message}});
        co_return false;
    }
    log.warning("outcome not kept", {{"why", queued.error().message}});
    const auto when = world.clock.now() + (is_too_large ? unreadable_rests : std::chrono::milliseconds());
    if (settlement.outcomes.size() > 1 || is_too_large) co_await settle_each(settlement, when);
    co_return true;
}

// The notice as it goes into the queue, once. Where that breaks too, what it would be about is found out
// again; what was achieved is settled all the same.
net::Task<> Dispatcher::prepare_notice(Settlement& settlement) {
    const auto& world = parts_.world;
    auto job = [&world, &notice = *settlement.notice] { return waiting_notice(world, notice); };
    try {
        std::optional<Result<engine::Part>> made;
        if (!flow::is_soon_prepared(*settlement.notice)) made = co_await net::on_worker(world.workers, job);
        // Where everybody is busy the loop had better wait than the sender.
        settlement.waiting_notice = made && *made ? **std::move(made) : job();
    } catch (const std::exception& broken) {
        tell_nobody_yet(settlement);
        say_not_told(settlement, broken);
    }
}

// Who is to hear of a failure hears of it when it is found out again.
void Dispatcher::tell_nobody_yet(Settlement& settlement) const {
    const auto when = parts_.world.clock.now() + unreadable_rests;
    for (auto& outcome : settlement.outcomes) find_out_again(outcome, when);
    settlement.notice.reset();
    settlement.plan.reset();
    settlement.notice_waits = false;
}

void Dispatcher::say_not_told(const Settlement& settlement, const std::exception& broken) const {
    const auto& entry = settlement.load.entry;
    parts_.world.log.for_message(to_string(entry.id))
        .error("not told yet", {{"sender", entry.sender}, {"why", broken.what()}});
}

// Some have lost their lease, to people or to another node. What became of the others is kept, or, where the
// sender would have to hear of it, found out again at `when`: he is told of no one twice, and of each in the
// end.
net::Task<> Dispatcher::settle_each(const Settlement& settlement, Instant when) {
    const auto& world = parts_.world;
    std::vector<engine::Part> parts;
    for (auto outcome : settlement.outcomes) {
        find_out_again(outcome, when);
        parts.push_back(world.queue.settle({std::move(outcome)}));
    }
    co_await flow::commit(world.store.engine(), std::move(parts), engine::Together::each_by_itself);
    bell_.ring();
}

void Dispatcher::log_outcome(const Settlement& settlement) const {
    const auto& entry = settlement.load.entry;
    for (std::size_t i = 0; i < entry.recipients.size(); ++i)
        log_outcome(entry, entry.recipients[i], settlement.outcomes[i]);
}

void Dispatcher::log_outcome(const queue::Entry& entry, const queue::Recipient& recipient,
                             const queue::Outcome& outcome) const {
    const auto& attempt = outcome.attempt;
    parts_.world.log.for_message(to_string(entry.id))
        .info(word_for(outcome), {{"from", entry.sender},
                                  {"to", recipient.address},
                                  {"host", attempt.host},
                                  {"address", attempt.address},
                                  {"tls", attempt.tls},
                                  {"policy", attempt.policy},
                                  {"status", attempt.status},
                                  {"reply", attempt.reply}});
}

}  // namespace hongyan::outbound
