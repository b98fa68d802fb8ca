#include "flow/reception.h"

#include "base/check.h"
#include "flow/at_once.h"
#include "flow/delivery.h"
#include "flow/judged.h"
#include "flow/log_in.h"
#include "flow/outcome.h"
#include "flow/recipients.h"
#include "flow/replies.h"
#include "flow/url.h"

namespace hongyan::flow {

namespace {

struct Decide {
    const World& world;
    const Policy& policy;

    // RFC 6409 §6.1 and §3.2: whoever has logged in writes under his own address.
    smtp::Reply operator()(const smtp::CheckSender& asked) const {
        // RFC 1870 §6.1: before the message comes, as far as its size is known.
        if (const auto room = world.store.engine().room_for(asked.parameters.size); !room)
            return replies::reply_to(room.error());
        const bool bound = policy.sender_must_be_own && !asked.client.account.empty();
        if (!bound || asked.sender.is_null()) return replies::sender_ok;
        const auto own = is_address_of(world, asked.sender, asked.client.account);
        if (!own && own.error().kind != Error::Kind::invalid) return replies::reply_to(own.error());
        return own.value_or(false) ? replies::sender_ok : replies::not_your_address;
    }

    smtp::Reply operator()(const smtp::CheckRecipient& asked) const {
        const auto destination = find_destination(world, policy, asked.client, asked.recipient.path,
                                                  asked.sender.is_null() ? Bounce::yes : Bounce::no);
        if (!destination) return destination.error();
        if (auto refused = suppressed(asked, *destination)) return *std::move(refused);
        // There may be room when it is released; a name without a domain would mean nothing by then.
        if (asked.parameters.is_to_be_held())
            return asked.recipient.path.address ? replies::recipient_ok : replies::held_needs_domain;
        const auto room = check_room(world, *destination, asked.parameters.size);
        return room ? replies::recipient_ok : room.error();
    }

    // To whom the account sends no more, because nobody is there or somebody said so.
    std::optional<smtp::Reply> suppressed(const smtp::CheckRecipient& asked,
                                          const Destination& destination) const {
        const auto& account = asked.client.account;
        if (account.empty() || destination.is_forwarded || !asked.recipient.path.address) return std::nullopt;
        const auto address = smtp::to_string(asked.recipient.path);
        const auto found = world.queue.suppression(account, address);
        if (!found) return replies::reply_to(found.error());
        if (!*found || ((*found)->by_bounce && !policy.suppresses)) return std::nullopt;
        return replies::suppressed(**found, account);
    }

    smtp::Reply operator()(const smtp::Verify& asked) const {
        const auto address = message::parse_address(asked.name);
        if (!address) return replies::cannot_verify;
        const smtp::Path path{.address = *address};
        const auto destination = find_destination(world, policy, asked.client, path, Bounce::no);
        if (!destination) return destination.error();
        if (destination->local.empty()) return replies::cannot_verify;
        if (asked.what == smtp::Verify::What::list) return expand(asked, *destination);
        return {250, "2.1.5", fmt::format("<{}>", smtp::to_string(path))};
    }

    // Who is behind a name is told to our own people only (RFC 5321 §7.3).
    smtp::Reply expand(const smtp::Verify& asked, const Destination& destination) const {
        if (asked.client.account.empty()) return replies::cannot_verify;
        std::vector<std::string> members;
        for (const auto& local : destination.local)
            if (const auto account = world.directory.account(local.account))
                members.push_back(fmt::format("<{}>", to_string(account->name)));
        for (const auto& address : destination.remote) members.push_back(fmt::format("<{}>", address));
        if (members.empty()) return replies::unknown_recipient;
        return {250, "2.1.5", std::move(members)};
    }

    smtp::Reply operator()(const smtp::StartQueue& asked) const {
        return may_relay(policy, asked.client) ? replies::cannot_queue : replies::node_not_allowed;
    }

    sasl::Answer operator()(const smtp::Authenticate& asked) const {
        return answer_log_in(world.directory, asked.question, token_judge(world));
    }

    smtp::Answer operator()(const smtp::FetchUrl& asked) const { return fetch_url(world, asked); }

    smtp::Reply operator()(const smtp::UnknownCommand& /*asked*/) const { return replies::unknown_command; }

    smtp::Reply operator()(const smtp::Abandon& /*asked*/) const { return replies::abandoned; }

    smtp::Reply operator()(const smtp::AwaitRoom& /*asked*/) const {
        check(false, "room is waited for, not decided on");
        return replies::fault;
    }

