#include "message/seven_bit.h"

#include <algorithm>

#include "base/ascii.h"
#include "message/composer.h"
#include "message/field.h"
#include "message/structure.h"
#include "message/transfer_encoding.h"
#include "message/utf8.h"

namespace hongyan::message {

namespace {

constexpr std::string_view encoding_field = "Content-Transfer-Encoding";

bool has_long_line(std::string_view text) {
    while (text.size() > longest_line) {
        const auto end = line_end(text, 0);
        if (without_line_break(text.substr(0, end)).size() > longest_line) return true;
        text.remove_prefix(end);
    }
    return false;
}

bool has_stray_line_end(std::string_view text) {
    for (auto at = text.find_first_of("\r\n"); at != text.npos; at = text.find_first_of("\r\n", at + 2))
        if (!text.substr(at).starts_with("\r\n")) return true;
    return false;
}

// Lines with CRLF, whatever they ended with.
std::string with_crlf(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 32);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
        if (text[i] == '\r' || text[i] == '\n')
            out += "\r\n";
        else
            out += text[i];
    }
    return out;
}

// RFC 2045 §6.4, RFC 2046 §5.2: multipart/* and message/* are not encoded; the types of RFC 6532 and RFC 6533
// for UTF-8 may be.
bool allows_encoding(const Part& part) {
    if (part.is_multipart()) return false;
    return part.type.type != "message" || part.type.subtype.starts_with("global");
}

class Recoder {
public:
    Recoder(Transport transport, Content content, std::string_view raw)
        : transport_(transport), content_(content), raw_(raw), structure_(parse(raw)) {}

    Result<std::string> run() {
        if (structure_.limit_reached)
            return fail(Error::Kind::unsupported, "the structure of the message is beyond our limits");
        out_.reserve(raw_.size() + raw_.size() / 2);
        TRY(put(0));
        return std::move(out_);
    }

private:
    bool fits_here(std::string_view text) const { return fits(transport_, content_, text); }

    Result<void> put(Part::Index index) {
        const auto& part = structure_.parts[index];
        const auto whole = whole_of(part, raw_);
        if (fits_here(whole)) return out_ += whole, Result<void>{};
        if (part.type.is("multipart", "signed")) return put_signed(whole);
        const bool is_encoded_message = part.type.is("message", "global") && !is_ascii(body_of(part, raw_));
        if (part.first_child == Part::none || (is_encoded_message && transport_ == Transport::seven_bit))
            return put_leaf(part);
        return put_composite(index);
    }

    // RFC 1847 §2.1: its content is treated as opaque by all on the way. What is only too long stays so.
    Result<void> put_signed(std::string_view whole) {
        if (transport_ == Transport::seven_bit && !is_ascii(whole))
            return fail(Error::Kind::unsupported, "a signed part has 8 bits");
        if (whole.contains('\0')) return fail(Error::Kind::unsupported, "a signed part is binary");
        out_ += whole;
        return {};
    }

    // A multipart or a message: its own octets are those around its parts.
    Result<void> put_composite(Part::Index index) {
        const auto& part = structure_.parts[index];
        const bool says = !part.transfer_encoding.empty();
        TRY(put_header(part, !says ? "" : transport_ == Transport::seven_bit ? "7bit" : "8bit"));
        // In a digest a message may begin without a header of its part or of its own. It may get one now.
        if (part.header_size() == 0) out_ += "\r\n";
        auto at = part.body;
        for (const auto child : structure_.children(index)) {
            TRY(put_between(raw_.substr(at, structure_.parts[child].begin - at)));
            TRY(put(child));
            at = structure_.parts[child].end;
        }
        return put_between(raw_.substr(at, part.end - at));
    }

    bool is_unfit(char c) const {
        return c == '\0' || (transport_ == Transport::seven_bit && ascii::is_8bit(c));
    }

    // Line by line: one that could become a boundary by our doing is not touched.
    Result<void> put_between(std::string_view text) {
        for (std::size_t end = 0; !text.empty(); text.remove_prefix(end)) {
            end = line_end(text, 0);
            const auto line = text.substr(0, end);
            const bool unfit = std::ranges::any_of(line, [this](char c) { return is_unfit(c); });
            if (unfit && line.starts_with("--"))
                return fail(Error::Kind::unsupported, "what looks like a boundary has 8 bits");
            for (const char c : line) out_ += is_unfit(c) ? '?' : c;
        }
        return {};
    }

