#include "spam/sending.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/ascii.h"

namespace hongyan::spam {

using reputation::Sent;

namespace {

constexpr std::size_t most_remembered = 2'000;  // in each half

std::string key_of(std::string_view account, std::string_view address) {
    return ascii::to_lower(account) + '\0' + ascii::to_lower(address);
}

}  // namespace

// What a transaction adds is set aside step by step, and counted when its message is taken. What is not taken
// is given back: by a refusal, by RSET and its like, at the end.
class SendingLimits::Counting final : public Visit {
public:
    Counting(SendingLimits& judge, std::string account, log::Log log)
        : judge_(judge), account_(std::move(account)), log_(std::move(log)) {}
    Counting(const Counting&) = delete;
    Counting& operator=(const Counting&) = delete;
    ~Counting() override { give_back(); }

    net::Task<std::optional<smtp::Reply>> sender(const smtp::CheckSender& /*asked*/) override {
        give_back();
        co_return co_await reserve({.messages = 1});
    }

    net::Task<std::optional<smtp::Reply>> recipient(const smtp::CheckRecipient& asked) override {
        const auto address = smtp::to_string(asked.recipient.path);
        auto look = [this, &address] { return judge_.knows(account_, address); };
        const auto is_known = co_await net::on_worker(judge_.workers_, std::move(look));
        // Whoever is not looked for would count as known, and most recipients come when there is most to do.
        if (!is_known) co_return smtp::ground("judge-busy").plain();
        const bool is_stranger = !*is_known;
        auto refusal = co_await reserve({.recipients = 1, .strangers = is_stranger ? 1U : 0U});
        if (!refusal) {
            auto& known = asked_[address];
            known.is_stranger = is_stranger;
            ++known.times;
        }
        co_return refusal;
    }

    // Those whom a judge behind this one has refused, or taken off, are not written to. Whoever stands in
    // their place counts as they would have, but is not written to by the account; nobody counts beyond
    // those.
    void kept(const smtp::Deliver& came, const Judgement& judgement, const smtp::Replies& replies) override {
        if (std::ranges::any_of(replies, &smtp::Reply::is_success)) {
            const auto& recipients = (judgement.envelope ? *judgement.envelope : came.envelope).recipients;
            Sent sent{.messages = 1};
            std::vector<std::string> written_to;
            for (const auto& recipient : recipients) {
                const auto asked = asked_.find(smtp::to_string(recipient.path));
                if (asked == asked_.end() || asked->second.times == 0) continue;
                --asked->second.times;
                sent += {.recipients = 1, .strangers = asked->second.is_stranger ? 1U : 0U};
                written_to.push_back(asked->first);
            }
            const auto all = std::min(recipients.size(), reserved_.recipients);
            const auto others = all - sent.recipients;
            sent +=
                {.recipients = others, .strangers = std::min(others, reserved_.strangers - sent.strangers)};
            judge_.sending_.count(account_, std::exchange(reserved_, {}), sent);
            judge_.remember(account_, written_to);
        }
        give_back();
    }

    net::Task<void> abandon() override {
        give_back();
        co_return;
    }

private:
    net::Task<std::optional<smtp::Reply>> reserve(Sent more) {
        auto job = [this, more] { return judge_.sending_.reserve(account_, more); };
        const auto why = co_await net::on_worker(judge_.workers_, std::move(job));
        // Not even asked: there is too much to do.
        if (!why) co_return smtp::ground("judge-busy").plain();
        if (!*why) {
            reserved_ += more;
            co_return std::nullopt;
        }
        log_.warning("sending limit", {{"account", account_}, {"why", **why}});
        co_return smtp::ground("sending-limit").because(**why);
    }

    void give_back() {
        if (reserved_ != Sent{}) judge_.sending_.give_back(account_, std::exchange(reserved_, {}));
        asked_.clear();
    }

    SendingLimits& judge_;
    std::string account_;
    log::Log log_;
    struct Asked {
        bool is_stranger = false;
        std::size_t times = 0;
    };
    Sent reserved_;                       // for the transaction
    std::map<std::string, Asked> asked_;  // its recipients
};

void SendingLimits::remember(const std::string& account, std::span<const std::string> addresses) {
    sending_.correspondents().remember(account, addresses);
    const std::lock_guard lock(mutex_);
    for (const auto& address : addresses) {
        if (newer_.size() >= most_remembered) older_ = std::exchange(newer_, {});
        newer_.insert(key_of(account, address));
    }
}

bool SendingLimits::knows(const std::string& account, const std::string& address) const {
    const auto key = key_of(account, address);
    {
        const std::lock_guard lock(mutex_);
        if (newer_.contains(key) || older_.contains(key)) return true;
    }
    return sending_.correspondents().knows(account, address);
}

std::unique_ptr<Visit> SendingLimits::visit(const smtp::Client& client, const log::Log& log) {
    if (client.account.empty()) return nullptr;
    return std::make_unique<Counting>(*this, client.account, log);
}

}  // namespace hongyan::spam
