// The small readers of the envelope, and the decoder of the text after DATA. The first byte chooses.
#include <cstdint>

#include "base/check.h"
#include "message/address.h"
#include "smtp/envelope.h"
#include "smtp/wire/data_decoder.h"
#include "smtp/wire/parameters.h"
#include "smtp/wire/reply.h"
#include "smtp/wire/xtext.h"

namespace {

using namespace hongyan;

struct Decoded {
    std::string message;
    std::size_t taken = 0;
    bool ended = false;
    bool stray = false;
};

Decoded decode(std::string_view text, std::size_t piece) {
    smtp::MessageBuffer message(std::size_t{1} << 20U);
    smtp::DataDecoder decoder;
    Decoded out;
    while (out.taken < text.size() && !out.ended) {
        const auto progress = decoder.take(text.substr(out.taken, piece), message);
        out.taken += progress.taken;
        out.ended = progress.ended;
    }
    out.stray = decoder.saw_stray_line_end();
    out.message = message.take();
    return out;
}

// The end is where a search for it finds it, and how the bytes were cut changes nothing.
void check_decoder(std::string_view text, std::size_t piece) {
    const auto whole = decode(text, text.size() + 1);
    const auto cut = decode(text, piece);
    check(whole.message == cut.message && whole.taken == cut.taken && whole.ended == cut.ended,
          "cuts change nothing");
    const auto end = ("\r\n" + std::string(text)).find("\r\n.\r\n");
    check(whole.ended == (end != std::string::npos), "the end is CR LF . CR LF");
    check(!whole.ended || whole.taken == end + 3, "and nothing before it");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    check_decoder(text, data[0] % 16 + 1);
    if (const auto decoded = smtp::from_xtext(text))
        check(smtp::from_xtext(smtp::to_xtext(*decoded)) == decoded, "xtext goes round");
    if (const auto parameters = smtp::parse_mail_parameters(text))
        check(smtp::parse_mail_parameters(smtp::to_text(*parameters)) == *parameters, "parameters go round");
    if (const auto parameters = smtp::parse_recipient_parameters(text))
        check(
            smtp::parse_recipient_parameters(smtp::to_text(parameters->notify))->notify == parameters->notify,
            "NOTIFY goes round");
    if (const auto path = message::take_path(text)) {
        std::string again = "<" + smtp::to_string(*path) + ">";
        check(message::parse_path(again) == *path, "paths go round");
    }
    (void)smtp::parse_reply(text);
    return 0;
}
