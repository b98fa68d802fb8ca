#include "message/transfer_encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.h"
#include "base/encoding.h"
#include "message/field.h"
#include "message/hex.h"

namespace hongyan::message {
namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view hex_alphabet = "0123456789ABCDEF";
constexpr std::size_t max_line = 76;  // RFC 2045 §6.7, §6.8
constexpr std::size_t base64_line_bytes = max_line / 4 * 3;
constexpr std::uint32_t not_in_alphabet = 1U << 31U;

// The value of a letter, moved to where the n-th letter of a group stands in its 24 bits.
constexpr std::array<std::uint32_t, 256> letter_values(unsigned n) {
    std::array<std::uint32_t, 256> values{};
    values.fill(not_in_alphabet);
    for (std::uint32_t i = 0; i < base64_alphabet.size(); ++i)
        values[static_cast<unsigned char>(base64_alphabet[i])] = i << (18U - 6U * n);
    return values;
}
constexpr std::array<std::array<std::uint32_t, 256>, 4> letters = {letter_values(0), letter_values(1),
                                                                   letter_values(2), letter_values(3)};

std::uint32_t letter(unsigned n, char c) { return letters[n][static_cast<unsigned char>(c)]; }

// Where decoded bytes go: into memory with enough room, or only into a count.
struct Writer {
    char* at;
    void put(std::uint32_t byte) { *at++ = static_cast<char>(byte); }
    void put_group(std::uint32_t group) {
        at[0] = static_cast<char>(group >> 16U);
        at[1] = static_cast<char>(group >> 8U);
        at[2] = static_cast<char>(group);
        at += 3;
    }
    void put(std::string_view text) { at += text.copy(at, text.size()); }
};
struct Counter {
    std::size_t count = 0;
    void put(std::uint32_t) { ++count; }
    void put_group(std::uint32_t) { count += 3; }
    void put(std::string_view text) { count += text.size(); }
};

// The groups of four letters from `at` on that nothing interrupts; gives where they end.
template <typename Sink>
std::size_t decode_groups(std::string_view text, std::size_t at, Sink& sink) {
    for (; at + 4 <= text.size(); at += 4) {
        const auto group =
            letter(0, text[at]) | letter(1, text[at + 1]) | letter(2, text[at + 2]) | letter(3, text[at + 3]);
        if ((group & not_in_alphabet) != 0) break;
        sink.put_group(group);
    }
    return at;
}

template <typename Sink>
void decode_base64(std::string_view text, Sink& sink) {
    std::uint32_t group = 0;
    unsigned count = 0;  // letters in it
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (count == 0) at = decode_groups(text, at, sink);
        if (at == text.size()) break;
        const auto value = letter(3, text[at]);
        if (text[at] == '=') count = 0;  // padding; what follows is another chunk
        if (value == not_in_alphabet) continue;
        group = group << 6U | value;
        if (++count == 2) sink.put((group >> 4U) & 0xffU);
        if (count == 3) sink.put((group >> 2U) & 0xffU);
        if (count == 4) sink.put(group & 0xffU);
        count %= 4;
    }
}

// A line without its end and without a soft break.
template <typename Sink>
void decode_quoted_line(std::string_view line, Sink& sink) {
    for (;;) {
        const auto sign = line.find('=');
        sink.put(line.substr(0, sign));
        if (sign == std::string_view::npos) return;
        line.remove_prefix(sign + 1);
        if (const auto byte = hex_byte(line)) {
            sink.put(static_cast<unsigned char>(*byte));
            line.remove_prefix(2);
        } else {
            sink.put('=');
        }
    }
}

template <typename Sink>
void decode_quoted_printable(std::string_view text, Sink& sink) {
    while (!text.empty()) {
        const auto whole = text.substr(0, line_end(text, 0));
        const auto line = without_line_break(whole);
        const auto content = without_trailing_blanks(line);
        if (content.ends_with('=')) {  // a soft line break
            decode_quoted_line(content.substr(0, content.size() - 1), sink);
        } else {
            decode_quoted_line(content, sink);
            sink.put(whole.substr(line.size()));
        }
        text.remove_prefix(whole.size());
    }
}

// No encoding makes bytes more.
template <typename Decode>
std::string decoded_text(std::string_view text, Decode decode) {
    std::string out;
    out.resize_and_overwrite(text.size(), [&](char* begin, std::size_t) {
        Writer writer{begin};
        decode(writer);
        return static_cast<std::size_t>(writer.at - begin);
    });
    return out;
}

