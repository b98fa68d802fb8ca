// Any bytes have a structure that is true of them, also within narrow limits, and that survives being kept.
#include <cstdint>

#include "base/check.h"
#include "message/field.h"
#include "message/line_scan.h"
#include "message/structure.h"
#include "message/structure_record.h"

namespace {

using namespace hongyan;
using namespace hongyan::message;

void examine_header(std::string_view header) {
    std::size_t size = 0;
    for (const auto& field : Fields(header)) {
        check(field.whole.data() == header.data() + size, "fields lie one behind the other");
        check(field.is_malformed() || field.whole.size() > field.name.size() + field.value.size(),
              "a field holds its name and value");
        size += field.whole.size();
    }
    const auto rest = header.substr(size);
    check(rest.empty() || rest == "\n" || rest == "\r\n", "only the empty line is no field");
}

void examine(std::string_view raw, const Limits& limits) {
    const auto structure = parse(raw, limits);
    check(is_consistent(structure, raw.size()), "the parts fit into the message and into each other");
    check(structure.parts.size() <= limits.parts, "no more parts than allowed");
    for (Part::Index i = 0; i < structure.parts.size(); ++i) {
        const auto& part = structure.parts[i];
        check(part.lines == count_lines(body_of(part, raw)), "lines are counted right");
        examine_header(header_of(part, raw));
        check(decoded_body(part, raw).size() <= part.body_size(), "decoding makes nothing larger");
        check(!part.is_multipart() || !is_attachment(structure, i), "a multipart is no attachment");
        attachment_name(part);
    }
    check(decode_structure(encode(structure), raw.size()) == structure, "what is kept is the same structure");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view raw(reinterpret_cast<const char*>(data), size);
    examine(raw, {});
    examine(raw, {.depth = 3, .parts = 5, .header_size = 60, .boundary_size = 4});
    return 0;
}
