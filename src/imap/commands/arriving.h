// A message on its way in by APPEND or REPLACE.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/budget.h"
#include "imap/rights.h"
#include "imap/task.h"
#include "imap/wire/values.h"
#include "store/message.h"

namespace hongyan::imap::commands {

// Octets of messages that a session's own thread prepares: more would keep its other sessions waiting.
inline constexpr std::size_t soon_prepared = std::size_t{128} << 10U;  // some 0.5 ms

// Can it be made ready without reading anything from the disk, and soon?
bool is_brief(const wire::AppendMessage& message);

// BAD before anything is done: a flag that nobody may set. Nothing where it may be tried.
std::optional<Completion> objection(const wire::AppendMessage& message);

// The messages of one command: put together from texts and from what lies here, and made ready to be kept.
// They are in memory until all are, so that what one message may have holds for all together, and what is
// taken from here needs room of the memory that all sessions share.
class Arriving {
public:
    Arriving(std::vector<wire::AppendMessage> wanted, std::shared_ptr<Budget> memory)
        : wanted_(std::move(wanted)), memory_(std::move(memory)) {}

    bool is_done() const { return ready_.size() == wanted_.size(); }
    // A portion of what is left to do. Of the flags those are kept that the rights in the target allow
    // (RFC 4314 §4). Or how the command ends: NO with BADURL, TOOBIG (RFC 4469 §4), UNKNOWN-CTE (RFC 3516
    // §4.4), or because the header is beyond ASCII and the client has not enabled that (RFC 6855 §4); it may
    // then be begun anew, as a BriefJob is by a worker.
    std::expected<void, Completion> go_on(Desk& desk, Rights rights);
    // All of them, where it is done. It may be begun anew too.
    std::vector<store::NewMessage> take();

private:
    void begin_anew();
    std::expected<void, Completion> take_step(Desk& desk, Rights rights);
    std::expected<void, Completion> add_part(Desk& desk, const wire::AppendPart& part);
    std::expected<void, Completion> finish_message(Desk& desk, Rights rights);
    std::expected<std::string, Completion> taken_from(Desk& desk, const std::string& text);
    Result<void> make_room(std::uint64_t octets);

    std::vector<wire::AppendMessage> wanted_;
    std::vector<store::NewMessage> ready_;
    std::string whole_;        // of the message behind those, as far as
    std::size_t part_ = 0;     // this part of it
    std::uint64_t size_ = 0;   // of all that has been put together
    std::uint64_t taken_ = 0;  // of it from here
    std::uint64_t read_ = 0;   // in this portion
    Share memory_;
};

}  // namespace hongyan::imap::commands
