// Whatever the values, the message is well-formed and says what was meant. The input is cut at bytes of
// value 1.
#include <cstdint>

#include "base/ascii.h"
#include "base/check.h"
#include "message/composer.h"
#include "message/field.h"
#include "message/header_writer.h"
#include "message/structure.h"
#include "message/utf8.h"

namespace {

using namespace hongyan;
using namespace hongyan::message;

class Pieces {
public:
    explicit Pieces(std::string_view rest) : rest_(rest) {}
    std::string_view next() {
        const auto piece = rest_.substr(0, rest_.find('\x01'));
        rest_.remove_prefix(std::min(piece.size() + 1, rest_.size()));
        return piece;
    }

private:
    std::string_view rest_;
};

void check_lines(std::string_view raw) {
    while (!raw.empty()) {
        const auto end = raw.find('\n');
        check(end != std::string_view::npos && end > 0 && raw[end - 1] == '\r', "a line ends with CRLF");
        check(end <= longest_line + 1, "a line keeps to its limit");
        check(!raw.substr(0, end - 1).contains('\r'), "no CR stands alone");
        raw.remove_prefix(end + 1);
    }
}

void examine(Pieces in, Headers headers) {
    const ManualClock clock;
    SeededRandom random(1);
    const auto subject = in.next();
    const auto name = in.next();
    const auto file_name = in.next();
    const auto type = in.next();
    const auto text = in.next();
    const auto bytes = in.next();

    Composer mail(clock, random, *Domain::parse("here.test"), headers);
    mail.mailbox("From", {std::string(name), *parse_address("ann@here.test")})
        .text("Subject", subject)
        .structured("X-Any", subject)
        .message_ids("References", std::vector{std::string(subject), std::string(name)});
    const auto raw = mail.compose(
        multipart("mixed", {plain_text(text, subject.size() % 2 == 0 ? Flow::fixed : Flow::flowed),
                            attachment(file_name, type, bytes)}));

    check_lines(raw);
    const auto structure = parse(raw);
    check(structure.parts.size() == 3 && !structure.limit_reached, "there are as many parts as were given");
    const auto header = header_of(structure.root(), raw);
    check(headers == Headers::utf8 || is_ascii(header), "ASCII headers are ASCII");
    check(decode_header_text(unfolded(header, "Subject")) == one_line(subject), "the subject reads back");
    const auto from = parse_address_list(unfolded(header, "From"));
    check(from.size() == 1 && from[0].local_part == "ann", "there is one sender");
    check(display_name(from[0]) == ascii::trim(one_line(name)), "the name reads back");
    check(attachment_name(structure.parts[2]) == truncate_utf8(one_line(file_name), longest_file_name),
          "the file name reads back");
    check(decoded_body(structure.parts[2], raw) == bytes, "the file reads back");
    check(valid_utf8(decoded_body(structure.parts[1], raw)), "the text is UTF-8");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    for (const auto headers : {Headers::ascii, Headers::utf8}) examine(Pieces(input), headers);
    return 0;
}
