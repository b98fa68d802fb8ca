// Any bytes can be decoded, and decoding undoes encoding.
#include <cstdint>

#include "base/check.h"
#include "message/transfer_encoding.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hongyan;
    using namespace hongyan::message;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const auto encoding : {TransferEncoding::base64, TransferEncoding::quoted_printable})
        check(decode(encoding, bytes).size() == decoded_size(encoding, bytes),
              "the size is that of the content");
    check(decode_base64(encode_base64(bytes)) == bytes, "base64 goes round");
    check(decode_quoted_printable(encode_quoted_printable(bytes, Lines::binary)) == bytes,
          "quoted-printable of binary content goes round");
    const auto text = decode_quoted_printable(encode_quoted_printable(bytes));
    check(encode_quoted_printable(text) == encode_quoted_printable(bytes),
          "quoted-printable of text goes round");
    return 0;
}
