#include "message/surrogate.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/ascii.h"
#include "message/address.h"
#include "message/encoded_word.h"
#include "message/field.h"
#include "message/header_writer.h"
#include "message/utf8.h"

namespace hongyan::message {
namespace {

// RFC 6858 §2.1: nobody will ever have an address below "invalid".
constexpr std::string_view nobody = "<invalid@internationalized-address.invalid>";

constexpr std::string_view address_fields[] = {
    "Bcc",         "Cc",        "From",        "Reply-To",      "Resent-Bcc", "Resent-Cc",
    "Resent-From", "Resent-To", "Return-Path", "Resent-Sender", "Sender",     "To",
};

bool is_of_addresses(const Field& field) {
    return std::ranges::any_of(address_fields, [&](std::string_view name) { return field.is(name); });
}

std::string phrase(std::string_view utf8) { return encode_header_text(utf8, Context::phrase); }

// The name may be empty.
std::string named(std::string_view name, std::string_view address) {
    return name.empty() ? std::string(address) : fmt::format("{} {}", phrase(name), address);
}

std::string address_or_stand_in(const ListedAddress& item) {
    const auto address = fmt::format("{}@{}", item.local_part, item.domain);
    const auto name = display_name(item);
    if (!is_ascii(address))
        return named(one_line(name.empty() ? address : fmt::format("{} {}", name, address)), nobody);
    const auto written = LocalPart::parse(item.local_part);
    const auto local_part = written ? written->to_string() : quote(item.local_part);
    return named(name, fmt::format("<{}@{}>", local_part, item.domain));
}

// A field may hold a list or, as Sender, one address; one more or less is nothing to worry about.
std::string with_stand_ins(std::string_view value) {
    std::string out;
    const auto separate = [&out] {
        if (!out.empty() && !out.ends_with(": ")) out += ", ";
    };
    for (const auto& item : parse_address_list(value)) {
        using enum ListedAddress::Kind;
        if (item.kind == group_end) {
            out += ';';
            continue;
        }
        separate();
        if (item.kind == group_start)
            out += phrase(display_name(item)) + ": ";
        else
            out += address_or_stand_in(item);
    }
    return out;
}

// Where the next parameter begins: at the semicolon that stands in no quotes and in no comment.
std::size_t parameter_end(std::string_view value) {
    bool in_quotes = false;
    std::size_t comments = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto c = value[i];
        if (c == '\\')
            ++i;
        else if (c == '"' && comments == 0)
            in_quotes = !in_quotes;
        else if (c == '(' && !in_quotes)
            ++comments;
        else if (c == ')' && !in_quotes && comments > 0)
            --comments;
        else if (c == ';' && !in_quotes && comments == 0)
            return i;
    }
    return value.size();
}

// Nothing where the type itself cannot be told.
std::optional<std::string> without_parameters_beyond_ascii(std::string_view value) {
    std::string kept;
    for (bool first = true; !value.empty(); first = false) {
        const auto end = parameter_end(value);
        const auto one = value.substr(0, end);
        value.remove_prefix(std::min(end + 1, value.size()));
        if (is_ascii(one))
            kept.append(first ? "" : ";").append(one);
        else if (first)
            return std::nullopt;
    }
    return kept;
}

void put_stand_in(std::string& out, const Field& field) {
    if (field.is_malformed() || !is_ascii(field.name)) return;
    if (is_of_addresses(field)) {
        put_field(out, field.name, one_line(with_stand_ins(field.value)));
    } else if (field.is("Subject")) {
        put_field(out, field.name, encode_header_text(decode_header_text(unfold(field.value))));
    } else if (field.is("Content-Type") || field.is("Content-Disposition")) {
        const auto kept = without_parameters_beyond_ascii(field.value);
        if (kept) out.append(field.name).append(":").append(*kept).append("\r\n");
    }
}

}  // namespace

bool needs_surrogate(std::string_view raw, const Structure& structure) {
    return std::ranges::any_of(structure.parts,
                               [raw](const Part& part) { return !is_ascii(header_of(part, raw)); });
}

std::string surrogate_header(std::string_view header) {
    std::string out;
    std::size_t read = 0;
    for (const auto& field : Fields(header)) {
        read += field.whole.size();
        if (is_ascii(field.whole))
            out += field.whole;
        else
            put_stand_in(out, field);
    }
    return out.append(header.substr(read));
}

std::string surrogate(std::string_view raw, const Structure& structure) {
    std::string out;
    std::size_t copied = 0;
    for (const auto& part : structure.parts) {
        if (part.begin < copied) continue;
        out += raw.substr(copied, part.begin - copied);
        out += surrogate_header(header_of(part, raw));
        copied = part.body;
    }
    return out.append(raw.substr(copied));
}

}  // namespace hongyan::message
