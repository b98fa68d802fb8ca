// The text that follows DATA (RFC 5321 §4.1.1.4): where it ends, and which dots are the protocol's.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/budget.h"

namespace hongyan::smtp {

// A message as it comes in. What goes beyond the limit is not kept, and neither is what came before it then,
// but for what the message is called.
class MessageBuffer {
public:
    // Bytes; more is not set aside for what is only announced.
    static constexpr std::size_t believed = std::size_t{1} << 20U;

    // Without a budget there is always room.
    explicit MessageBuffer(std::size_t limit, std::shared_ptr<Budget> budget = {})
        : limit_(limit), share_(std::move(budget)) {}

    // Room for so many bytes more than there are; false where all sessions together have no more. It is held
    // until this is destroyed, also after take().
    bool make_room(std::size_t more);
    // How many bytes of the budget that takes.
    std::uint64_t room_wanted(std::size_t more) const;
    std::uint64_t room_held() const { return share_.bytes(); }
    // There will be none: forgets what has come, and whatever comes.
    void give_up();
    bool given_up() const { return given_up_; }

    // For `size` bytes that are expected, up to `believed`.
    void expect(std::size_t size);
    void append(std::string_view bytes);
    bool too_large() const { return too_large_; }
    std::size_t size() const { return bytes_.size(); }
    std::string take() { return std::move(bytes_); }
    // By what has come of its header, also if that is forgotten; not after take().
    std::string message_id() const;

private:
    void forget();

    std::size_t limit_;
    std::string bytes_;
    std::string forgotten_id_;
    Share share_;
    bool too_large_ = false;
    bool given_up_ = false;
};

// Looks for a CR or LF that stands alone, in bytes that come piece by piece (RFC 5321 §2.3.8).
class LineEndWatch {
public:
    void see(std::string_view bytes);
    // In what has been seen, if that is all.
    bool saw_stray() const { return stray_ || after_cr_; }

private:
    bool after_cr_ = false;
    bool stray_ = false;
};

// Finds the end of the text, which is CR LF . CR LF and nothing that looks like it (RFC 5321 §4.1.1.4), and
// takes out the dots that were put in (RFC 5321 §4.5.2). A CR or LF that stands alone is content, never a
// line end: so nobody hides a second message behind it. Whether such a message is wanted is for the caller to
// say.
class DataDecoder {
public:
    struct Progress {
        std::size_t taken = 0;  // bytes of what was given; all of them unless the end came
        bool ended = false;
    };
    Progress take(std::string_view bytes, MessageBuffer& message);

    bool saw_stray_line_end() const { return stray_; }

private:
    // What came last: the end of a line, a dot after it, the CR after that, something else, or a CR.
    enum class After { line_end, dot, dot_cr, text, cr };

    std::size_t find_line_end(std::string_view bytes, std::size_t from);

    After after_ = After::line_end;
    bool stray_ = false;
};

}  // namespace hongyan::smtp
