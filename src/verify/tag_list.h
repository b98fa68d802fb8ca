// tag=value lists: DKIM and ARC fields, records of keys and of DMARC (RFC 6376 §3.2).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/small_vector.hpp>

namespace hongyan::verify {

// More than any signature, record or seal has use for. The time that a list takes grows with their square.
inline constexpr std::size_t most_tags = 100;

struct Tag {
    std::string_view name, value;  // the value as written, without white space at its ends
    friend bool operator==(const Tag&, const Tag&) = default;
};

// Looks at the text it was read from.
class TagList {
public:
    // Nothing if it breaks the grammar, a name occurs twice, or there are too many. UTF-8 is let through (RFC
    // 8616 §5).
    static std::optional<TagList> parse(std::string_view text);
    // That of a field: a CR or LF that does not fold breaks the grammar. Records of DNS, which people paste,
    // may hold some.
    static std::optional<TagList> of_field(std::string_view value);

    std::optional<std::string_view> find(std::string_view name) const;  // names are case-sensitive
    std::span<const Tag> tags() const { return tags_; }

private:
    boost::container::small_vector<Tag, 16> tags_;  // more than most lists have
};

// Without all blanks and line ends.
std::string without_white_space(std::string_view text);

// base64string = ALPHADIGITPS *([FWS] ALPHADIGITPS) [ [FWS] "=" [ [FWS] "=" ] ]   RFC 6376 §2.10: white space
// anywhere, and the padding may be missing. Nothing if it is not that, or empty.
std::optional<std::string> read_base64(std::string_view text);

// What dkim-quoted-printable stands for (RFC 6376 §2.11): white space counts for nothing, "=40" is an octet.
// An "=" without two digits behind it, which the grammar has not, stands for itself.
std::string from_quoted_printable(std::string_view text);
// What stands for the text, with as little encoded as may be. Letters beyond ASCII stand for themselves (RFC
// 8616 §5), and so does such a "="; octets that are none of UTF-8 do not.
std::string to_quoted_printable(std::string_view text);

// Items between colons, white space around them taken away, as h=, t= and s= have them.
std::vector<std::string_view> split_at_colons(std::string_view text);
// Is it one of those?
bool lists(std::string_view text, std::string_view item);

// 1*DIGIT with at most `most` of them; what does not fit into the number is its largest value.
std::optional<std::uint64_t> read_digits(std::string_view text, std::size_t most);

}  // namespace hongyan::verify