// Writes lines that are never too long for a mail system: a soft break comes before the word that does not
// fit.
class QuotedPrintableWriter {
public:
    void literal(char c) { put({&c, 1}); }
    void encoded(char c) {
        const auto byte = static_cast<unsigned char>(c);
        put(std::array{'=', hex_alphabet[byte >> 4U], hex_alphabet[byte & 15U]});
    }
    void end_line() {
        out_ += "\r\n";
        column_ = 0;
    }
    bool at_line_start() const { return column_ == 0; }
    std::string take() { return std::move(out_); }

private:
    template <std::size_t size>
    void put(const std::array<char, size>& letters_of_byte) {
        put(std::string_view(letters_of_byte.data(), size));
    }
    void put(std::string_view letters_of_byte) {
        if (column_ + letters_of_byte.size() >= max_line) {  // leaves room for the "=" of a soft break
            out_ += '=';
            end_line();
        }
        out_ += letters_of_byte;
        column_ += letters_of_byte.size();
    }

    std::string out_;
    std::size_t column_ = 0;
};

bool is_printable(char c) { return c > ' ' && c < '\x7f' && c != '='; }

// One line without its end. A blank at its end would be lost on the way, and "From " at its start would be
// changed by those who keep mail in mbox files.
void encode_line(std::string_view line, QuotedPrintableWriter& out) {
    for (std::size_t i = 0; i < line.size(); ++i) {
        const bool is_kept_blank = ascii::is_blank(line[i]) && i + 1 < line.size();
        const bool is_from = out.at_line_start() && line.substr(i).starts_with("From ");
        if ((is_printable(line[i]) || is_kept_blank) && !is_from)
            out.literal(line[i]);
        else
            out.encoded(line[i]);
    }
}

}  // namespace

TransferEncoding transfer_encoding(std::string_view name) {
    struct Row {
        std::string_view name;
        TransferEncoding encoding;
    };
    static constexpr Row rows[] = {
        {"", TransferEncoding::identity},     {"7bit", TransferEncoding::identity},
        {"8bit", TransferEncoding::identity}, {"binary", TransferEncoding::identity},
        {"base64", TransferEncoding::base64}, {"quoted-printable", TransferEncoding::quoted_printable},
    };
    for (const auto& row : rows)
        if (ascii::iequals(row.name, name)) return row.encoding;
    return TransferEncoding::other;
}

std::string decode_base64(std::string_view text) {
    return decoded_text(text, [text](Writer& writer) { decode_base64(text, writer); });
}

std::string decode_quoted_printable(std::string_view text) {
    return decoded_text(text, [text](Writer& writer) { decode_quoted_printable(text, writer); });
}

std::string decode(TransferEncoding encoding, std::string_view text) {
    switch (encoding) {
        case TransferEncoding::base64:
            return decode_base64(text);
        case TransferEncoding::quoted_printable:
            return decode_quoted_printable(text);
        case TransferEncoding::identity:
        case TransferEncoding::other:
            break;
    }
    return std::string(text);
}

std::size_t decoded_size(TransferEncoding encoding, std::string_view text) {
    Counter counter;
    switch (encoding) {
        case TransferEncoding::base64:
            decode_base64(text, counter);
            break;
        case TransferEncoding::quoted_printable:
            decode_quoted_printable(text, counter);
            break;
        case TransferEncoding::identity:
        case TransferEncoding::other:
            return text.size();
    }
    return counter.count;
}

std::string encode_base64(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() / base64_line_bytes * (max_line + 2) + max_line + 2);
    for (; !bytes.empty(); bytes.remove_prefix(std::min(base64_line_bytes, bytes.size()))) {
        out += to_base64(bytes.substr(0, base64_line_bytes));
        out += "\r\n";
    }
    return out;
}

std::string encode_quoted_printable(std::string_view bytes, Lines lines) {
    QuotedPrintableWriter out;
    while (!bytes.empty()) {
        const auto whole = lines == Lines::text ? bytes.substr(0, line_end(bytes, 0)) : bytes;
        const auto line = lines == Lines::text ? without_line_break(whole) : whole;
        encode_line(line, out);
        if (line.size() < whole.size()) out.end_line();
        bytes.remove_prefix(whole.size());
    }
    return out.take();
}

}  // namespace hongyan::message
