#include "smtp_client/form.h"

#include "message/a_labels.h"
#include "message/field.h"
#include "message/seven_bit.h"
#include "message/utf8.h"

namespace hongyan::smtp_client {

namespace {

std::unexpected<Outcome> cannot(std::string_view status, std::string reason) {
    return std::unexpected(refused(Stage::offer, status, std::move(reason)));
}

// A message with UTF-8 in its header is one of RFC 6532.
bool has_international_header(const Outgoing& outgoing) {
    for (const std::string_view text :
         {std::string_view(outgoing.prefix), std::string_view(*outgoing.content)})
        for (const auto& field : message::Fields(text))
            if (!message::is_ascii(field.whole)) return true;
    return false;
}

bool has_international_address(const Outgoing& outgoing) {
    return smtp::is_international(outgoing.sender) ||
           std::ranges::any_of(outgoing.recipients, smtp::is_international, &smtp::Recipient::path);
}

bool is_ascii(const Form& form) { return message::is_ascii(form.prefix) && message::is_ascii(*form.content); }

// RFC 8689 §4.2.1. A bounce goes as safely as it can, but goes.
std::expected<void, Outcome> check_tls(const Peer& peer, const Outgoing& outgoing) {
    if (!outgoing.require_tls || outgoing.sender.is_null()) return {};
    if (!peer.security.tls.is_encrypted() || !peer.security.is_authenticated)
        return cannot("5.7.10", "the message demands TLS with a certificate that can be verified");
    if (!peer.can.require_tls)
        return cannot("5.7.30", "the message demands REQUIRETLS, which the peer has not");
    return {};
}

// RFC 2852 §4.1.4: what must be there in time and may not be, is not sent on.
std::expected<void, Outcome> check_deadline(const Peer& peer, const Outgoing& outgoing) {
    if (!outgoing.deliver_by || outgoing.deliver_by->mode != DeliverBy::Mode::give_back) return {};
    if (outgoing.deliver_by->remaining.count() <= 0)
        return cannot("5.4.7", "the time for its delivery is over");
    if (!peer.can.deliver_by) return cannot("5.4.7", "the peer does not promise to deliver in time");
    if (outgoing.deliver_by->remaining.count() < *peer.can.deliver_by)
        return cannot("5.4.7", "less time is left than the peer needs");
    return {};
}

// RFC 6531 §3.5: a header with UTF-8 needs SMTPUTF8 on its way; addresses are seen to one by one.
std::expected<void, Outcome> take_language(const Peer& peer, const Outgoing& outgoing, Form& form) {
    const bool header = outgoing.parameters.smtputf8 && has_international_header(outgoing);
    form.smtputf8 = peer.can.smtputf8 && (header || has_international_address(outgoing));
    if (header && !peer.can.smtputf8)
        return cannot("5.6.9", "the header holds UTF-8, and the peer has no SMTPUTF8");
    const auto sender = address_for(form, outgoing.sender);
    if (!sender) return std::unexpected(sender.error());
    form.sender = *sender;
    return {};
}

// RFC 6152 §3, RFC 3030 §3: what the peer cannot carry is put into a transfer encoding, or refused.
std::expected<void, Outcome> recode(const Peer& peer, message::Content content, Form& form) {
    using message::Transport;
    const auto transport = peer.can.eight_bit ? Transport::eight_bit : Transport::seven_bit;
    auto recoded = message::recode(transport, content, form.prefix + *form.content);
    if (!recoded)
        return cannot("5.6.3", fmt::format("the peer has no {}, and {}",
                                           content == message::Content::binary ? "BINARYMIME" : "8BITMIME",
                                           recoded.error().message));
    form.prefix.clear();
    form.content = std::make_shared<const std::string>(*std::move(recoded));
    return {};
}

std::expected<void, Outcome> take_body(const Peer& peer, const Outgoing& outgoing, Form& form) {
    form.prefix = outgoing.prefix;
    form.content = outgoing.content;
    const bool binary = outgoing.parameters.body == smtp::Body::binary;
    if (binary && peer.can.binary) {
        form.body = smtp::Body::binary;
        return {};
    }
    if (binary) TRY(recode(peer, message::Content::binary, form));
    if (is_ascii(form)) return {};
    if (peer.can.eight_bit)
        form.body = smtp::Body::eight_bit;
    else
        TRY(recode(peer, message::Content::lines, form));
    return {};
}

}  // namespace

std::expected<std::string, Outcome> address_for(const Form& form, const smtp::Path& path) {
    if (form.smtputf8 || !smtp::is_international(path)) return smtp::to_string(path);
    // A domain has a form in ASCII (RFC 5890 §2.3.2.1), a local part has none.
    if (message::is_ascii(path.address->local_part.text()))
        if (const auto domain = message::to_a_labels(path.address->domain.text()))
            return path.address->local_part.to_string() + '@' + *domain;
    return cannot("5.6.7", "the address holds UTF-8, and the peer has no SMTPUTF8");
}

std::expected<Form, Outcome> form_for(const Peer& peer, const Settings& settings, const Outgoing& outgoing) {
    Form form;
    TRY(check_tls(peer, outgoing));
    TRY(check_deadline(peer, outgoing));
    TRY(take_language(peer, outgoing, form));
    TRY(take_body(peer, outgoing, form));
    // RFC 1870 §6.1: what is known to be too large is not even tried.
    if (peer.can.size && form.size() > *peer.can.size)
        return cannot("5.3.4", fmt::format("the message has {} bytes, and the peer takes {} at most",
                                           form.size(), *peer.can.size));
    form.in_chunks =
        peer.can.chunking && (form.body == smtp::Body::binary || settings.chunking == Chunking::when_offered);
    return form;
}

}  // namespace hongyan::smtp_client
