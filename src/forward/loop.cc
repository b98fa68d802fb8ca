#include "forward/loop.h"

#include "base/ascii.h"
#include "message/field.h"

namespace hongyan::forward {

bool has_been_at(std::string_view message, const message::Address& address) {
    const auto wanted = address.to_string();
    for (const auto& field : message::Fields(message))
        if (field.is("Delivered-To") && ascii::iequals(ascii::trim(message::unfold(field.value)), wanted))
            return true;
    return false;
}

}  // namespace hongyan::forward
