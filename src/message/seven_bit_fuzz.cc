// Whatever is recoded fits, and holds in every part what it held before.
#include <cstdint>

#include "base/check.h"
#include "message/seven_bit.h"
#include "message/structure.h"
#include "message/transfer_encoding.h"
#include "message/utf8.h"

namespace {

using namespace hongyan;
using namespace hongyan::message;

// Text is the same whatever its line ends are.
std::string without_line_ends(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (c != '\r' && c != '\n') out += c;
    return out;
}

std::string content_of(const Part& part, std::string_view raw) {
    auto content = decoded_body(part, raw);
    return part.is_text() ? without_line_ends(content) : content;
}

void compare(std::string_view before, std::string_view after) {
    const auto old_structure = parse(before);
    const auto new_structure = parse(after);
    const auto& old_parts = old_structure.parts;
    const auto& new_parts = new_structure.parts;
    // An encoded message/global is a leaf, so its parts are no more.
    std::size_t at = 0;
    for (std::size_t i = 0; i < new_parts.size(); ++i) {
        check(at < old_parts.size(), "no part has been added");
        const auto& old_part = old_parts[at];
        const auto& new_part = new_parts[i];
        check(old_part.type.type == new_part.type.type && old_part.type.subtype == new_part.type.subtype,
              "the types are the same");
        const bool is_leaf = new_part.first_child == Part::none;
        if (is_leaf)
            check(content_of(old_part, before) == content_of(new_part, after), "the content is the same");
        ++at;
        if (is_leaf && old_part.first_child != Part::none)
            while (at < old_parts.size() && old_parts[at].begin < old_part.end) ++at;
    }
    check(at == old_parts.size(), "no part has been lost");
}

void examine(std::string_view raw, Transport transport, Content content) {
    const auto recoded = recode(transport, content, raw);
    if (!recoded) return;
    check(!recoded->contains('\0'), "no NUL is left");
    check(transport == Transport::eight_bit || is_ascii(*recoded), "no 8 bits are left");
    if (fits(transport, content, raw)) check(*recoded == raw, "what fits is not touched");
    compare(raw, *recoded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view raw(reinterpret_cast<const char*>(data), size);
    for (const auto transport : {Transport::seven_bit, Transport::eight_bit})
        for (const auto content : {Content::lines, Content::binary}) examine(raw, transport, content);
    return 0;
}
