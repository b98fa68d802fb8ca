#include "smtp_client/commands.h"

#include <algorithm>

#include "base/check.h"
#include "message/utf8.h"
#include "smtp/wire/parameters.h"
#include "smtp/wire/xtext.h"

namespace hongyan::smtp_client {

namespace {

// What is said is ours to the last octet, or was parsed once; were it not, it could say more than one
// command.
std::string ended(std::string line) {
    check(line.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos, "a command is one line");
    return line + "\r\n";
}

// utf-8-addr-xtext: for a peer without SMTPUTF8 (RFC 6533 §3)
std::string to_escaped(std::string_view utf8) {
    std::string out;
    while (!utf8.empty()) {
        const auto size = std::max<std::size_t>(message::utf8_character_size(utf8), 1);
        const auto character = utf8.substr(0, size);
        const bool plain = size == 1 && character[0] > ' ' && character[0] < '\x7f' &&
                           std::string_view("+=\\").find(character[0]) == std::string_view::npos;
        if (plain)
            out += character;
        else
            out +=
                fmt::format("\\x{{{:X}}}", static_cast<std::uint32_t>(message::utf8_code_point(character)));
        utf8.remove_prefix(size);
    }
    return out;
}

// original-recipient-address = addr-type ";" xtext   RFC 3461 §4.2
std::string to_text(const smtp::OriginalRecipient& original, const Form& form) {
    const bool ascii = message::is_ascii(original.address);
    if (!ascii && !message::valid_utf8(original.address)) return {};
    return fmt::format(
        " ORCPT={};{}", original.address_type,
        ascii || form.smtputf8 ? smtp::to_xtext(original.address) : to_escaped(original.address));
}

std::string size_parameter(const Form& form, const Peer& peer) {
    return peer.can.knows_size ? fmt::format(" SIZE={}", form.size()) : "";
}

// RFC 3461 §4.3, §4.4; RFC 4954 §5: who has first submitted the message is believed of nobody but those who
// have logged in.
smtp::MailParameters understood(const smtp::MailParameters& parameters, const Form& form, const Peer& peer) {
    smtp::MailParameters out{.smtputf8 = form.smtputf8};
    if (form.body != smtp::Body::seven_bit && peer.can.eight_bit) out.body = form.body;
    if (form.body == smtp::Body::binary) out.body = form.body;
    if (peer.can.dsn) {
        out.wanted_return = parameters.wanted_return;
        out.envelope_id = parameters.envelope_id;
    }
    if (peer.can.authentication && peer.has_logged_us_in) out.submitter = parameters.submitter;
    return out;
}

}  // namespace

std::string mail_command(const Outgoing& outgoing, const Form& form, const Peer& peer) {
    auto line = fmt::format("MAIL FROM:<{}>{}{}", form.sender, size_parameter(form, peer),
                            smtp::to_text(understood(outgoing.parameters, form, peer)));
    if (outgoing.require_tls && peer.can.require_tls && peer.security.tls.is_encrypted())
        line += " REQUIRETLS";
    if (outgoing.priority && peer.can.priorities)
        line += fmt::format(" MT-PRIORITY={}", std::clamp(*outgoing.priority, -9, 9));
    if (outgoing.deliver_by && peer.can.deliver_by) line += smtp::to_text(*outgoing.deliver_by);
    if (!outgoing.hold_until.empty() && peer.can.future_release) line += " HOLDUNTIL=" + outgoing.hold_until;
    return ended(std::move(line));
}

std::string recipient_command(const smtp::Recipient& recipient, std::string_view address, const Form& form,
                              const Peer& peer) {
    auto line = fmt::format("RCPT TO:<{}>", address);
    if (peer.can.dsn) {
        line += smtp::to_text(recipient.notify);
        if (recipient.original) line += to_text(*recipient.original, form);
    }
    return ended(std::move(line));
}

}  // namespace hongyan::smtp_client
