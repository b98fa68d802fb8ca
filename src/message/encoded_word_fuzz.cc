// Any header value becomes one line of UTF-8, and that line, written again in each way, the same line.
#include <cstdint>

#include "base/ascii.h"
#include "base/check.h"
#include "message/encoded_word.h"
#include "message/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hongyan;
    using namespace hongyan::message;
    const auto text = decode_header_text({reinterpret_cast<const char*>(data), size});
    check(valid_utf8(text), "decoded text is UTF-8");
    check(std::ranges::none_of(text, ascii::is_control), "decoded text is one line");
    for (const auto context : {Context::unstructured, Context::phrase})
        for (const auto headers : {Headers::ascii, Headers::utf8}) {
            const auto written = encode_header_text(text, context, 30 + size % 46, headers);
            check(headers == Headers::utf8 || is_ascii(written), "ASCII headers are ASCII");
            if (!written.starts_with('"'))
                check(decode_header_text(written) == text, "what is written reads back");
        }
    return 0;
}
