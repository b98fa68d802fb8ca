#include "dsn/parse.h"

#include <algorithm>

#include "base/ascii.h"
#include "message/charset.h"
#include "message/date.h"
#include "message/encoded_word.h"
#include "message/field.h"
#include "message/message_ids.h"
#include "message/structure.h"
#include "message/transfer_encoding.h"
#include "message/utf8.h"

namespace hongyan::dsn {

namespace {

using message::Field;
using message::Fields;
using message::Part;

std::string value_of(const Field& field) {
    const auto value = field.value.substr(0, 4 * longest_value);
    return message::truncate_utf8(message::one_line(message::replace_invalid_utf8(message::unfold(value))),
                                  longest_value);
}

// "dns; mx.example.org" without its type. Some servers leave the type out.
std::string without_type(std::string_view value) {
    const auto semicolon = value.find(';');
    const auto type = ascii::trim(value.substr(0, semicolon));
    const bool is_type = semicolon != std::string_view::npos && !type.empty() && !type.contains(' ');
    return std::string(ascii::trim(is_type ? value.substr(semicolon + 1) : value));
}

// "rfc822; <ann@here.test>": brackets do not belong there and are met.
TypedAddress address_of(const std::string& value) {
    auto address = parse_typed_address(value);
    auto& text = address.address;
    if (text.size() > 2 && text.starts_with('<') && text.ends_with('>'))
        text = text.substr(1, text.size() - 2);
    return address;
}

// The enhanced code in a server's reply: behind its three digits.
std::optional<Status> status_in(std::string_view diagnostic) {
    const auto blank = diagnostic.find_first_of(" -");
    if (blank == std::string_view::npos) return std::nullopt;
    return parse_status(diagnostic.substr(blank + 1));
}

Action action_of(Status status) {
    if (status.of_class == 2) return Action::delivered;
    return status.of_class == 4 ? Action::delayed : Action::failed;
}

// ---- the part for programs ----

// The fields of one group, up to an empty line.
struct Group {
    Reported recipient;
    std::string envelope_id, reporting_host;
    std::optional<Action> action;
    std::optional<Status> status;
    bool is_of_recipient = false;

