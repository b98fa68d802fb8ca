// One filter during one SMTP session.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "milter/conversation.h"
#include "spam/reach.h"

namespace hongyan::spam {

// Connects at the first MAIL and stays connected; a filter that has gone in the meantime is called once more.
// Belongs to the session's thread and task.
class MilterSession {
public:
    // What the filter has said, or why it could not be asked.
    using Outcome = std::expected<milter::Answered, std::string>;

    // Both outlive it.
    MilterSession(const Means& means, const config::Milter& settings) : means_(means), settings_(settings) {}

    const config::Milter& settings() const { return settings_; }
    bool applies_to(const smtp::Client& client) const;

    // Connects and greets as far as that has not been done, then begins a message. `id` names the transaction
    // in the logs of both sides.
    net::Task<Outcome> sender(const smtp::CheckSender& asked, std::string id);
    net::Task<Outcome> recipient(const smtp::CheckRecipient& asked);
    // A command that there is not. One that has not been called yet need not know.
    net::Task<Outcome> unknown(const smtp::UnknownCommand& asked);
    // What the fields and the body look at stays until the answer.
    net::Task<Outcome> message(milter::Message message);
    // The message that has begun does not come.
    net::Task<void> abandon();
    // Says farewell, if there is a connection, and closes it.
    net::Task<void> leave();
    bool is_open() const { return stream_ != nullptr; }
    // What the last sender() made of the connection.
    enum class Call { not_needed, out_of_reach, unanswered, answered };
    Call call() const { return call_; }
    // Known after sender(): how the filter writes values of header fields.
    bool keeps_leading_space() const { return conversation_ && conversation_->keeps_leading_space(); }

private:
    net::Task<Outcome> begin(const smtp::CheckSender& asked);
    net::Task<std::optional<std::string>> open(const smtp::Client& client);
    net::Task<Outcome> converse();
    void close();
    std::chrono::milliseconds patience_for(milter::Wait wait) const;
    void learn(const smtp::Client& client);

    const Means& means_;
    const config::Milter& settings_;
    std::unique_ptr<net::Stream> stream_;  // null: not connected
    std::optional<milter::Conversation> conversation_;
    milter::Values values_;  // that are known of the session and the message
    std::string greeted_;    // the name and the TLS that the filter knows of
    Call call_ = Call::not_needed;
};

}  // namespace hongyan::spam
