// What BODY[…] means in the bytes of a message (RFC 3501 §6.4.5).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "imap/wire/values.h"
#include "message/structure.h"

namespace hongyan::imap::wire {

// A message as it is read, and where in it the bytes begin that its structure describes: header fields of
// this recipient alone may stand before them, and belong to the header.
struct MessageBytes {
    std::string_view raw;
    std::size_t prefix = 0;  // octets
};

// The octets; nothing where the message has no such part (it is NIL then). Views look at the message.
class SectionText {
public:
    explicit SectionText(std::string_view view) : view_(view) {}
    explicit SectionText(std::string made) : made_(std::move(made)), is_made_(true) {}
    std::string_view text() const { return is_made_ ? std::string_view(made_) : view_; }
    // The octets that <first.count> asks for: as many of them as there are.
    std::string_view text(const std::optional<Partial>& partial) const;

private:
    std::string_view view_;
    std::string made_;
    bool is_made_ = false;
};
std::optional<SectionText> section_text(const MessageBytes& bytes, const message::Structure& structure,
                                        const Section& section);

// Can it be answered without the structure: BODY[], BODY[HEADER…], BODY[TEXT]?
bool needs_structure(const Section& section);

// The fields with (or without) these names, each whole, and the empty line that ends them.
std::string select_fields(std::string_view header, const std::vector<std::string>& names, bool wanted);

}  // namespace hongyan::imap::wire
