#include "message/body_text.h"

#include "message/charset.h"
#include "message/html_text.h"

namespace hongyan::message {

namespace {

bool is_html(const Part& part) { return part.type.is("text", "html"); }

std::string readable_text(const Part& part, std::string_view raw) {
    auto text = text_of(part, raw);
    return is_html(part) ? html_text(text) : text;
}

template <typename Wanted>
std::string joined(const Structure& structure, std::string_view raw, Wanted wanted) {
    std::string text;
    for (Part::Index i = 0; i < structure.parts.size(); ++i) {
        const auto& part = structure.parts[i];
        if (!part.is_text() || !wanted(i, part)) continue;
        if (!text.empty() && !text.ends_with('\n')) text += '\n';
        text += readable_text(part, raw);
    }
    return text;
}

}  // namespace

std::string text_of(const Part& part, std::string_view raw) {
    const auto* charset = find(part.type.parameters, "charset");
    return to_utf8(decoded_body(part, raw), charset == nullptr ? "" : *charset);
}

std::string reading_text(const Structure& structure, std::string_view raw) {
    auto plain = joined(structure, raw, [&](Part::Index index, const Part& part) {
        return !is_html(part) && !is_attachment(structure, index);
    });
    if (!plain.empty()) return plain;
    return joined(structure, raw,
                  [&](Part::Index index, const Part&) { return !is_attachment(structure, index); });
}

std::string searchable_text(const Structure& structure, std::string_view raw) {
    return joined(structure, raw, [](Part::Index, const Part&) { return true; });
}

}  // namespace hongyan::message
