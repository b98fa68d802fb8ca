#include "spam/sending.h"

#include <algorithm>
#include <map>

namespace hongyan::spam {

using reputation::Sent;

// What a transaction adds is set aside step by step, and counted when its message is taken. What is not taken
// is given back by the next MAIL, or at the end.
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
        auto look = [this, &address] { return judge_.sending_.correspondents().knows(account_, address); };
        const auto is_known = co_await net::on_worker(judge_.workers_, std::move(look));
        const bool is_stranger = is_known && !*is_known;
        auto refusal = co_await reserve({.recipients = 1, .strangers = is_stranger ? 1U : 0U});
        if (!refusal) is_stranger_[address] = is_stranger;
        co_return refusal;
    }

    // Those whom a judge behind this one has refused, or taken off, are not written to.
    void kept(const smtp::Deliver& came, const Judgement& judgement, const smtp::Replies& replies) override {
        if (std::ranges::any_of(replies, &smtp::Reply::is_success)) {
            Sent sent{.messages = 1};
            std::vector<std::string> written_to;
            for (const auto& recipient :
                 (judgement.envelope ? *judgement.envelope : came.envelope).recipients)
                if (auto asked = is_stranger_.extract(smtp::to_string(recipient.path))) {
                    sent += {.recipients = 1, .strangers = asked.mapped() ? 1U : 0U};
                    written_to.push_back(std::move(asked.key()));
                }
            judge_.sending_.count(account_, std::exchange(reserved_, {}), sent);
            judge_.sending_.correspondents().remember(account_, written_to);
        }
        give_back();
    }

private:
    net::Task<std::optional<smtp::Reply>> reserve(Sent more) {
        auto job = [this, more] { return judge_.sending_.reserve(account_, more); };
        const auto why = co_await net::on_worker(judge_.workers_, std::move(job));
        // Not even asked: there is too much to do.
        if (!why) co_return smtp::Reply{451, "4.3.2", "Too much to do, please try again later"};
        if (!*why) {
            reserved_ += more;
            co_return std::nullopt;
        }
        log_.warning("sending limit", {{"account", account_}, {"why", **why}});
        co_return smtp::Reply{450, "4.7.1", fmt::format("{} (sending-limit)", **why)};
    }

    void give_back() {
        if (reserved_ != Sent{}) judge_.sending_.give_back(account_, std::exchange(reserved_, {}));
        is_stranger_.clear();
    }

    SendingLimits& judge_;
    std::string account_;
    log::Log log_;
    Sent reserved_;                            // for the transaction
    std::map<std::string, bool> is_stranger_;  // its recipients
};

std::unique_ptr<Visit> SendingLimits::visit(const smtp::Client& client, const log::Log& log) {
    if (client.account.empty()) return nullptr;
    return std::make_unique<Counting>(*this, client.account, log);
}

}  // namespace hongyan::spam
