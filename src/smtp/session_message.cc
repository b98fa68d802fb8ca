// How a session takes the message itself: the text after DATA (RFC 5321 §4.1.1.4), chunks after BDAT
// (RFC 3030 §2), and what becomes of it.
#include <algorithm>
#include <limits>

#include "base/check.h"
#include "message/message_ids.h"
#include "smtp/replies.h"
#include "smtp/session.h"
#include "smtp/trace.h"

namespace hongyan::smtp {

namespace {

constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

// In a binary message CR and LF are bytes like others; in any other they stand together, however it came
// (RFC 3030 §2, §3).
bool has_stray_line_end(const Transaction& transaction) {
    if (!transaction.chunks_begun) return transaction.decoder.saw_stray_line_end();
    return transaction.envelope.parameters.body != Body::binary && transaction.line_ends.saw_stray();
}

// What is wrong with a message that has come whole.
std::optional<StandardReply> complaint_about(const Transaction& transaction, std::string_view message,
                                             const Settings& settings) {
    if (transaction.message.too_large()) return replies::message_too_large;
    if (transaction.message.given_up()) return replies::no_room;
    if (settings.stray_line_ends == StrayLineEnds::refuse && has_stray_line_end(transaction))
        return replies::stray_line_ends;
    if (count_received_fields(message) > settings.limits.hops) return replies::too_many_hops;
    return std::nullopt;
}

}  // namespace

// Who says how large the message is waits for room before he sends it (RFC 1870 §6.1). He is believed up to
// a size only: with the rest nobody could take the room from others without sending a byte.
void Session::read_text() {
    const auto size =
        std::min<std::uint64_t>(transaction_->envelope.parameters.size, MessageBuffer::believed);
    if (transaction_->message.make_room(size)) return listen_to_text();
    ask(AwaitRoom{transaction_->message.room_wanted(size)}, [](Session& session, const Answer& answer) {
        if (std::get<Reply>(answer).is_success()) return session.read_text();
        session.refuse_text(replies::no_room);
    });
}

// One reply to DATA, in LMTP too.
void Session::refuse_text(const StandardReply& why) {
    tell_abandoned([why](Session& session) {
        session.reply(why, session.transaction_->envelope.recipients);
        session.end_transaction();
    });
}

void Session::listen_to_text() {
    transaction_->message.expect(transaction_->envelope.parameters.size);
    listening_ = Listening::text;
    say(to_wire(replies::go_ahead));
}

// While the session waits nothing is read from the client, who so waits too.
bool Session::has_room(std::size_t more) {
    if (transaction_->message.make_room(more)) return true;
    ask(AwaitRoom{transaction_->message.room_wanted(more)}, [](Session& session, const Answer& answer) {
        if (!std::get<Reply>(answer).is_success()) session.transaction_->message.give_up();
    });
    return false;
}

bool Session::take_text() {
    const auto bytes = input().peek();
    if (bytes.empty()) return false;
    if (!has_room(bytes.size())) return true;
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
    const auto here = std::min<std::uint64_t>(chunk_->left, input().peek().size());
    if (!chunk_->complaint && !has_room(here)) return true;
    const auto bytes = input().take(std::min<std::uint64_t>(chunk_->left, all));
    if (bytes.empty() && chunk_->left > 0) return false;
    if (!chunk_->complaint) {
        transaction_->message.append(bytes);
        transaction_->line_ends.see(bytes);
    }
    chunk_->left -= bytes.size();
    if (chunk_->left > 0) return false;

    listening_ = Listening::commands;
    chunk_is_here(*std::exchange(chunk_, std::nullopt));
    return true;
}

// RFC 2033 §4.3: in LMTP a chunk has one reply, and the last one a reply for each recipient, so none where
// there is no recipient; nobody may lose count of them when something is wrong with a chunk.
void Session::chunk_is_here(const Chunk& chunk) {
    if (chunk.complaint) {
        if (!is_lmtp() || !chunk.last || state() != State::mail) reply(*chunk.complaint);
    } else if (transaction_->message.too_large() || transaction_->message.given_up()) {
        const auto& why = transaction_->message.too_large() ? replies::message_too_large : replies::no_room;
        if (is_lmtp() && !chunk.last) return reply(why);
        conclude(why);
    } else if (chunk.last) {
        message_is_here();
    } else {
        reply({250, "2.0.0", fmt::format("{} octets received", chunk.size)});
    }
}

void Session::fetch(std::string url, bool last) {
    transaction_->chunks_begun = true;
    const auto most = settings_->limits.message_size - transaction_->message.size();
    ask(FetchUrl{client_, std::move(url), most}, [last](Session& session, const Answer& answer) {
        if (const auto* refused = std::get_if<Reply>(&answer)) return session.conclude(*refused);
        session.take_fetched(std::get<FetchedUrl>(answer).octets, last);
    });
}

// Waits for room as for bytes that the client sends.
void Session::take_fetched(std::string octets, bool last) {
    auto& message = transaction_->message;
    if (!message.given_up() && !message.make_room(octets.size()))
        return ask(AwaitRoom{message.room_wanted(octets.size())},
                   [octets = std::move(octets), last](Session& session, const Answer& answer) {
                       if (!std::get<Reply>(answer).is_success()) session.transaction_->message.give_up();
                       session.take_fetched(octets, last);
                   });
    message.append(octets);
    transaction_->line_ends.see(octets);
    if (message.too_large()) return conclude(replies::message_too_large);
    if (message.given_up()) return conclude(replies::no_room);
    if (last) return message_is_here();
    reply({250, "2.5.0", fmt::format("{} octets fetched", octets.size())});
}

void Session::message_is_here() {
    auto text = transaction_->message.take();
    if (const auto complaint = complaint_about(*transaction_, text, *settings_)) {
        transaction_->refused_id = message::message_id_of(text);
        return conclude(*complaint);
    }
    ask(Deliver{client_, transaction_->envelope, std::make_shared<const std::string>(std::move(text))},
        [](Session& session, const Answer& answer) {
            session.conclude(std::get<Replies>(answer), Decided::elsewhere);
        });
}

// RFC 2033 §4.2: LMTP answers for each recipient, SMTP for the message. One message is one mistake at most,
// and a farewell comes after all its replies: the client knows by their order whom they are for.
void Session::conclude(const Replies& replies, Decided where) {
    const auto expected = is_lmtp() ? transaction_->envelope.recipients.size() : 1;
    check(replies.size() == expected, "there is a reply for each that is waited for");
    for (std::size_t i = 0; i < replies.size(); ++i) {
        say(to_wire(replies[i]));
        witness(replies[i], where == Decided::here ? recipients_of_reply(i) : std::span<const Recipient>());
    }
    end_transaction();
    if (std::ranges::any_of(replies, &Reply::is_refusal)) count_mistake();
}

std::span<const Recipient> Session::recipients_of_reply(std::size_t number) const {
    const std::span<const Recipient> everybody(transaction_->envelope.recipients);
    return is_lmtp() ? everybody.subspan(number, 1) : everybody;
}

// Of a message that is not delivered.
void Session::conclude(const Reply& reply) {
    const Replies replies(is_lmtp() ? transaction_->envelope.recipients.size() : 1, reply);
    if (transaction_->refused_id.empty()) transaction_->refused_id = transaction_->message.message_id();
    tell_abandoned([replies](Session& session) { session.conclude(replies, Decided::here); });
}

}  // namespace hongyan::smtp
