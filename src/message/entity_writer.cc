#include "message/entity_writer.h"

#include <algorithm>
#include <iterator>

#include "base/ascii.h"
#include "base/encoding.h"
#include "message/atoms.h"
#include "message/header_writer.h"
#include "message/structure.h"
#include "message/transfer_encoding.h"
#include "message/utf8.h"

namespace hongyan::message {

namespace {

// Characters of a line that is broken to be joined again (RFC 3676 §4.2).
constexpr std::size_t flowed_line = 72;

// LF and CR, alone or together, as CRLF.
std::string with_crlf(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 32);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r' && text[i] != '\n') {
            out += text[i];
            continue;
        }
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
        out += "\r\n";
    }
    return out;
}

// Lines of at most 998 octets, ended by CRLF, and no NUL: what every mail server passes on (RFC 2045 §2.7,
// §2.8).
bool has_short_lines(std::string_view crlf_text) {
    std::size_t start = 0;
    for (auto end = crlf_text.find('\n'); end != std::string_view::npos; end = crlf_text.find('\n', start)) {
        if (end - start > longest_line + 1) return false;
        start = end + 1;
    }
    return crlf_text.size() - start <= longest_line && !crlf_text.contains('\0');
}

// ---- format=flowed ----

// A line that begins like a quotation, a "From " line or with a blank is stuffed with one (RFC 3676 §4.4).
void put_stuffed(std::string& out, std::string_view line, std::string_view line_end) {
    if (line.starts_with(' ') || line.starts_with('>') || line.starts_with("From ")) out += ' ';
    out += line;
    out += line_end;
}

void put_flowed(std::string& out, std::string_view line) {
    const bool is_signature_mark = line == "-- ";
    while (!is_signature_mark && line.ends_with(' ')) line.remove_suffix(1);
    while (line.size() > flowed_line) {
        auto blank = line.rfind(' ', flowed_line - 1);
        if (blank == std::string_view::npos) blank = line.find(' ');
        if (blank == std::string_view::npos) break;
        put_stuffed(out, line.substr(0, blank + 1), "\r\n");
        line.remove_prefix(blank + 1);
    }
    put_stuffed(out, line, "");
}

std::string flowed(std::string_view crlf_text) {
    std::string out;
    for (;;) {
        const auto end = crlf_text.find("\r\n");
        put_flowed(out, crlf_text.substr(0, end));
        if (end == std::string_view::npos) return out;
        out += "\r\n";
        crlf_text.remove_prefix(end + 2);
    }
}

// ---- types ----

// type "/" subtype, of tokens (RFC 2045 §5.1)
bool is_type(std::string_view type) {
    const auto slash = type.find('/');
    return slash != std::string_view::npos && type.size() <= 100 && is_token(type.substr(0, slash)) &&
           is_token(type.substr(slash + 1));
}

bool is_message(std::string_view type) { return ascii::istarts_with(type, "message/"); }
bool is_multipart(std::string_view type) { return ascii::istarts_with(type, "multipart/"); }

// ---- writing ----

// Content as it goes out, and how it was encoded.
struct Encoded {
    std::string_view encoding;
    std::string bytes;
};

// The shorter of the two encodings that a text survives in.
Encoded encode_text(std::string text) {
    if (is_ascii(text) && has_short_lines(text)) return {"7bit", std::move(text)};
    auto quoted_printable = encode_quoted_printable(text, Lines::text);
    auto base64 = encode_base64(text);
    if (base64.size() < quoted_printable.size()) return {"base64", std::move(base64)};
    return {"quoted-printable", std::move(quoted_printable)};
}

Encoded encode(const Entity& entity) {
    if (is_message(entity.type)) {
        auto content = with_crlf(entity.content);
        if (entity.seven_bit) return encode_text(std::move(content));
        return {is_ascii(content) ? "7bit" : "8bit", std::move(content)};
    }
    const bool is_text = ascii::istarts_with(entity.type, "text/") && entity.disposition != "attachment";
    if (is_text) return encode_text(with_crlf(entity.content));
    return {"base64", encode_base64(entity.content)};
}

void put_content_type(std::string& out, const Entity& entity, std::string_view boundary) {
    std::string value = entity.type;
    for (const auto& [name, text] : entity.parameters) value += parameter(name, one_line(text));
    if (!boundary.empty()) value += parameter("boundary", boundary);
    if (!entity.file_name.empty()) value += parameter_for_old_readers("name", one_line(entity.file_name));
    put_field(out, "Content-Type", value);
}

