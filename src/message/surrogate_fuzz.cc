// Of any bytes a surrogate can be made that needs no other.
#include <cstdint>

#include "base/check.h"
#include "message/surrogate.h"
#include "message/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hongyan;
    const std::string_view raw(reinterpret_cast<const char*>(data), size);
    const auto structure = message::parse(raw);
    const auto made = message::surrogate(raw, structure);
    if (!message::needs_surrogate(raw, structure)) check(made == raw, "what needs none stays as it is");
    const auto header = message::surrogate_header(message::header_of(structure.root(), raw));
    const auto rest = header.find_last_not_of("\r\n");
    check(message::is_ascii(header.substr(0, rest == header.npos ? 0 : rest)), "the header is of ASCII");
    return 0;
}
