// Any value is read, and its parameters become valid text.
#include <cstdint>

#include "base/check.h"
#include "message/parameters.h"
#include "message/utf8.h"

namespace {

using namespace hongyan;
using namespace hongyan::message;

void examine(const Parameters& parameters) {
    check(parameters.size() <= max_parameters, "no more parameters than allowed");
    for (const auto& [name, value] : parameters) {
        check(!name.empty(), "a parameter has a name");
        check(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos, "a value is one line");
        const auto plain_name = name.substr(0, name.find('*'));
        check(valid_utf8(decoded(parameters, plain_name).value_or("")), "decoded values are UTF-8");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view value(reinterpret_cast<const char*>(data), size);
    if (const auto type = parse_media_type(value)) {
        check(!type->type.empty() && !type->subtype.empty(), "a media type has both its names");
        examine(type->parameters);
    }
    if (const auto disposition = parse_disposition(value)) examine(disposition->parameters);
    return 0;
}
