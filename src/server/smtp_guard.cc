#include "server/smtp_guard.h"

#include "smtp/grounds.h"

namespace hongyan::server {

namespace {

constexpr double a_fifth = 0.2;  // five of them within an hour end in a ban
constexpr std::string_view no_such_mailbox = "5.1.1";
constexpr std::string_view stray_in_command = "5.5.2";

}  // namespace

SmtpGuard::SmtpGuard(const Circumstances& circumstances, flow::Reception& reception)
    : circumstances_(circumstances),
      reception_(reception),
      reputation_(circumstances.mail.world().reputation),
      address_(circumstances.client_address()),
      door_(circumstances.mail.world(), "smtp", address_, circumstances.log) {}

net::Task<smtp::Answer> SmtpGuard::answer(smtp::Question question) {
    if (auto* asked = std::get_if<smtp::Authenticate>(&question))
        return answer_log_in(std::move(asked->question));
    if (auto* asked = std::get_if<smtp::CheckSender>(&question)) return answer_sender(std::move(*asked));
    if (auto* asked = std::get_if<smtp::CheckRecipient>(&question))
        return answer_about_mailbox(std::move(*asked));
    if (auto* asked = std::get_if<smtp::Verify>(&question)) return answer_about_mailbox(std::move(*asked));
    if (auto* asked = std::get_if<smtp::Deliver>(&question)) return answer_message(std::move(*asked));
    return reception_.answer(std::move(question));
}

net::Task<smtp::Answer> SmtpGuard::answer_log_in(sasl::Question asked) {
    co_return co_await door_.answer(std::move(asked));
}

// A session counts for its account from its first message on.
net::Task<smtp::Answer> SmtpGuard::answer_sender(smtp::CheckSender asked) {
    const auto account = asked.client.account;
    if (!account.empty() && account != place_of_) {
        auto place = circumstances_.mail.account_sessions().take(
            account, "smtp", circumstances_.config.limits.smtp_per_account);
        if (!place) co_return smtp::ground("account-sessions").because(place.error().message);
        place_ = *std::move(place);
        place_of_ = account;
    }
    smtp::Question question = std::move(asked);
    co_return co_await reception_.answer(std::move(question));
}

// To ask by VRFY whether there is a mailbox tells no less than to name it as a recipient.
template <typename Asked>
net::Task<smtp::Answer> SmtpGuard::answer_about_mailbox(Asked asked) {
    const bool is_stranger = asked.client.account.empty();
    smtp::Question question = std::move(asked);
    auto answer = co_await reception_.answer(std::move(question));
    if (!is_stranger || reputation_ == nullptr) co_return answer;
    if (auto instead = note_recipient(std::get<smtp::Reply>(answer))) co_return *std::move(instead);
    co_return answer;
}

// Only whoever brings mail makes up for those whom he has asked for in vain: that "postmaster" is there
// everybody knows.
net::Task<smtp::Answer> SmtpGuard::answer_message(smtp::Deliver asked) {
    const bool is_stranger = asked.client.account.empty();
    smtp::Question question = std::move(asked);
    auto answer = co_await reception_.answer(std::move(question));
    const auto* const replies = std::get_if<smtp::Replies>(&answer);
    if (!is_stranger || reputation_ == nullptr || replies == nullptr) co_return answer;
    for (const auto& reply : *replies)
        if (reply.is_success())
            (void)reputation_->door().asked_for(address_, reputation::Doorkeeper::Recipient::known);
    co_return answer;
}

std::optional<smtp::Reply> SmtpGuard::note_recipient(const smtp::Reply& reply) {
    if (reply.status != no_such_mailbox) return std::nullopt;
    const auto ban = reputation_->door().asked_for(address_, reputation::Doorkeeper::Recipient::unknown);
    if (!ban) return std::nullopt;
    tell(*ban);
    return smtp::ground("banned").because(ban->reason);
}

void SmtpGuard::notice(const smtp::Refusal& refusal) {
    const auto& status = refusal.reply.status;
    const bool is_stray = refusal.reply.ground == smtp::ground("stray-line-ends").code ||
                          (status == stray_in_command && refusal.reply.code == 500 &&
                           refusal.reply.lines.front().starts_with("A line ends"));
    if (!is_stray || reputation_ == nullptr) return;
    const auto ban =
        reputation_->door().offended(address_, a_fifth, "Lines kept coming with stray line ends");
    if (ban) tell(*ban);
}

void SmtpGuard::tell(const reputation::Ban& ban) const {
    circumstances_.log.warning("shut out", {{"who", ban.subject.to_string()}, {"why", ban.reason}});
}

}  // namespace hongyan::server