void put_other_fields(std::string& out, const Entity& entity, Headers headers) {
    if (!entity.disposition.empty() || !entity.file_name.empty()) {
        auto value = entity.disposition.empty() ? "inline" : one_line(entity.disposition);
        if (!entity.file_name.empty()) value += parameter("filename", one_line(entity.file_name));
        put_field(out, "Content-Disposition", value);
    }
    if (!entity.content_id.empty()) put_field(out, "Content-ID", "<" + one_line(entity.content_id) + ">");
    if (!entity.description.empty())
        put_field(
            out, "Content-Description",
            encode_header_text(entity.description, Context::unstructured, max_encoded_word - 21, headers));
}

void put_leaf(std::string& out, const Entity& entity, Headers headers) {
    const auto [encoding, bytes] = encode(entity);
    put_content_type(out, entity, "");
    put_field(out, "Content-Transfer-Encoding", encoding);
    put_other_fields(out, entity, headers);
    out += "\r\n";
    out += bytes;
}

// A boundary that is in none of the parts. "=_" is in no quoted-printable or base64 text, and the rest is
// random; a generator that repeats itself is answered by counting.
std::string new_boundary(const std::vector<std::string>& parts, Random& random) {
    const auto stem = "=_" + to_hex(random.bytes(16));
    auto boundary = stem;
    for (int i = 0; std::ranges::any_of(parts, [&](const auto& part) { return part.contains(boundary); });
         ++i)
        boundary = fmt::format("{}.{}", stem, i);
    return boundary;
}

void put_multipart(std::string& out, const Entity& entity, Random& random, Headers headers) {
    std::vector<std::string> parts;
    for (const auto& part : entity.parts) put_entity(parts.emplace_back(), part, random, headers);
    if (parts.empty()) put_entity(parts.emplace_back(), plain_text(""), random, headers);
    const auto boundary = new_boundary(parts, random);
    put_content_type(out, entity, boundary);
    // RFC 2045 §6.4: what holds parts of 8 bits is of 8 bits itself.
    if (!std::ranges::all_of(parts, [](const auto& part) { return is_ascii(part); }))
        put_field(out, "Content-Transfer-Encoding", "8bit");
    put_other_fields(out, entity, headers);
    for (const auto& part : parts) fmt::format_to(std::back_inserter(out), "\r\n--{}\r\n{}", boundary, part);
    fmt::format_to(std::back_inserter(out), "\r\n--{}--\r\n", boundary);
}

Entity text(std::string_view type, std::string content) {
    Entity entity;
    entity.type = type;
    entity.parameters = {{"charset", "utf-8"}};
    entity.content = std::move(content);
    return entity;
}

}  // namespace

Entity plain_text(std::string_view utf8, Flow flow) {
    auto content = with_crlf(replace_invalid_utf8(utf8));
    if (flow == Flow::fixed) return text("text/plain", std::move(content));
    auto entity = text("text/plain", flowed(content));
    entity.parameters.emplace_back("format", "flowed");
    return entity;
}

Entity html_text(std::string_view utf8) { return text("text/html", replace_invalid_utf8(utf8)); }

Entity attachment(std::string_view file_name, std::string_view type, std::string_view bytes) {
    Entity entity;
    const bool is_kept = is_type(type) && !is_message(type) && !is_multipart(type);
    entity.type = is_kept ? type : "application/octet-stream";
    entity.content = bytes;
    entity.disposition = "attachment";
    entity.file_name = truncate_utf8(one_line(file_name), longest_file_name);
    return entity;
}

Entity content_of(std::string_view type, std::string_view content) {
    Entity entity;
    entity.type = type;
    entity.content = content;
    return entity;
}

Entity embedded_message(std::string_view raw) {
    const auto structure = parse(raw);
    const bool is_global = !is_ascii(header_of(structure.root(), raw));
    return content_of(is_global ? "message/global" : "message/rfc822", raw);
}

Entity multipart(std::string_view subtype, std::vector<Entity> parts) {
    Entity entity;
    entity.type = fmt::format("multipart/{}", subtype);
    entity.parts = std::move(parts);
    return entity;
}

Entity report(std::string_view report_type, std::vector<Entity> parts) {
    auto entity = multipart("report", std::move(parts));
    entity.parameters.emplace_back("report-type", report_type);
    return entity;
}

void put_entity(std::string& out, const Entity& entity, Random& random, Headers headers) {
    if (is_multipart(entity.type))
        put_multipart(out, entity, random, headers);
    else
        put_leaf(out, entity, headers);
}

}  // namespace hongyan::message
