// Values with parameters: Content-Type (RFC 2045 §5.1) and Content-Disposition (RFC 2183), read as tolerantly
// as real mail demands. Values are kept as bytes, as IMAP shows them; decoded() makes text of them (RFC 2231,
// and what senders do instead).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::message {

// More parameters than this in one field are not a file name in pieces but an attack; the rest is not read.
inline constexpr std::size_t max_parameters = 200;

struct Parameter {
    std::string name;   // lower case, with the marks of RFC 2231: "filename*0*"
    std::string value;  // quotes and quoted-pairs undone, else as written

    friend bool operator==(const Parameter&, const Parameter&) = default;
};
using Parameters = std::vector<Parameter>;

struct MediaType {
    std::string type = "text";  // lower case, as is the subtype
    std::string subtype = "plain";
    Parameters parameters;

    bool is(std::string_view other_type, std::string_view other_subtype) const {
        return type == other_type && subtype == other_subtype;
    }
    friend bool operator==(const MediaType&, const MediaType&) = default;
};

struct Disposition {
    std::string type;  // lower case: "inline", "attachment"
    Parameters parameters;

    friend bool operator==(const Disposition&, const Disposition&) = default;
};

// The value of a Content-Type field, folded or not. Nothing if no type and subtype can be made out; the
// caller then takes the default (RFC 2045 §5.2). Never fails for its parameters: what cannot be read is left
// out.
std::optional<MediaType> parse_media_type(std::string_view value);

// The value of a Content-Disposition field; nothing if it names no type.
std::optional<Disposition> parse_disposition(std::string_view value);

// The parameter of exactly this name (lower case), as bytes; null if there is none. The first of several
// counts.
const std::string* find(const Parameters& parameters, std::string_view name);

// The parameter as UTF-8, in whichever way it was written: `name*=` with charset and percent signs, in pieces
// (`name*0*=`, `name*1=`, RFC 2231 §3 and §4), encoded words inside the value (against RFC 2047 §5), raw
// 8-bit bytes. Nothing if there is none.
std::optional<std::string> decoded(const Parameters& parameters, std::string_view name);

}  // namespace hongyan::message
