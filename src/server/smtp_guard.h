// What stands before the world that an SMTP session asks: log-ins, sessions of an account, who asks for
// mailboxes that are not there.
#pragma once

#include "flow/door.h"
#include "flow/reception.h"
#include "server/account_sessions.h"
#include "server/service.h"
#include "smtp/session.h"

namespace hongyan::server {

// Belongs to the session's thread and outlives the session.
class SmtpGuard {
public:
    // `reception` and all of `circumstances` outlive this.
    SmtpGuard(const Circumstances& circumstances, flow::Reception& reception);

    flow::Door& door() { return door_; }
    net::Task<smtp::Answer> answer(smtp::Question question);
    // Something was refused; some of that only those are who mean no good.
    void notice(const smtp::Refusal& refusal);

private:
    net::Task<smtp::Answer> answer_sender(smtp::CheckSender asked);
    template <typename Asked>
    net::Task<smtp::Answer> answer_about_mailbox(Asked asked);
    net::Task<smtp::Answer> answer_message(smtp::Deliver asked);
    net::Task<smtp::Answer> answer_log_in(sasl::Question asked);
    std::optional<smtp::Reply> note_recipient(const smtp::Reply& reply);
    void tell(const reputation::Ban& ban) const;

    const Circumstances& circumstances_;
    flow::Reception& reception_;
    reputation::Reputation* reputation_;
    std::string address_;
    flow::Door door_;
    std::unique_ptr<AccountSessions::Place> place_;
    std::string place_of_;  // the account that has it
};

}  // namespace hongyan::server