    Result<void> put_leaf(const Part& part) {
        if (fits_here(body_of(part, raw_))) {
            TRY(put_header(part, ""));
            out_ += body_of(part, raw_);
            return {};
        }
        const auto encoding = transfer_encoding(part.transfer_encoding);
        if (encoding == TransferEncoding::other)
            return fail(Error::Kind::unsupported, "a part has 8 bits under the encoding \"{}\"",
                        truncate_utf8(replace_invalid_utf8(part.transfer_encoding), 100));
        if (!allows_encoding(part))
            return fail(Error::Kind::unsupported, "a part of the type {}/{} cannot be encoded",
                        part.type.type, truncate_utf8(replace_invalid_utf8(part.type.subtype), 100));
        const auto [name, bytes] = encoded(part, decode(encoding, body_of(part, raw_)));
        TRY(put_header(part, name));
        out_ += bytes;
        return {};
    }

    struct Encoded {
        std::string_view name;
        std::string bytes;
    };

    Encoded encoded(const Part& part, std::string content) const {
        const bool is_text = part.is_text() && (content_ == Content::lines || !has_stray_line_end(content));
        if (is_text && content_ == Content::lines) content = with_crlf(content);
        auto base64 = encode_base64(content);
        if (!is_text || content.contains('\0')) return {"base64", std::move(base64)};
        auto quoted = encode_quoted_printable(content, Lines::text);
        // A soft break may leave a line that looks like somebody's boundary.
        const bool may_bound = quoted.starts_with("--") || quoted.contains("\n--");
        if (may_bound || base64.size() < quoted.size()) return {"base64", std::move(base64)};
        return {"quoted-printable", std::move(quoted)};
    }

    // The header with another encoding; as it is if that is empty.
    Result<void> put_header(const Part& part, std::string_view encoding) {
        const auto header = header_of(part, raw_);
        if (header.contains('\0') || (transport_ == Transport::seven_bit && !is_ascii(header)))
            return fail(Error::Kind::unsupported, "a header has 8 bits");
        if (encoding.empty()) return out_ += header, Result<void>{};
        bool said = false;
        std::size_t size = 0;
        for (const auto& field : Fields(header)) {
            size += field.whole.size();
            if (!field.is(encoding_field))
                out_ += field.whole;
            else if (!std::exchange(said, true))
                put_encoding(encoding);
        }
        if (size > 0 && !out_.ends_with('\n')) out_ += "\r\n";
        if (!said) put_encoding(encoding);
        if (part.parent == Part::none || is_message_inside(part)) put_version(part, header);
        const auto empty_line = header.substr(size);
        out_ += empty_line.empty() ? "\r\n" : empty_line;
        return {};
    }

    bool is_message_inside(const Part& part) const { return structure_.parts[part.parent].is_message(); }

    void put_encoding(std::string_view encoding) {
        out_ += encoding_field;
        out_ += ": ";
        out_ += encoding;
        out_ += "\r\n";
    }

    // RFC 2045 §4: without it the encoding would mean nothing. Text of which nobody has said what it is gets
    // its charset, or the one that says that it is not known (RFC 1428 §3).
    void put_version(const Part& part, std::string_view header) {
        const Fields fields(header);
        if (!fields.find("MIME-Version")) out_ += "MIME-Version: 1.0\r\n";
        if (fields.find("Content-Type") || part.first_child != Part::none) return;
        const bool is_utf8 = valid_utf8(body_of(part, raw_));
        out_ += is_utf8 ? "Content-Type: text/plain; charset=utf-8\r\n"
                        : "Content-Type: text/plain; charset=unknown-8bit\r\n";
    }

    Transport transport_;
    Content content_;
    std::string_view raw_;
    Structure structure_;
    std::string out_;
};

}  // namespace

bool fits(Transport transport, Content content, std::string_view raw) {
    return (transport == Transport::eight_bit || is_ascii(raw)) && !raw.contains('\0') &&
           (content == Content::lines || !has_stray_line_end(raw)) && !has_long_line(raw);
}

Result<std::string> recode(Transport transport, Content content, std::string_view raw) {
    return Recoder(transport, content, raw).run();
}

std::string without_nul(std::string_view raw) {
    auto out = recode(Transport::eight_bit, Content::binary, raw).value_or(std::string(raw));
    std::ranges::replace(out, '\0', '?');
    return out;
}

}  // namespace hongyan::message
