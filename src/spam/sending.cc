#include "spam/sending.h"

#include <algorithm>

namespace hongyan::spam {

namespace {

smtp::Reply too_much(const std::string& why) {
    return {450, "4.7.1", fmt::format("{} (sending-limit)", why)};
}

}  // namespace

class SendingLimits::Counting final : public Visit {
public:
    Counting(SendingLimits& judge, std::string account, log::Log log)
        : judge_(judge), account_(std::move(account)), log_(std::move(log)) {}

    net::Task<std::optional<smtp::Reply>> sender(const smtp::CheckSender& /*asked*/) override {
        so_far_ = {};
        recipients_.clear();
        co_return co_await objection(so_far_);
    }

    net::Task<std::optional<smtp::Reply>> recipient(const smtp::CheckRecipient& asked) override {
        const auto address = smtp::to_string(asked.recipient.path);
        auto look = [this, &address] { return judge_.sending_.correspondents().knows(account_, address); };
        const auto is_known = co_await net::on_worker(judge_.workers_, std::move(look));
        auto more = so_far_;
        ++more.recipients;
        if (is_known && !*is_known) ++more.strangers;
        auto refusal = co_await objection(more);
        if (!refusal) {
            so_far_ = more;
            recipients_.push_back(address);
        }
        co_return refusal;
    }

    void kept(const smtp::Deliver& /*came*/, const Judgement& /*judgement*/,
              const smtp::Replies& replies) override {
        const bool is_taken = std::ranges::any_of(replies, &smtp::Reply::is_success);
        if (is_taken) {
            judge_.sending_.count(account_, so_far_);
            judge_.sending_.correspondents().remember(account_, recipients_);
        }
        so_far_ = {};
        recipients_.clear();
    }

private:
    net::Task<std::optional<smtp::Reply>> objection(reputation::Sent more) {
        auto look = [this, more] { return judge_.sending_.objection(account_, more); };
        const auto why = co_await net::on_worker(judge_.workers_, std::move(look));
        if (!why || !*why) co_return std::nullopt;
        log_.warning("sending limit", {{"account", account_}, {"why", **why}});
        co_return too_much(**why);
    }

    SendingLimits& judge_;
    std::string account_;
    log::Log log_;
    reputation::Sent so_far_;  // of the transaction
    std::vector<std::string> recipients_;
};

std::unique_ptr<Visit> SendingLimits::visit(const smtp::Client& client, const log::Log& log) {
    if (client.account.empty()) return nullptr;
    return std::make_unique<Counting>(*this, client.account, log);
}

}  // namespace hongyan::spam