    void read(const Field& field);
    Reported finish();
};

struct Row {
    std::string_view name;
    bool is_of_recipient;
    void (*read)(Group&, const std::string& value);
};

// RFC 3464 §2.2, §2.3
constexpr Row rows[] = {
    {"Original-Envelope-Id", false,
     [](Group& group, const std::string& value) { group.envelope_id = value; }},
    {"Reporting-MTA", false,
     [](Group& group, const std::string& value) { group.reporting_host = without_type(value); }},
    {"Original-Recipient", true,
     [](Group& group, const std::string& value) { group.recipient.original_recipient = address_of(value); }},
    {"Final-Recipient", true,
     [](Group& group, const std::string& value) { group.recipient.final_recipient = address_of(value); }},
    {"Action", true, [](Group& group, const std::string& value) { group.action = parse_action(value); }},
    {"Status", true, [](Group& group, const std::string& value) { group.status = parse_status(value); }},
    {"Remote-MTA", false,
     [](Group& group, const std::string& value) { group.recipient.remote_host = without_type(value); }},
    {"Diagnostic-Code", false,
     [](Group& group, const std::string& value) { group.recipient.diagnostic = without_type(value); }},
    {"Will-Retry-Until", false,
     [](Group& group, const std::string& value) {
         if (const auto date = message::parse_date(value)) group.recipient.retry_until = date->instant;
     }},
};

void Group::read(const Field& field) {
    const auto row =
        std::ranges::find_if(rows, [&](const Row& candidate) { return field.is(candidate.name); });
    if (row == std::end(rows)) return;
    row->read(*this, value_of(field));
    is_of_recipient = is_of_recipient || row->is_of_recipient;
}

Reported Group::finish() {
    if (!status) status = status_in(recipient.diagnostic);
    if (!action) action = action_of(status.value_or(Status{}));
    recipient.action = *action;
    recipient.status = status.value_or(undefined_status(*action));
    return std::move(recipient);
}

// Groups stand between empty lines (RFC 3464 §2.1).
void read_status(std::string_view text, Returned& returned) {
    text = text.substr(0, most_status_text);
    while (!text.empty() && returned.recipients.size() < most_reported) {
        Group group;
        std::size_t size = 0;
        for (const Field& field : Fields(text)) {
            size += field.whole.size();
            group.read(field);
        }
        text.remove_prefix(std::min(std::max(size, message::line_end(text, size)), text.size()));
        if (!group.envelope_id.empty()) returned.envelope_id = std::move(group.envelope_id);
        if (!group.reporting_host.empty()) returned.reporting_host = std::move(group.reporting_host);
        if (group.is_of_recipient) returned.recipients.push_back(group.finish());
    }
}

// ---- the returned message ----

// The word behind a word of its own: "by" and "id" in a Received field (RFC 5321 §4.4).
std::string_view word_behind(std::string_view value, std::string_view name) {
    while (!value.empty()) {
        value.remove_prefix(std::min(value.find_first_not_of(" \t\r\n"), value.size()));
        const auto word = value.substr(0, value.find_first_of(" \t\r\n;"));
        value.remove_prefix(std::min(word.size() + 1, value.size()));
        if (!ascii::iequals(word, name)) continue;
        value.remove_prefix(std::min(value.find_first_not_of(" \t\r\n"), value.size()));
        return value.substr(0, value.find_first_of(" \t\r\n;"));
    }
    return {};
}

void read_trace(const Field& field, Returned& returned) {
    const auto value = field.value.substr(0, longest_value);
    Trace trace{.by = {}, .id = std::string(word_behind(value, "id"))};
    for (const char c : word_behind(value, "by")) trace.by += ascii::lower(c);
    if (!trace.by.empty() && !trace.id.empty() && returned.traces.size() < most_traces)
        returned.traces.push_back(std::move(trace));
}

void read_header(std::string_view header, Returned& returned) {
    for (const Field& field : Fields(header)) {
        if (field.is("Received")) read_trace(field, returned);
        if (returned.message_id.empty() && field.is("Message-ID"))
            returned.message_id = message::message_id_in(field.value);
    }
}

// The message that the notification says it is about, though nothing of it was returned.
std::string answered_by(std::string_view raw) {
    for (const auto* name : {"In-Reply-To", "References"}) {
        const auto value = message::unfolded(raw, name).substr(0, longest_value);
        if (const auto ids = message::message_ids(value); !ids.empty())
            return fmt::format("<{}>", ids.back());
        const auto start = value.rfind('<');
        if (start == std::string::npos) continue;
        const auto end = value.find('>', start);
        if (end != std::string::npos) return value.substr(start, end + 1 - start);
    }
    return {};
}

bool is_status(const Part& part) {
    return part.type.is("message", "delivery-status") || part.type.is("message", "global-delivery-status");
}
bool is_returned(const Part& part) {
    return part.type.is("message", "rfc822") || part.type.is("message", "global") ||
           part.type.is("text", "rfc822-headers") || part.type.is("message", "global-headers") ||
           part.type.is("message", "rfc822-headers");
}

// Of this message, not of one that it holds: a notification that somebody forwards is none.
bool is_on_top(const message::Structure& structure, const Part& part) {
    for (auto above = part.parent; above != Part::none; above = structure.parts[above].parent)
        if (!structure.parts[above].is_multipart()) return false;
    return true;
}

}  // namespace

std::optional<Returned> parse_notification(std::string_view raw) {
    const auto structure = message::parse(raw);
    const auto status = std::ranges::find_if(
        structure.parts, [&](const Part& part) { return is_status(part) && is_on_top(structure, part); });
    if (status == structure.parts.end()) return std::nullopt;
    Returned returned;
    read_status(message::decoded_body(*status, raw), returned);
    if (returned.recipients.empty()) return std::nullopt;
    // Parts stand in their order, and what is returned comes behind the status (RFC 6522 §3).
    const auto message = std::find_if(status, structure.parts.end(), is_returned);
    if (message != structure.parts.end()) read_header(message::decoded_body(*message, raw), returned);
    if (returned.message_id.empty()) returned.message_id = answered_by(raw);
    return returned;
}

std::optional<std::string> queue_id_of(const Returned& returned, std::string_view host) {
    const auto ours = std::ranges::find_if(
        returned.traces, [&](const Trace& trace) { return ascii::iequals(trace.by, host); });
    if (ours == returned.traces.end()) return std::nullopt;
    return ours->id;
}

}  // namespace hongyan::dsn
