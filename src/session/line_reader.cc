#include "session/line_reader.h"

#include <algorithm>

namespace hongyan::session {

namespace {

constexpr std::string_view crlf = "\r\n";
constexpr std::size_t kept_capacity = 1024;  // bytes that an idle session may hold on to

bool is_stray(char c) { return c == '\r' || c == '\n' || c == '\0'; }

}  // namespace

void LineReader::append(std::string_view bytes) {
    release_read();
    buffer_.append(bytes);
}

void LineReader::release_read() {
    if (start_ == 0) return;
    if (start_ < buffer_.size())
        buffer_.erase(0, start_);
    else if (buffer_.capacity() > kept_capacity)
        std::string().swap(buffer_);
    else
        buffer_.clear();
    start_ = 0;
}

std::optional<Line> LineReader::next() {
    const auto text = pending();
    const auto end = text.find(crlf, searched_);
    if (end == text.npos) {
        // The last byte may be the CR of a CRLF.
        if (skipping_ || text.size() >= limit_) {
            skipping_ = true;
            start_ += text.empty() ? 0 : text.size() - 1;
        }
        searched_ = pending().empty() ? 0 : pending().size() - 1;
        if (buffer_.size() == start_) release_read();
        return std::nullopt;
    }
    searched_ = 0;
    start_ += end + crlf.size();
    const bool too_long = std::exchange(skipping_, false) || end + crlf.size() > limit_;
    if (too_long) return Line{Line::Kind::too_long, {}};
    const auto line = text.substr(0, end);
    return Line{std::ranges::any_of(line, is_stray) ? Line::Kind::stray : Line::Kind::whole, line};
}

std::string_view LineReader::take(std::size_t count) {
    const auto taken = pending().substr(0, count);
    start_ += taken.size();
    searched_ = 0;
    return taken;
}

void LineReader::clear() {
    std::string().swap(buffer_);
    start_ = searched_ = 0;
    skipping_ = false;
}

}  // namespace hongyan::session
