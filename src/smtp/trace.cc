#include "smtp/trace.h"

#include "base/ascii.h"
#include "message/a_labels.h"
#include "message/date.h"
#include "message/utf8.h"

namespace hongyan::smtp {

namespace {

std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return line;
}

// address-literal = "[" ( IPv4-address-literal / IPv6-address-literal ) "]"   RFC 5321 §4.1.3
std::string address_literal(std::string_view address) {
    return fmt::format("[{}{}]", address.contains(':') ? "IPv6:" : "", address);
}

// From-domain = "FROM" FWS ( Domain FWS "(" TCP-info ")" )   RFC 5321 §4.4
std::string from_clause(const Client& client) {
    const auto name = client.said_name.empty() ? std::string("unknown") : client.said_name;
    if (client.address.empty()) return "from " + name;
    return fmt::format("from {} ({})", name, address_literal(client.address));
}

// As far as it can be: a field of ours should not be what keeps a message from a server without SMTPUTF8.
std::string in_ascii(const Path& path) {
    if (path.is_null() || !is_international(path)) return to_string(path);
    const auto& [local_part, domain] = *path.address;
    const auto letters =
        message::is_ascii(local_part.text()) ? message::to_a_labels(domain.text()) : std::nullopt;
    return letters ? local_part.to_string() + '@' + *letters : to_string(path);
}

}  // namespace

std::size_t count_received_fields(std::string_view message) {
    std::size_t count = 0;
    while (!message.empty()) {
        const auto line = take_line(message);
        if (line.empty() || line == "\r") break;
        if (ascii::istarts_with(line, "Received:")) ++count;
    }
    return count;
}

std::string with_protocol(const Client& client, bool smtputf8) {
    if (client.protocol == Protocol::local) return "local";
    const auto base = [&]() -> std::string {
        if (client.protocol == Protocol::smtp) return "SMTP";
        if (client.protocol == Protocol::lmtp) return smtputf8 ? "UTF8LMTP" : "LMTP";
        return smtputf8 ? "UTF8SMTP" : "ESMTP";
    }();
    return base + (client.security.empty() ? "" : "S") + (client.account.empty() ? "" : "A");
}

// Time-stamp-line = "Received:" FWS Stamp <CRLF>   RFC 5321 §4.4
std::string received_field(const Client& client, std::string_view by, std::string_view id,
                           const Path& recipient, const MailParameters& parameters, Instant when) {
    auto field = fmt::format("Received: {}\r\n\tby {} with {} id {}", from_clause(client), by,
                             with_protocol(client, parameters.smtputf8), id);
    if (!client.security.empty()) field += fmt::format("\r\n\t({})", client.security);
    if (!recipient.is_null()) field += fmt::format("\r\n\tfor <{}>", in_ascii(recipient));
    // Pri = CFWS "PRIORITY" FWS priority-value   RFC 6710 §7
    if (parameters.priority) field += fmt::format("\r\n\tPRIORITY {}", *parameters.priority);
    return field + fmt::format(";\r\n\t{}\r\n", message::format_date(when));
}

std::string return_path_field(const Path& sender) {
    return fmt::format("Return-Path: <{}>\r\n", to_string(sender));
}
std::string delivered_to_field(const Path& recipient) {
    return fmt::format("Delivered-To: {}\r\n", to_string(recipient));
}

}  // namespace hongyan::smtp
