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

// Dots are rarer than line ends, so we look for those, and then at what is before them.
void MessageText::append_piece(std::string& out) {
    const std::string_view text = text_;
    const auto end = std::min(text.size(), sent_ + piece_size);
    out.reserve(out.size() + (end - sent_) + 64);
    for (auto from = sent_; sent_ < end;) {
        const auto dot = text.substr(0, end).find('.', from);
        const bool found = dot != text.npos;
        from = found ? dot + 1 : end;
        if (found && dot > 0 && text[dot - 1] != '\n') continue;
        out += text.substr(sent_, from - sent_);
        if (found) out += '.';
        sent_ = from;
    }
    if (sent_ < text.size()) return;
    if (!text.empty() && !text.ends_with("\r\n")) out += "\r\n";
    out += ".\r\n";
    done_ = true;
}

}  // namespace hongyan::pop3
