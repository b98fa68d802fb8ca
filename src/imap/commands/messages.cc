#include "imap/commands/messages.h"

#include <iterator>
#include <utility>

namespace hongyan::imap::commands {
namespace {

// Consecutive numbers as ranges, in the order in which they come.
class Ranges {
public:
    void add(std::uint32_t number) {
        if (count_ > 0 && number == last_ + 1) {
            ++count_;
        } else {
            put();
            count_ = 1;
        }
        last_ = number;
    }
    std::string take() {
        put();
        return std::move(text_);
    }

private:
    void put() {
        if (count_ == 0) return;
        if (!text_.empty()) text_ += ',';
        if (count_ > 1) fmt::format_to(std::back_inserter(text_), "{}:", last_ - count_ + 1);
        fmt::format_to(std::back_inserter(text_), "{}", last_);
    }

    std::string text_;
    std::uint32_t last_ = 0;
    std::uint32_t count_ = 0;
};

}  // namespace

Messages read_messages(const Arguments& arguments) {
    arguments.in.space();
    if (arguments.in.present("$")) return {{}, arguments.of, true};
    return {arguments.in.sequence_set(), arguments.of};
}

Completion beyond_mailbox() { return bad("There are not so many messages in the mailbox"); }

Completion read_only_mailbox() { return no(wire::Code::none, "The mailbox is open for reading only"); }

Completion lacks_right(Rights needed) {
    return no(wire::Code::no_permission, fmt::format("This needs the right \"{}\"", imap::to_text(needed)));
}

Completion unless_gone(Completion completion, bool some_gone, SetOf of) {
    if (!some_gone || of == SetOf::uids) return completion;
    return no(wire::Code::expunge_issued, "Some of the messages are there no more");
}

void count_on_modseq(Desk& desk) {
    if (std::exchange(desk.here.condstore, true) || !desk.here.mailbox) return;
    wire::put_status(
        desk.out, wire::untagged, wire::Condition::ok,
        {wire::Code::highest_modseq, fmt::format("{}", desk.mailbox().highest_modseq()), "Highest"});
}

std::string to_text(const std::vector<Uid>& uids) {
    Ranges ranges;
    for (const auto uid : uids) ranges.add(uid.value());
    return ranges.take();
}

std::string to_text(std::span<const std::uint32_t> numbers) {
    Ranges ranges;
    for (const auto number : numbers) ranges.add(number);
    return ranges.take();
}

std::string numbers_text(const UidSet& uids, const MailboxView& view) {
    Ranges ranges;
    for (const auto uid : uids.uids())
        if (const auto number = view.number_of(uid)) ranges.add(number->value());
    return ranges.take();
}

}  // namespace hongyan::imap::commands
