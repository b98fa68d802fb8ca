#include "smtp_client/reply_reader.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/scanner.h"
#include "message/utf8.h"

namespace hongyan::smtp_client {

namespace {

constexpr std::size_t kept_capacity = 1024;  // bytes that an idle session may hold on to
constexpr std::size_t shown = 60;            // bytes of a broken line in the complaint

// Reply-code = %x32-35 %x30-35 %x30-39   RFC 5321 §4.2. The second digit is not looked at: new ones may come.
bool is_code(std::string_view text) {
    return text.size() == 3 && text[0] >= '2' && text[0] <= '5' && std::ranges::all_of(text, ascii::is_digit);
}

int to_code(std::string_view text) { return (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0'); }

// status-code = class "." subject "." detail, of the same class as the reply's code   RFC 2034 §4
std::string_view take_status(std::string_view& text, int code) {
    Scanner in(text);
    const auto digits = [&](std::size_t most) {
        if (in.take_some(ascii::is_digit).size() > most) in.fail();
    };
    digits(1), in.expect("."), digits(3), in.expect("."), digits(3);
    if (in.failed() || (!in.at_end() && in.peek() != ' ') || text[0] - '0' != code / 100) return {};
    const auto status = text.substr(0, in.position());
    text.remove_prefix(std::min(in.position() + 1, text.size()));
    return status;
}

}  // namespace

std::string printable(std::string_view bytes) {
    auto text = message::replace_invalid_utf8(bytes);
    std::ranges::replace_if(text, ascii::is_control, '?');
    return text;
}

void ReplyReader::append(std::string_view bytes) {
    if (!complaint_.empty()) return;
    input_.erase(0, start_);
    start_ = 0;
    if (input_.empty() && input_.capacity() > kept_capacity) std::string().swap(input_);
    input_.append(bytes);
}

void ReplyReader::clear() {
    std::string().swap(input_);
    start_ = searched_ = reply_size_ = 0;
    reply_.lines.clear();
}

// Without its line end. A line that does not end is as bad as one that is too long.
std::optional<std::string_view> ReplyReader::next_line() {
    const auto text = std::string_view(input_).substr(start_);
    const auto end = text.find('\n', searched_);
    if (end == text.npos) {
        searched_ = text.size();
        if (text.size() > limits_.reply) complaint_ = "a reply without an end";
        return std::nullopt;
    }
    searched_ = 0;
    start_ += end + 1;
    reply_size_ += end + 1;
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// True if it was the last line of the reply.
bool ReplyReader::take_line(std::string_view line) {
    const auto code = line.substr(0, 3);
    const char mark = line.size() > 3 ? line[3] : ' ';  // RFC 5321 §4.2: the code may stand alone
    if (!is_code(code) || (mark != ' ' && mark != '-')) {
        complaint_ = "no reply of SMTP: " + printable(line.substr(0, shown));
        return false;
    }
    const auto number = to_code(code);
    // Every line has the same code (RFC 5321 §4.2.1). Where the last digits differ the last line has the
    // word; where the first do, nobody can tell what was meant.
    if (!reply_.lines.empty() && reply_.code / 100 != number / 100) {
        complaint_ = fmt::format("a reply that is {} and {}", reply_.code, number);
        return false;
    }
    auto text = line.substr(std::min<std::size_t>(4, line.size())).substr(0, limits_.line);
    const auto status = take_status(text, number);
    if (reply_.lines.empty()) reply_.status.clear();
    if (!status.empty()) reply_.status = status;
    reply_.code = number;
    reply_.lines.push_back(printable(text));
    if (reply_.lines.size() > limits_.lines || reply_size_ > limits_.reply)
        complaint_ = "a reply that is too long";
    return mark == ' ' && complaint_.empty();
}

std::optional<smtp::Reply> ReplyReader::next() {
    while (complaint_.empty()) {
        const auto line = next_line();
        if (!line) break;
        if (!take_line(*line)) continue;
        reply_size_ = 0;
        auto reply = std::move(reply_);
        reply_ = {0, "", std::vector<std::string>{}};
        return reply;
    }
    return std::nullopt;
}

}  // namespace hongyan::smtp_client
