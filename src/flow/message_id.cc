#include "flow/message_id.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "message/field.h"
#include "message/message_ids.h"

namespace hongyan::flow {

std::string message_id_of(std::string_view message) {
    constexpr std::size_t longest = 2'000;  // bytes; no line is longer (RFC 5322 §2.1.1)
    for (const auto& field : message::Fields(message)) {
        if (!field.is("Message-ID")) continue;
        const auto value = message::unfold(field.value);
        const auto id = message::first_message_id(value);
        return id ? fmt::format("<{}>", std::string_view(*id).substr(0, longest))
                  : std::string(ascii::trim(value).substr(0, longest));
    }
    return {};
}

}  // namespace hongyan::flow
