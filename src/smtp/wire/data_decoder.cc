#include "smtp/wire/data_decoder.h"

#include <algorithm>

#include "message/message_ids.h"

namespace hongyan::smtp {

void MessageBuffer::expect(std::size_t size) { bytes_.reserve(std::min({size, limit_, believed})); }

std::uint64_t MessageBuffer::room_wanted(std::size_t more) const {
    // In steps, so that a small message asks once, and a large one not for each of its pieces.
    constexpr std::size_t step = std::size_t{256} * 1024;
    if (too_large_ || given_up_) return 0;
    const auto needed = std::min(limit_, bytes_.size() + std::min(more, limit_));
    return needed <= share_.bytes() ? 0 : (needed + step - 1) / step * step - share_.bytes();
}

bool MessageBuffer::make_room(std::size_t more) { return share_.grow_to(share_.bytes() + room_wanted(more)); }

std::string MessageBuffer::message_id() const {
    return bytes_.empty() ? forgotten_id_ : message::message_id_of(bytes_);
}

void MessageBuffer::forget() {
    forgotten_id_ = message_id();
    std::string().swap(bytes_);
    share_.release();
}

void MessageBuffer::give_up() {
    given_up_ = true;
    forget();
}

void MessageBuffer::append(std::string_view bytes) {
    if (too_large_ || given_up_) return;
    if (bytes.size() > limit_ - bytes_.size()) {
        too_large_ = true;
        bytes_.append(bytes.substr(0, limit_ - bytes_.size()));
        return forget();
    }
    bytes_.append(bytes);
}

void LineEndWatch::see(std::string_view bytes) {
    if (stray_ || bytes.empty()) return;
    std::size_t at = 0;
    if (after_cr_) {
        stray_ = bytes[at++] != '\n';
        after_cr_ = false;
    }
    for (; !stray_ && (at = bytes.find_first_of("\r\n", at)) != bytes.npos; at += 2) {
        after_cr_ = at + 1 == bytes.size() && bytes[at] == '\r';
        if (after_cr_) return;
        stray_ = bytes.substr(at, 2) != "\r\n";
    }
}

// Goes to the next CR, or to the end, and past it; an LF on the way stands alone.
std::size_t DataDecoder::find_line_end(std::string_view bytes, std::size_t from) {
    const auto cr = std::min(bytes.find('\r', from), bytes.size());
    if (bytes.substr(from, cr - from).contains('\n')) stray_ = true;
    if (cr == bytes.size()) return cr;
    after_ = After::cr;
    return cr + 1;
}

// Copies runs as long as possible: they end only at dots that are not part of the message.
DataDecoder::Progress DataDecoder::take(std::string_view bytes, MessageBuffer& message) {
    std::size_t run = 0;
    std::size_t at = 0;
    const auto leave_out_next = [&] {
        message.append(bytes.substr(run, at - run));
        run = ++at;
    };
    while (at < bytes.size()) {
        const char next = bytes[at];
        switch (after_) {
            case After::line_end:
                after_ = next == '.' ? After::dot : After::text;
                if (next == '.') leave_out_next();
                break;
            case After::dot:
                after_ = next == '\r' ? After::dot_cr : After::text;
                if (next == '\r') leave_out_next();
                break;
            case After::dot_cr:
                if (next == '\n') return {at + 1, true};
                // A dot that was put in before a CR that stands alone.
                message.append("\r");
                stray_ = true;
                after_ = After::text;
                break;
            case After::text:
                at = find_line_end(bytes, at);
                break;
            case After::cr:
                after_ = next == '\n' ? After::line_end : After::text;
                if (next == '\n')
                    ++at;
                else
                    stray_ = true;
                break;
        }
    }
    message.append(bytes.substr(run));
    return {bytes.size(), false};
}

}  // namespace hongyan::smtp
