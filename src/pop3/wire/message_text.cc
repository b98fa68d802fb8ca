#include "pop3/wire/message_text.h"

#include <algorithm>

namespace hongyan::pop3 {

namespace {

constexpr std::size_t piece_size = std::size_t{32} * 1024;  // octets

// Where the line that begins there ends; the end of the text if nothing ends it.
std::size_t after_line(std::string_view text, std::size_t begin) {
    const auto end = text.find('\n', begin);
    return end == text.npos ? text.size() : end + 1;
}

bool is_empty_line(std::string_view line) { return line == "\r\n" || line == "\n"; }

}  // namespace

std::size_t size_of_top(std::string_view message, std::uint32_t lines) {
    std::size_t at = 0;
    for (bool in_header = true; in_header && at < message.size();) {
        const auto end = after_line(message, at);
        in_header = !is_empty_line(message.substr(at, end - at));
        at = end;
    }
    for (; lines > 0 && at < message.size(); --lines) at = after_line(message, at);
    return at;
}

std::string MessageText::next_piece() {
    const std::string_view text = text_;
    const auto end = std::min(text.size(), sent_ + piece_size);
    std::string out;
    out.reserve(end - sent_ + 64);
    if (sent_ < end && text[sent_] == '.' && (sent_ == 0 || text[sent_ - 1] == '\n')) out += '.';
    while (sent_ < end) {
        const auto found = text.substr(0, end).find("\n.", sent_);
        const auto stop = found == text.npos ? end : found + 1;
        out += text.substr(sent_, stop - sent_);
        if (found != text.npos) out += '.';
        sent_ = stop;
    }
    if (sent_ < text.size()) return out;
    if (!text.empty() && !text.ends_with("\r\n")) out += "\r\n";
    out += ".\r\n";
    done_ = true;
    return out;
}

}  // namespace hongyan::pop3
