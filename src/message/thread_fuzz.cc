// Any bytes as a subject and as References: what is found in them is found in what was found.
#include <cstdint>

#include "base/check.h"
#include "message/message_ids.h"
#include "message/thread.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hongyan;
    using namespace hongyan::message;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto ids = message_ids(bytes);
    check(ids.size() <= max_message_ids, "their number is bounded");
    if (ids.size() < max_message_ids)
        check(first_message_id(bytes) == (ids.empty() ? std::nullopt : std::optional(ids.front())),
              "the first one is the first of all");
    const auto base = base_subject(bytes);
    check(base.text.size() <= size, "a base subject is a part of the subject");
    check(base_subject(base.text).text == base.text, "what is taken away is gone");
    return 0;
}
