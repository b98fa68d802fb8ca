// How a session takes the message itself: the text after DATA (RFC 5321 §4.1.1.4), chunks after BDAT
// (RFC 3030 §2), and what becomes of it.
#include <limits>

#include "base/check.h"
#include "smtp/replies.h"
#include "smtp/session.h"
#include "smtp/trace.h"

namespace hongyan::smtp {

namespace {

constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

// What is wrong with a message that has come whole.
std::optional<StandardReply> complaint_about(const Transaction& transaction, std::string_view message,
                                             const Settings& settings) {
    if (transaction.message.too_large()) return replies::message_too_large;
    if (settings.stray_line_ends == StrayLineEnds::refuse && transaction.decoder.saw_stray_line_end())
        return replies::stray_line_ends;
    if (count_received_fields(message) > settings.limits.hops) return replies::too_many_hops;
    return std::nullopt;
}

}  // namespace

void Session::read_text() {
    transaction_->message.expect(transaction_->envelope.parameters.size);
    listening_ = Listening::text;
    say(to_wire(replies::go_ahead));
}

bool Session::take_text() {
    const auto bytes = input().peek();
    if (bytes.empty()) return false;
    const auto progress = transaction_->decoder.take(bytes, transaction_->message);
    input().take(progress.taken);
    if (!progress.ended) return false;
    listening_ = Listening::commands;
    message_is_here();
    return true;
}

void Session::read_chunk(Chunk chunk) {
    chunk_ = chunk;
    listening_ = Listening::chunk;
    if (transaction_ && !chunk.complaint) transaction_->chunks_begun = true;
}

bool Session::take_chunk() {
    const auto bytes = input().take(std::min<std::uint64_t>(chunk_->left, all));
    if (bytes.empty() && chunk_->left > 0) return false;
    if (!chunk_->complaint) transaction_->message.append(bytes);
    chunk_->left -= bytes.size();
    if (chunk_->left > 0) return false;

    const auto chunk = *std::exchange(chunk_, std::nullopt);
    listening_ = Listening::commands;
    if (chunk.complaint)
        reply(*chunk.complaint);
    else if (transaction_->message.too_large())
        conclude(replies::message_too_large);
    else if (chunk.last)
        message_is_here();
    else
        reply({250, "2.0.0", fmt::format("{} octets received", chunk.size)});
    return true;
}

void Session::message_is_here() {
    auto text = std::make_shared<std::string>(transaction_->message.take());
    if (const auto complaint = complaint_about(*transaction_, *text, *settings_)) return conclude(*complaint);
    ask(Deliver{client_, transaction_->envelope, std::move(text)},
        [](Session& session, const Answer& answer) { session.conclude(std::get<Replies>(answer)); });
}

// RFC 2033 §4.2: LMTP answers for each recipient, SMTP for the message.
void Session::conclude(const Replies& replies) {
    const auto expected = is_lmtp() ? transaction_->envelope.recipients.size() : 1;
    check(replies.size() == expected, "there is a reply for each that is waited for");
    for (const auto& each : replies) reply(each);
    end_transaction();
}

void Session::conclude(const Reply& reply) {
    conclude(Replies(is_lmtp() ? transaction_->envelope.recipients.size() : 1, reply));
}

}  // namespace hongyan::smtp
