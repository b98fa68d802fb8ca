#include "imap/commands/arriving.h"

#include <algorithm>

#include "base/ascii.h"
#include "imap/commands/names.h"
#include "imap/flags.h"
#include "imap/message_url.h"
#include "message/seven_bit.h"
#include "message/summary.h"
#include "message/utf8.h"

namespace hongyan::imap::commands {
namespace {

using Assembled = std::expected<std::string, Completion>;
using Done = std::expected<void, Completion>;

// Octets read or made ready that are a portion, some 10 ms.
constexpr std::uint64_t enough_read = std::uint64_t{1} << 20U;
// What it costs to find a message, in octets that are read in that time.
constexpr std::uint64_t to_find_one = 10'000;

// url-resp-text = 1*<any TEXT-CHAR except "]">   RFC 4469 §5
Completion bad_url(std::string url) {
    std::ranges::replace_if(
        url, [](char c) { return c == ']' || ascii::is_control(c) || ascii::is_8bit(c); }, '?');
    auto refused = no(wire::Code::bad_url, "That is nothing that could be taken from here");
    refused.said.arguments = std::move(url);
    return refused;
}

// The selected mailbox, where the user may still read it (RFC 4314 §5.1.1).
Result<Place> readable_here(Desk& desk) {
    if (!desk.here.mailbox) return fail(Error::Kind::not_found, "no mailbox is selected");
    const auto account = desk.store.account(desk.mailbox().account());
    TRY(auto mailbox, account.view().mailbox(desk.mailbox().id()));
    TRY(const auto rights, account.view().rights(mailbox.id, desk.here.account.value()));
    if (!rights.contains(Right::read)) return fail(Error::Kind::denied, "the mailbox is no longer shared");
    return Place{account, std::move(mailbox), rights};
}

// The octets that the URL names, where the user may read them.
Result<std::string> read_here(Desk& desk, const wire::MessageUrl& url, const Room& room) {
    TRY(const auto place,
        url.mailbox.empty() ? readable_here(desk) : find_selectable(desk, url.mailbox, {Right::read}));
    TRY(const auto part, NamedPart::read(place.account.view(), place.mailbox, url, room));
    return part.octets();
}

Result<bool> has_header_beyond_ascii(std::string_view raw, const store::Content& content) {
    TRY(const auto summary, message::SummaryView::of(content.summary));
    return !message::is_ascii(raw.substr(0, summary.header_size()));
}

Done permit_header(const Desk& desk, std::string_view raw, const store::Content& content) {
    if (desk.here.takes_utf8_headers()) return {};
    const auto is_beyond = has_header_beyond_ascii(raw, content);
    if (!is_beyond) return std::unexpected(refusal(is_beyond.error()));
    if (!*is_beyond) return {};
    return std::unexpected(no(wire::Code::cannot, "A header beyond ASCII needs ENABLE UTF8=ACCEPT first"));
}

// What is kept can be given to any client, so that NUL has to be put into a transfer encoding (RFC 3516 §6).
Assembled without_nul(std::string raw) {
    if (!raw.contains('\0')) return raw;
    auto recoded = message::recode(message::Transport::eight_bit, message::Content::binary, raw);
    if (recoded) return *std::move(recoded);
    return std::unexpected(no(wire::Code::unknown_cte, "NUL stands where no transfer encoding can hide it"));
}

}  // namespace

bool is_brief(const wire::AppendMessage& message) {
    if (message.parts.size() != 1) return false;
    const auto* const text = std::get_if<wire::AppendText>(&message.parts.front());
    return text != nullptr && text->octets.size() <= soon_prepared;
}

std::optional<Completion> objection(const wire::AppendMessage& message) {
    const auto* const flag = unknown_flag(message.flags);
    if (flag == nullptr) return std::nullopt;
    return bad("There is no such flag to set: " + *flag);
}

Done Arriving::go_on(Desk& desk, Rights rights) {
    for (read_ = 0; !is_done() && read_ < enough_read;) {
        if (auto done = take_step(desk, rights); !done) {
            begin_anew();
            return done;
        }
    }
    return {};
}

std::vector<store::NewMessage> Arriving::take() {
    auto ready = std::exchange(ready_, {});
    begin_anew();
    return ready;
}

void Arriving::begin_anew() {
    ready_.clear();
    whole_.clear();
    part_ = 0;
    size_ = taken_ = 0;
}

Done Arriving::take_step(Desk& desk, Rights rights) {
    const auto& parts = wanted_[ready_.size()].parts;
    return part_ < parts.size() ? add_part(desk, parts[part_++]) : finish_message(desk, rights);
}

Done Arriving::add_part(Desk& desk, const wire::AppendPart& part) {
    const auto before = whole_.size();
    if (const auto* const text = std::get_if<wire::AppendText>(&part)) {
        whole_ += text->octets;
    } else {
        TRY(const auto taken, taken_from(desk, std::get<wire::AppendUrl>(part).url));
        taken_ += taken.size();
        whole_ += taken;
    }
    size_ += whole_.size() - before;
    if (size_ > desk.here.append_limit)
        return std::unexpected(no(wire::Code::too_big, "The message is too large"));
    return {};
}

// Only what lies here, and without leave from others (RFC 4469 §3).
Assembled Arriving::taken_from(Desk& desk, const std::string& text) {
    const auto url = wire::parse_message_url(text);
    if (!url || url->is_absolute() || url->authorization) return std::unexpected(bad_url(text));
    auto octets = read_here(desk, *url, [this](std::uint64_t octets) { return make_room(octets); });
    if (octets) return *std::move(octets);
    const auto kind = octets.error().kind;
    const bool is_missing = kind == Error::Kind::not_found || kind == Error::Kind::denied;
    return std::unexpected(is_missing ? bad_url(text) : refusal(octets.error()));
}

// The message is in memory whole, however little of it is taken.
Result<void> Arriving::make_room(std::uint64_t octets) {
    read_ += octets + to_find_one;
    if (memory_.grow_to(taken_ + octets)) return {};
    return fail(Error::Kind::unavailable, "there is no room for the message now");
}

Done Arriving::finish_message(Desk& desk, Rights rights) {
    const auto& wanted = wanted_[ready_.size()];
    if (whole_.empty()) return std::unexpected(no(wire::Code::cannot, "A message has at least one byte"));
    read_ += whole_.size();
    TRY(const auto raw, without_nul(std::exchange(whole_, {})));
    auto flags = flags_of(wanted.flags);
    if (!flags) return std::unexpected(refusal(flags.error()));
    store::NewMessage message;
    message.flags = permitted(*flags, rights);
    message.received = wanted.date ? wanted.date->instant : desk.store.clock().now();
    message.content = store::prepare(raw);
    TRY(permit_header(desk, raw, *message.content));
    ready_.push_back(std::move(message));
    part_ = 0;
    return {};
}

}  // namespace hongyan::imap::commands
