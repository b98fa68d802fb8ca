#include "message/search_text.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "message/charset.h"
#include "message/encoded_word.h"
#include "message/field.h"
#include "message/parameters.h"
#include "message/text_search.h"

namespace hongyan::message {
namespace {

std::string decoded_value(std::string_view value) { return decode_header_text(unfold(value)); }

std::string decoded_header(std::string_view header) {
    std::string text;
    for (const auto& field : Fields(header)) {
        text += field.name;
        text += ": ";
        text += decoded_value(field.value);
        text += '\n';
    }
    return text;
}

std::string decoded_text(const Part& part, std::string_view content) {
    const auto* const charset = find(part.type.parameters, "charset");
    return to_utf8(decoded_body(part, content), charset != nullptr ? *charset : "");
}

// What a person calls an attachment, in whichever way it was written (RFC 2231, RFC 2047), a line each.
std::string file_names(const Part& part) {
    std::string names;
    if (const auto name = decoded(part.type.parameters, "name")) names += *name + '\n';
    if (!part.disposition) return names;
    if (const auto name = decoded(part.disposition->parameters, "filename")) names += *name + '\n';
    return names;
}

struct KeptField {
    std::string_view name;
    std::string Envelope::* value;
};
constexpr std::array kept_fields{
    KeptField{"Subject", &Envelope::subject}, KeptField{"From", &Envelope::from},
    KeptField{"To", &Envelope::to},           KeptField{"Cc", &Envelope::cc},
    KeptField{"Bcc", &Envelope::bcc},         KeptField{"Message-ID", &Envelope::message_id},
};
const KeptField* find_kept(std::string_view name) {
    const auto* const row = std::ranges::find_if(
        kept_fields, [name](const KeptField& kept) { return ascii::iequals(kept.name, name); });
    return row == kept_fields.end() ? nullptr : row;
}

}  // namespace

bool is_kept_field(std::string_view name) { return find_kept(name) != nullptr; }

std::optional<std::string> folded_kept_field(const Summary& summary, std::string_view name) {
    const auto* const row = find_kept(name);
    if (row == nullptr || summary.is_truncated || (summary.envelope.*row->value).empty()) return std::nullopt;
    return fold_for_search(decoded_value(summary.envelope.*row->value));
}

std::optional<std::string> folded_field(std::string_view header, std::string_view name) {
    bool is_there = false;
    std::string values;
    for (const auto& field : Fields(header)) {
        if (!field.is(name)) continue;
        is_there = true;
        values += decoded_value(field.value);
        values += '\n';
    }
    if (!is_there) return std::nullopt;
    return fold_for_search(values);
}

std::string folded_header(std::string_view header, const Part& root) {
    return fold_for_search(decoded_header(header) + file_names(root));
}

std::string folded_body(const Structure& structure, std::string_view content) {
    std::string all;
    for (const auto& part : structure.parts) {
        const bool is_inner = part.parent != Part::none;
        if (is_inner) all += decoded_header(header_of(part, content)) + file_names(part);
        if (part.is_text()) all += decoded_text(part, content) + '\n';
    }
    return fold_for_search(all);
}

}  // namespace hongyan::message
