// Bytes of any charset, under any name, become UTF-8 that can be searched. The name is the first line of the
// input.
#include <cstdint>

#include "base/check.h"
#include "message/charset.h"
#include "message/charset_guess.h"
#include "message/text_search.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hongyan;
    using namespace hongyan::message;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto line = std::min(input.find('\n'), input.size());
    const auto name = input.substr(0, line);
    const auto bytes = input.substr(std::min(line + 1, input.size()));
    const auto text = to_utf8(bytes, name);
    check(valid_utf8(text), "text is UTF-8");
    check(text.size() <= 16 * bytes.size() + 16, "text is not much longer than its bytes");
    if (const auto strict = strict_to_utf8(bytes, name)) check(valid_utf8(*strict), "strict text is UTF-8");
    check(valid_utf8(to_utf8(bytes, guess_8bit_charset(bytes))), "guessed text is UTF-8");
    check(valid_utf8(replace_invalid_utf8(bytes)), "replaced text is UTF-8");
    const auto folded = fold_for_search(bytes);
    check(valid_utf8(folded), "folded text is UTF-8");
    check(fold_for_search(folded) == folded, "folding twice is folding once");
    const auto prefix = utf8_prefix(text, text.size() / 2);
    check(valid_utf8(prefix) && Needle(prefix).is_in(text), "a text is found in itself");
    return 0;
}
