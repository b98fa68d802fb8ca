// Names of domains, accounts and aliases in the one form in which they are compared and kept.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hongyan::directory {

// A domain: A-labels in lower case (RFC 5890 §2.3.2.1). "Bücher.Example", "xn--bcher-kva.example" and
// full-width letters are the same domain.
class DomainName {
public:
    DomainName() = default;
    // Of U-labels, A-labels or a mixture (RFC 5891 §5, with the mapping of UTS #46).
    static Result<DomainName> parse(std::string_view text);
    // Of what ascii() gave before.
    static DomainName stored(std::string_view ascii);

    const std::string& ascii() const { return ascii_; }
    std::string unicode() const;  // U-labels, for people
    friend auto operator<=>(const DomainName&, const DomainName&) = default;

private:
    std::string ascii_;
};

// The part before the at sign, without quotes, in lower case and NFC: RFC 5321 §2.4 leaves its meaning to us,
// and to people "Ann" and "ann" are one person. Invalid if it is no UTF-8, holds controls or is too long.
Result<std::string> normalise_local_part(std::string_view local_part);

// What an account or an alias is called. With an empty local part it is the catch-all of its domain.
struct Name {
    std::string local_part;
    DomainName domain;

    // "local@domain" or "@domain", split at the last at sign. The local part is a Dot-string (RFC 5321
    // §4.1.2, RFC 6531 §3.3), so that it can be written everywhere without quotes.
    static Result<Name> parse(std::string_view text);
    friend auto operator<=>(const Name&, const Name&) = default;
};
// With the domain in U-labels.
std::string to_string(const Name& name);

}  // namespace hongyan::directory
