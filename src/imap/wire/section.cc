#include "imap/wire/section.h"

#include <algorithm>
#include <set>

#include "base/ascii.h"
#include "message/field.h"

namespace hongyan::imap::wire {
namespace {

using message::Part;
using message::Structure;

// The parts of a message as its reader sees them: the prefix belongs to the header of the message itself.
class Bytes {
public:
    Bytes(const MessageBytes& bytes, const Part& part) : bytes_(bytes), part_(part) {}

    std::string_view header() const { return between(begin(), bytes_.prefix + part_.body); }
    std::string_view body() const { return between(bytes_.prefix + part_.body, bytes_.prefix + part_.end); }
    std::string_view whole() const { return between(begin(), bytes_.prefix + part_.end); }

private:
    std::size_t begin() const { return part_.parent == Part::none ? 0 : bytes_.prefix + part_.begin; }
    std::string_view between(std::size_t first, std::size_t end) const {
        const auto size = bytes_.raw.size();
        return bytes_.raw.substr(std::min(first, size), std::min(end, size) - std::min(first, size));
    }

    const MessageBytes& bytes_;
    const Part& part_;
};

std::optional<Part::Index> message_or_part(const Structure& structure, const Section& section) {
    using enum Section::Text;
    const bool of_message = section.text != whole && section.text != mime;
    return of_message ? structure.message_at(section.part) : structure.at(section.part);
}

}  // namespace

std::string_view SectionText::text(const std::optional<Partial>& partial) const {
    if (!partial) return text();
    const auto first = std::min<std::size_t>(partial->first, text().size());
    return text().substr(first, partial->count);
}

std::string select_fields(std::string_view header, const std::vector<std::string>& names, bool wanted) {
    const std::set<std::string_view, ascii::ILess> asked(names.begin(), names.end());
    std::string fields;
    for (const auto& field : message::Fields(header)) {
        if (field.is_malformed()) continue;
        if (asked.contains(field.name) == wanted) fields += field.whole;
    }
    return fields += "\r\n";
}

bool needs_structure(const Section& section) { return !section.part.empty(); }

std::optional<SectionText> section_text(const MessageBytes& bytes, const Structure& structure,
                                        const Section& section) {
    using enum Section::Text;
    const auto index = message_or_part(structure, section);
    if (!index) return std::nullopt;
    const Bytes part(bytes, structure.parts[*index]);
    switch (section.text) {
        case whole:
            return SectionText(section.part.empty() ? part.whole() : part.body());
        case header:
            return SectionText(part.header());
        case header_fields:
            return SectionText(select_fields(part.header(), section.names, true));
        case header_fields_not:
            return SectionText(select_fields(part.header(), section.names, false));
        case text:
            return SectionText(part.body());
        case mime:
            return SectionText(part.header());
    }
    return std::nullopt;
}

}  // namespace hongyan::imap::wire
