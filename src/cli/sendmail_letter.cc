#include "cli/sendmail_letter.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/encoding.h"
#include "message/address.h"
#include "message/date.h"
#include "message/encoded_word.h"
#include "message/field.h"
#include "message/header_writer.h"
#include "message/recipient_list.h"

namespace hongyan::cli {

namespace {

using message::Field;
using message::Fields;

constexpr std::array<std::string_view, 3> address_fields{"To", "Cc", "Bcc"};
constexpr std::array<std::string_view, 3> resent_address_fields{"Resent-To", "Resent-Cc", "Resent-Bcc"};

bool is_one_of(const Field& field, const std::array<std::string_view, 3>& names) {
    return std::ranges::any_of(names, [&](std::string_view name) { return field.is(name); });
}

// Programs of this machine name its users without a domain.
Result<std::string> complete(std::string_view address, const std::string& host) {
    auto text = std::string(ascii::trim(address));
    if (text.size() > 2 && text.starts_with('<') && text.ends_with('>'))
        text = text.substr(1, text.size() - 2);
    if (!text.contains('@')) text += "@" + host;
    TRY(const auto parsed, message::parse_address(text));
    return parsed.to_string();
}

// What lists hold, in order; those without a domain are of this host.
Result<void> add_addresses(std::vector<std::string>& recipients, std::string_view value,
                           const std::string& host) {
    TRY(const auto list, message::parse_recipients(value));
    for (const auto& item : list) {
        if (item.kind != message::ListedAddress::Kind::mailbox) continue;
        const auto text = item.domain.empty() ? item.local_part : item.local_part + "@" + item.domain;
        TRY(auto address, complete(text, host));
        recipients.push_back(std::move(address));
    }
    return {};
}

Result<void> read_recipients(std::vector<std::string>& recipients, std::string_view message,
                             const std::string& host) {
    const Fields header(message);
    const bool is_resent = std::ranges::any_of(
        resent_address_fields, [&](std::string_view name) { return header.find(name).has_value(); });
    for (const auto& field : header)
        if (is_one_of(field, is_resent ? resent_address_fields : address_fields))
            TRY(add_addresses(recipients, field.value, host));
    return {};
}

// The header is that of the message without the fields named; the body stays as it is.
std::string without_bcc(std::string_view message) {
    std::string out;
    std::size_t size = 0;
    for (const auto& field : Fields(message)) {
        size += field.whole.size();
        if (!field.is("Bcc") && !field.is("Resent-Bcc")) out += field.whole;
    }
    return out.append(message.substr(size));
}

std::string missing_fields(const SendmailCall& call, const Caller& caller, std::string_view message,
                           const Clock& clock, Random& random) {
    const Fields header(message);
    std::string added;
    if (!header.find("From")) {
        const auto name = call.full_name.empty() ? caller.full_name : call.full_name;
        const auto address = call.sender.empty() ? Result<std::string>(caller.user + "@" + caller.host)
                                                 : complete(call.sender, caller.host);
        const auto shown = address.value_or(std::string());
        message::put_field(
            added, "From",
            name.empty() ? shown
                         : message::encode_header_text(name, message::Context::phrase) + " <" + shown + ">");
    }
    if (!header.find("Date")) message::put_field(added, "Date", message::format_date(clock.now()));
    if (!header.find("Message-ID"))
        message::put_field(added, "Message-ID",
                           fmt::format("<{}@{}>", to_hex(random.bytes(12)), caller.host));
    return added;
}

// Text without a header is a body: `echo done | sendmail ann`.
std::string with_header_end(std::string text) {
    std::size_t size = 0;
    for (const auto& field : Fields(text)) {
        if (field.is_malformed()) return text.insert(size, "\r\n");
        size += field.whole.size();
    }
    if (size == text.size()) text += "\r\n";
    return text;
}

// Lines as the programs of Unix end them, and those that mix their kinds, as PHP does, end with CRLF behind
// this.
std::string with_crlf(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 32 + 2);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r' && text[i] != '\n') {
            out += text[i];
            continue;
        }
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
        out += "\r\n";
    }
    if (!out.empty() && !out.ends_with('\n')) out += "\r\n";
    return out;
}

std::string upper(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), ascii::upper);
    return out;
}

}  // namespace

std::string_view message_in(const SendmailCall& call, std::string_view input) {
    if (input.starts_with("From ")) input.remove_prefix(message::line_end(input, 0));
    if (!call.dot_ends) return input;
    for (std::size_t at = 0; at < input.size();) {
        const auto end = message::line_end(input, at);
        if (message::without_line_break(input.substr(at, end - at)) == ".") return input.substr(0, at);
        at = end;
    }
    return input;
}

Result<drop::Letter> make_letter(const SendmailCall& call, const Caller& caller, std::string_view input,
                                 const Clock& clock, Random& random) {
    auto text = with_header_end(with_crlf(message_in(call, input)));
    drop::Letter letter;
    for (const auto& recipient : call.recipients)
        TRY(add_addresses(letter.recipients, recipient, caller.host));
    if (call.reads_recipients) {
        TRY(read_recipients(letter.recipients, text, caller.host));
        text = without_bcc(text);
    }
    if (letter.recipients.empty()) return fail(Error::Kind::not_found, "no recipients are named");
    if (!call.has_sender) {
        TRY(letter.sender, complete(caller.user, caller.host));
    } else if (!call.sender.empty()) {
        TRY(letter.sender, complete(call.sender, caller.host));
    }
    letter.notify = upper(call.notify);
    letter.wanted_return = upper(call.wanted_return);
    letter.envelope_id = call.envelope_id;
    letter.message = missing_fields(call, caller, text, clock, random) + text;
    return letter;
}

}  // namespace hongyan::cli
