// A domain name as DNS is asked for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hongyan::dns {

// Lower-case A-labels without the last dot, so that equal names are equal texts: DNS compares without regard
// to case (RFC 4343 §3). The root is empty. Labels may begin with an underscore (RFC 8552). Cheap to compare
// and copy; any thread.
class Name {
public:
    static constexpr std::size_t longest = 253;       // RFC 1035 §3.1: 255 octets on the wire
    static constexpr std::size_t longest_label = 63;  // RFC 1035 §2.3.4

    Name() = default;
    // A name as people write it, with A-labels or U-labels (RFC 5891 §5), with or without the last dot.
    // Invalid if it cannot be asked for: empty labels, blanks, too long.
    static Result<Name> parse(std::string_view text);
    // A name that a machine has computed, of macros say (RFC 7208 §4.8): its labels may hold blanks and all
    // other ASCII but NUL and backslash. Nothing is converted. Invalid if it cannot be asked for.
    static Result<Name> computed(std::string_view text);
    // A whole name as it lies in a record, not compressed. Takes it from the front of `in`. Invalid also if a
    // label holds what no name of a host or service can: dots, blanks, control characters, 8-bit octets.
    static Result<Name> take(std::string_view& in);

    bool is_root() const { return text_.empty(); }
    // Without the last dot; empty for the root.
    const std::string& text() const { return text_; }
    // As an octet string in a record (RFC 1035 §3.1).
    std::string to_wire() const;
    // "mx.example.net" in "example.net": true; a name is within itself.
    bool is_within(const Name& zone) const;
    // This name below a label or several: under("_25._tcp"). Invalid if it becomes too long.
    Result<Name> under(std::string_view labels) const;
    std::vector<std::string_view> labels() const;  // valid as long as the name

    friend bool operator==(const Name&, const Name&) = default;
    friend auto operator<=>(const Name&, const Name&) = default;

private:
    explicit Name(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

}  // namespace hongyan::dns

template <>
struct std::hash<hongyan::dns::Name> {
    std::size_t operator()(const hongyan::dns::Name& name) const {
        return std::hash<std::string>{}(name.text());
    }
};
