// Answers of a name server that may be anything. The input follows a header that fits the question.
#include <cstdint>

#include "base/check.h"
#include "dns/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hongyan;
    static const dns::Question asked{.name = dns::Name::parse("a.example").value(), .type = dns::Type::txt};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static_cast<void>(dns::read_answer(text, 7, asked).has_value());
    auto message = dns::question_message(7, asked);
    message[2] = '\x81';
    message[7] = size == 0 ? '\0' : text.front();
    message += text.substr(size == 0 ? 0 : 1);
    const auto read = dns::read_answer(message, 7, asked);
    if (!read) return 0;
    check(read->answer.is_found() == !read->answer.records.empty(), "what is found is there");
    for (const auto& rdata : read->answer.records)
        check(rdata.size() <= text.size(), "records are of the message");
    return 0;
}
