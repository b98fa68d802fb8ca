#include "flow/hearing.h"

#include "smtp/grounds.h"

namespace hongyan::flow {

namespace {

// Gives the visits one question, in their order, until one refuses.
template <typename Ask>
net::Task<std::optional<smtp::Reply>> first_refusal(std::span<const std::unique_ptr<spam::Visit>> visits,
                                                    const log::Log& log, Ask ask) {
    for (const auto& visit : visits) {
        std::optional<smtp::Reply> refusal = smtp::ground("judge-broken").plain();
        try {
            refusal = co_await ask(*visit);
        } catch (const std::exception& broken) {
            log.error("judge broken", {{"why", broken.what()}});
        }
        if (refusal) co_return refusal;
    }
    co_return std::nullopt;
}

}  // namespace

net::Task<void> Hearing::renew_visits(const smtp::Client& client) {
    if (client_ == client) co_return;
    co_await leave();
    for (const auto& judge : *judges_)
        if (auto visit = judge->visit(client, log_)) visits_.push_back(std::move(visit));
    client_ = client;
}

net::Task<std::optional<smtp::Reply>> Hearing::sender(const smtp::CheckSender& asked) {
    co_await renew_visits(asked.client);
    auto ask = [&asked](spam::Visit& visit) { return visit.sender(asked); };
    co_return co_await first_refusal(visits_, log_, std::move(ask));
}

net::Task<std::optional<smtp::Reply>> Hearing::recipient(const smtp::CheckRecipient& asked) {
    co_await renew_visits(asked.client);
    auto ask = [&asked](spam::Visit& visit) { return visit.recipient(asked); };
    co_return co_await first_refusal(visits_, log_, std::move(ask));
}

net::Task<std::optional<smtp::Reply>> Hearing::unknown(const smtp::UnknownCommand& asked) {
    auto ask = [&asked](spam::Visit& visit) { return visit.unknown(asked); };
    co_return co_await first_refusal(visits_, log_, std::move(ask));
}

net::Task<spam::Judgement> Hearing::message(const smtp::Deliver& came) {
    co_await renew_visits(came.client);
    spam::Judgement judgement;
    const auto begun = std::chrono::steady_clock::now();
    for (asked_ = 0; asked_ < visits_.size() && judgement.disposition != spam::Disposition::reject; ++asked_)
        co_await hear(*visits_[asked_], came, judgement);
    // Whoever has gone by now would send it again, and its recipients had it twice.
    if (std::chrono::steady_clock::now() - begun >= patience_) {
        judgement.findings.push_back({.code = "judged-too-long", .words = "Its judges took too long"});
        judgement.demand(spam::Disposition::defer, smtp::ground("judged-too-long").plain());
    }
    co_return judgement;
}

net::Task<void> Hearing::hear(spam::Visit& visit, const smtp::Deliver& came, spam::Judgement& judgement) {
    try {
        co_await visit.message(came, judgement);
    } catch (const std::exception& broken) {
        log_.error("judge broken", {{"why", broken.what()}});
        judgement.findings.push_back({.code = "judge-broken", .words = "A judge of mail has failed"});
        judgement.demand(spam::Disposition::defer, smtp::ground("judge-broken").plain());
    }
}

void Hearing::kept(const smtp::Deliver& came, const spam::Judgement& judgement,
                   const smtp::Replies& replies) {
    for (std::size_t i = 0; i < asked_; ++i) {
        try {
            visits_[i]->kept(came, judgement, replies);
        } catch (const std::exception& broken) {
            log_.error("judge broken", {{"why", broken.what()}});
        }
    }
}

net::Task<void> Hearing::abandon() {
    for (const auto& visit : visits_) {
        try {
            co_await visit->abandon();
        } catch (const std::exception& broken) {
            log_.error("judge broken", {{"why", broken.what()}});
        }
    }
}

net::Task<void> Hearing::leave() {
    client_.reset();
    for (const auto& visit : std::exchange(visits_, {})) {
        try {
            co_await visit->leave();
        } catch (const std::exception& broken) {
            log_.error("judge broken", {{"why", broken.what()}});
        }
    }
}

}  // namespace hongyan::flow
