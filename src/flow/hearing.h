// The judges of mail at the session that brings it.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "base/log.h"
#include "spam/panel.h"

namespace hongyan::flow {

// Belongs to one session and its thread. Judges visit when the first transaction begins, and anew when the
// client has changed by then (it has logged in). One that breaks puts the client off.
class Hearing {
public:
    // Null: there are no judges, and nothing may be asked. `patience` is for all of them and one message.
    Hearing(std::shared_ptr<const spam::Judges> judges, std::chrono::milliseconds patience, log::Log log)
        : judges_(std::move(judges)), patience_(patience), log_(std::move(log)) {}

    bool has_judges() const { return judges_ != nullptr; }

    // The first refusal; nothing: all let it pass.
    net::Task<std::optional<smtp::Reply>> sender(const smtp::CheckSender& asked);
    net::Task<std::optional<smtp::Reply>> recipient(const smtp::CheckRecipient& asked);
    // For those who visit already: the client is nobody yet for whom others would come.
    net::Task<std::optional<smtp::Reply>> unknown(const smtp::UnknownCommand& asked);
    // What all of them say together. Once one rejects, those behind it are not asked.
    net::Task<spam::Judgement> message(const smtp::Deliver& came);
    // For those whom message() has asked.
    void kept(const smtp::Deliver& came, const spam::Judgement& judgement, const smtp::Replies& replies);
    // What sender() has begun comes to nothing.
    net::Task<void> abandon();
    // The session is over: all visits are.
    net::Task<void> leave();

private:
    using Visits = std::vector<std::unique_ptr<spam::Visit>>;

    net::Task<void> renew_visits(const smtp::Client& client);
    net::Task<void> hear(spam::Visit& visit, const smtp::Deliver& came, spam::Judgement& judgement);

    std::shared_ptr<const spam::Judges> judges_;
    std::chrono::milliseconds patience_;
    log::Log log_;
    std::optional<smtp::Client> client_;  // whom the visits are to
    Visits visits_;
    std::size_t asked_ = 0;  // of the visits, by message()
};

}  // namespace hongyan::flow
