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

// url-resp-text = 1*<any TEXT-CHAR except "]">   RFC 4469 §5
Completion bad_url(std::string url) {
    std::ranges::replace_if(
        url, [](char c) { return c == ']' || ascii::is_control(c) || ascii::is_8bit(c); }, '?');
    auto refused = no(wire::Code::bad_url, "That is nothing that could be taken from here");
    refused.said.arguments = std::move(url);
    return refused;
}

// The octets that the URL names, where the user may read them.
Result<std::string> read_here(Desk& desk, const wire::MessageUrl& url) {
    if (!url.mailbox.empty()) {
        TRY(const auto place, find_selectable(desk, url.mailbox, {Right::read}));
        TRY(const auto part, NamedPart::read(place.account.view(), place.mailbox, url));
        return part.octets();
    }
    if (!desk.here.mailbox) return fail(Error::Kind::not_found, "no mailbox is selected");
    const auto mail = desk.store.account(desk.mailbox().account()).view();
    TRY(const auto mailbox, mail.mailbox(desk.mailbox().id()));
    TRY(const auto part, NamedPart::read(mail, mailbox, url));
    return part.octets();
}

// Only what lies here, and without leave from others (RFC 4469 §3).
Assembled taken_from(Desk& desk, const std::string& text) {
    const auto url = wire::parse_message_url(text);
    if (!url || url->is_absolute() || url->authorization) return std::unexpected(bad_url(text));
    auto octets = read_here(desk, *url);
    if (octets) return *std::move(octets);
    const auto kind = octets.error().kind;
    const bool is_missing = kind == Error::Kind::not_found || kind == Error::Kind::denied;
    return std::unexpected(is_missing ? bad_url(text) : refusal(octets.error()));
}

Assembled assemble(Desk& desk, const wire::AppendMessage& wanted) {
    std::string whole;
    for (const auto& part : wanted.parts) {
        if (const auto* const text = std::get_if<wire::AppendText>(&part)) {
            whole += text->octets;
        } else {
            auto taken = taken_from(desk, std::get<wire::AppendUrl>(part).url);
            if (!taken) return taken;
            whole += *taken;
        }
        if (whole.size() > desk.here.append_limit)
            return std::unexpected(no(wire::Code::too_big, "The message is too large"));
    }
    if (whole.empty()) return std::unexpected(no(wire::Code::cannot, "A message has at least one byte"));
    return whole;
}

Result<bool> has_header_beyond_ascii(std::string_view raw, const store::Content& content) {
    TRY(const auto summary, message::SummaryView::of(content.summary));
    return !message::is_ascii(raw.substr(0, summary.header_size()));
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

std::expected<store::NewMessage, Completion> make_ready(Desk& desk, const wire::AppendMessage& wanted,
                                                        Rights rights) {
    auto raw = assemble(desk, wanted);
    if (raw) raw = without_nul(*std::move(raw));
    if (!raw) return std::unexpected(std::move(raw).error());
    auto flags = flags_of(wanted.flags);
    if (!flags) return std::unexpected(refusal(flags.error()));
    store::NewMessage message;
    message.flags = permitted(*flags, rights);
    message.received = wanted.date ? wanted.date->instant : desk.store.clock().now();
    message.content = store::prepare(*raw);
    if (desk.here.takes_utf8_headers()) return message;
    const auto is_utf8 = has_header_beyond_ascii(*raw, *message.content);
    if (!is_utf8) return std::unexpected(refusal(is_utf8.error()));
    if (*is_utf8)
        return std::unexpected(
            no(wire::Code::cannot, "A header beyond ASCII needs ENABLE UTF8=ACCEPT first"));
    return message;
}

}  // namespace hongyan::imap::commands