    smtp::Replies operator()(const smtp::Deliver& /*asked*/) const {
        check(false, "messages are delivered, not decided on");
        return {};
    }
};

// In the shape that the question wants. That of a message the history hears of.
smtp::Answer fault_instead_of_answer(const World& world, const smtp::Question& question,
                                     const smtp::StandardReply& fault) {
    if (std::holds_alternative<smtp::Authenticate>(question))
        return sasl::Answer(sasl::Refused{sasl::Refusal::unavailable, std::string(fault.text)});
    if (const auto* message = std::get_if<smtp::Deliver>(&question))
        return refuse_all(world, *message, fault);
    return smtp::Reply(fault);
}

}  // namespace

smtp::Answer decide(const World& world, const Policy& policy, const smtp::Question& question) {
    return std::visit([&](const auto& asked) -> smtp::Answer { return Decide{world, policy}(asked); },
                      question);
}

net::Task<smtp::Answer> Reception::answer(smtp::Question question) {
    try {
        co_return co_await find_answer(question);
    } catch (const std::exception& broken) {
        log_.error("question not answered", {{"why", broken.what()}});
    }
    co_return fault_instead_of_answer(world_, question, replies::fault);
}

net::Task<void> Reception::leave() { return hearing_.leave(); }

net::Task<smtp::Answer> Reception::find_answer(const smtp::Question& question) {
    if (std::holds_alternative<smtp::Abandon>(question)) {
        co_await hearing_.abandon();
        co_return smtp::Reply(replies::abandoned);
    }
    if (hearing_.has_judges()) co_return co_await ask_judges_too(question);
    co_return co_await ask_world(question);
}

net::Task<smtp::Answer> Reception::ask_judges_too(const smtp::Question& question) {
    if (const auto* message = std::get_if<smtp::Deliver>(&question))
        co_return co_await deliver_judged(*message);
    if (const auto* asked = std::get_if<smtp::CheckSender>(&question))
        co_return co_await ask_about_sender(question, *asked);
    if (const auto* asked = std::get_if<smtp::UnknownCommand>(&question))
        if (auto refusal = co_await hearing_.unknown(*asked)) co_return *std::move(refusal);
    auto answer = co_await ask_world(question);
    const auto* asked = std::get_if<smtp::CheckRecipient>(&question);
    if (asked == nullptr || !std::get<smtp::Reply>(answer).is_success()) co_return answer;
    if (auto refusal = co_await hearing_.recipient(*asked)) co_return *std::move(refusal);
    co_return answer;
}

// Who has let the sender pass hears of it when another has not, or when something has failed.
net::Task<smtp::Answer> Reception::ask_about_sender(const smtp::Question& question,
                                                    const smtp::CheckSender& asked) {
    smtp::Answer answer = smtp::Reply(replies::fault);
    try {
        if (auto refusal = co_await hearing_.sender(asked))
            answer = *std::move(refusal);
        else
            answer = co_await ask_world(question);
    } catch (const std::exception& broken) {
        log_.error("question not answered", {{"why", broken.what()}});
    }
    if (!std::get<smtp::Reply>(answer).is_success()) co_await hearing_.abandon();
    co_return answer;
}

// Judges hear what became of the message also where that is not known: something has failed.
net::Task<smtp::Answer> Reception::deliver_judged(const smtp::Deliver& message) {
    try {
        const auto judgement = co_await hearing_.message(message);
        auto replies = co_await carry_out(world_, *policy_, log_, message, judgement);
        hearing_.kept(message, judgement, replies);
        co_return replies;
    } catch (const std::exception& broken) {
        log_.error("message not kept", {{"why", broken.what()}});
    }
    co_await hearing_.abandon();
    co_return refuse_all(world_, message, replies::fault);
}

net::Task<smtp::Answer> Reception::ask_world(const smtp::Question& question) const {
    if (const auto* message = std::get_if<smtp::Deliver>(&question))
        co_return co_await deliver_message(*message);
    if (const auto* who = std::get_if<smtp::Authenticate>(&question))
        co_return co_await log_in(world_, who->question);
    if (const auto* wait = std::get_if<smtp::AwaitRoom>(&question)) co_return co_await await_room(*wait);
    if (const auto* url = std::get_if<smtp::FetchUrl>(&question)) co_return co_await fetch(*url);
    auto job = [this, &question] { return decide(world_, *policy_, question); };
    auto answer = co_await at_once(world_.workers, std::move(job));
    if (!answer) co_return fault_instead_of_answer(world_, question, replies::reply_to(answer.error()));
    co_return *std::move(answer);
}

// The whole message is read.
net::Task<smtp::Answer> Reception::fetch(smtp::FetchUrl url) const {
    auto job = [this, &url] { return fetch_url(world_, url); };
    auto answer = co_await net::on_worker(world_.workers, std::move(job));
    if (!answer) co_return smtp::Reply(replies::reply_to(answer.error()));
    co_return *std::move(answer);
}

// Looks again from time to time: who waits here is about to send a large message, which takes longer.
net::Task<smtp::Answer> Reception::await_room(smtp::AwaitRoom wanted) const {
    constexpr std::chrono::milliseconds between_looks{20};
    const auto give_up = net::after(policy_->room_patience);
    while (world_.memory && !world_.memory->has_room(wanted.bytes)) {
        if (std::chrono::steady_clock::now() >= give_up) co_return smtp::Reply(replies::no_room);
        co_await net::sleep_until(net::after(between_looks));
    }
    co_return smtp::Reply(replies::room_again);
}

net::Task<smtp::Answer> Reception::deliver_message(const smtp::Deliver& message) const {
    auto job = [this, &message] { return plan_delivery(world_, *policy_, message); };
    auto plan = is_soon_prepared(message) ? co_await at_once(world_.workers, std::move(job))
                                          : co_await net::on_worker(world_.workers, std::move(job));
    if (!plan) co_return fault_instead_of_answer(world_, message, replies::reply_to(plan.error()));
    co_return co_await deliver(world_, log_, message, *std::move(plan));
}

}  // namespace hongyan::flow
