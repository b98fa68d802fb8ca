#include "message/preview.h"

#include "message/charset.h"
#include "message/html_text.h"
#include "message/transfer_encoding.h"
#include "message/utf8.h"

namespace hongyan::message {
namespace {

// How much of an encoded body is looked at for its first words. HTML begins with styles.
constexpr std::size_t plain_preview_source = 4'000;
constexpr std::size_t html_preview_source = 32'000;
// Bytes of text made of HTML before blanks are collapsed.
constexpr std::size_t html_preview_text = 4'000;

// The body's beginning as UTF-8. The last character may have been cut, and is left out then.
std::string beginning_of_text(const Part& part, std::string_view raw, std::size_t source_size) {
    const auto body = body_of(part, raw);
    auto bytes = decode(transfer_encoding(part.transfer_encoding), body.substr(0, source_size));
    if (body.size() > source_size && !bytes.empty()) bytes = truncate_utf8(bytes, bytes.size() - 1);
    const auto* charset = find(part.type.parameters, "charset");
    return to_utf8(bytes, charset != nullptr ? *charset : std::string_view());
}

std::string preview_of_plain(const Part& part, std::string_view raw) {
    return collapse_blanks(beginning_of_text(part, raw, plain_preview_source), preview_length);
}
std::string preview_of_html(const Part& part, std::string_view raw) {
    const auto html = beginning_of_text(part, raw, html_preview_source);
    return collapse_blanks(html_text(html, html_preview_text), preview_length);
}

bool is_inside_other_message(const Structure& structure, const Part& part) {
    for (auto up = part.parent; up != Part::none; up = structure.parts[up].parent)
        if (structure.parts[up].is_message()) return true;
    return false;
}

using PreviewOfPart = std::string (*)(const Part& part, std::string_view raw);

// Of the first text of that kind that says anything.
std::string first_preview(const Structure& structure, std::string_view raw, std::string_view subtype,
                          PreviewOfPart preview_of_part) {
    for (Part::Index i = 0; i < structure.parts.size(); ++i) {
        const auto& part = structure.parts[i];
        if (!part.type.is("text", subtype) || is_attachment(structure, i)) continue;
        if (is_inside_other_message(structure, part)) continue;
        if (auto preview = preview_of_part(part, raw); !preview.empty()) return preview;
    }
    return {};
}

}  // namespace

std::string preview_of(const Structure& structure, std::string_view raw) {
    auto preview = first_preview(structure, raw, "plain", &preview_of_plain);
    return preview.empty() ? first_preview(structure, raw, "html", &preview_of_html) : preview;
}

}  // namespace hongyan::message
