// Writes into memory that is large enough already. A listing says some fifty short texts of each of many
// messages, and asks for room once for each part. For this folder.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace hongyan::imap::wire {

class Pen {
public:
    explicit Pen(char* at) : at_(at) {}

    void put(char c) { *at_++ = c; }
    void put(std::string_view text) { at_ += text.copy(at_, text.size()); }
    void number(std::uint64_t number);
    // quoted: takes twice its size and two octets at most.
    void quoted(std::string_view text);
    // string: quoted where it is short and plain, else a literal. Takes room_for(text) at most.
    void string(std::string_view text);
    // nstring, of which the empty one is told as NIL.
    void string_or_nil(std::string_view text) {
        if (text.empty())
            put("NIL");
        else
            string(text);
    }

    char* at() const { return at_; }

private:
    bool plain_string(std::string_view text);

    char* at_;
};

inline constexpr std::size_t room_for_number = 20;  // of 64 bits

inline constexpr std::size_t longest_quoted = 1'000;  // RFC 7162 §4 lets a client expect lines of 8,192

// A string with each of its characters quoted, or a literal.
constexpr std::size_t room_for(std::string_view string) {
    return string.size() + std::min(string.size(), longest_quoted) + std::string_view("{}\r\n").size() +
           room_for_number;
}

// Appends what `write` does with a Pen, `room` octets at most; none of what it writes lies in `out`.
template <typename Write>
void append_in_one(std::string& out, std::size_t room, Write write) {
    const auto before = out.size();
    out.resize_and_overwrite(before + room, [&](char* start, std::size_t) {
        Pen pen(start + before);
        write(pen);
        return static_cast<std::size_t>(pen.at() - start);
    });
}

}  // namespace hongyan::imap::wire
