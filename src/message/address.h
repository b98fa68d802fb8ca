// Addresses: as the envelope demands them, to the letter (RFC 5321 §4.1.2), and as header fields hold them,
// whatever is written there (RFC 5322 §3.4, §4.4).
#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hongyan::message {

// Octets as written. 64 is what everybody must take (RFC 5321 §4.5.3.1.1); VERP and reply addresses of lists
// are longer, and to refuse them would lose their mail.
inline constexpr std::size_t max_local_part = 255;
inline constexpr std::size_t max_domain = 255;  // octets (RFC 5321 §4.5.3.1.2)
inline constexpr std::size_t max_label = 63;    // octets between dots (RFC 1035 §2.3.4)
inline constexpr std::size_t max_path = 256;    // octets with brackets, without a route (RFC 5321 §4.5.3.1.3)

// May an address hold UTF-8 (SMTPUTF8, RFC 6531 §3.3)?
enum class International { no, yes };

// What stands before the at sign, without its quotes: ann, "ann"  and "a\nn" are the same. Compared by
// octets; only the receiving domain knows which local parts mean one mailbox (RFC 5321 §2.4).
class LocalPart {
public:
    // Dot-string or Quoted-string.
    static Result<LocalPart> parse(std::string_view written,
                                   International international = International::yes);

    const std::string& text() const { return text_; }
    // Quoted where it must be.
    std::string to_string() const;
    friend auto operator<=>(const LocalPart&, const LocalPart&) = default;

private:
    explicit LocalPart(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

// A domain with its ASCII letters in lower case, as A-labels or U-labels, whichever was written; or an
// address literal in its shortest form: [192.0.2.1], [IPv6:2001:db8::1]. Other literals are refused: none is
// defined.
class Domain {
public:
    static Result<Domain> parse(std::string_view written, International international = International::yes);

    const std::string& text() const { return text_; }
    bool is_literal() const { return text_.starts_with('['); }
    friend auto operator<=>(const Domain&, const Domain&) = default;

private:
    explicit Domain(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

// A mailbox of the world, "local-part@domain".
struct Address {
    LocalPart local_part;
    Domain domain;

    std::string to_string() const;
    // Needs SMTPUTF8 on its way.
    bool is_international() const;
    friend auto operator<=>(const Address&, const Address&) = default;
};

// The production Mailbox of RFC 5321 §4.1.2: no blanks, no comments, no brackets. Divided at the last at
// sign.
Result<Address> parse_address(std::string_view text, International international = International::yes);

// What MAIL and RCPT name: "<ann@example.org>", the null reverse-path "<>", or "<postmaster>" without a
// domain (RFC 5321 §4.1.1.3). A source route before the mailbox is read and forgotten (RFC 5321 §4.1.1.3,
// appendix C).
struct Path {
    std::optional<Address> address;
    bool is_postmaster = false;

    bool is_null() const { return !address && !is_postmaster; }
    friend bool operator==(const Path&, const Path&) = default;
};
Result<Path> parse_path(std::string_view text, International international = International::yes);
// The same for the front of a text, which loses what was read: parameters of MAIL and RCPT follow.
Result<Path> take_path(std::string_view& text, International international = International::yes);

// ---- header fields ----

// A list with more addresses than this is cut: mail to a whole company has some thousand.
inline constexpr std::size_t max_listed_addresses = 10'000;

// An item of an address list in the parts that IMAP's ENVELOPE shows (RFC 9051 §7.5.2), as bytes of the
// message: quotes, backslashes, comments and folding are undone, encoded words and raw 8-bit text are not.
// Any part may be empty, and no part need be valid.
struct ListedAddress {
    enum class Kind { mailbox, group_start, group_end };

    Kind kind = Kind::mailbox;
    std::string name;   // display name, else a comment behind the address; of group_start the group's name
    std::string route;  // "@a,@b"
    std::string local_part;
    std::string domain;

    friend bool operator==(const ListedAddress&, const ListedAddress&) = default;
};
using AddressList = std::vector<ListedAddress>;

// The value of From, To, Reply-To, …, folded or not. Never fails; linear in the text. Tolerated beside the
// obsolete syntax (RFC 5322 §4.4): unquoted dots, at signs and encoded words with blanks or commas in names,
// semicolons for commas, brackets and quotes that are never closed, a group without its end. Every
// group_start has its group_end.
AddressList parse_address_list(std::string_view value);

// A list that reads back as the same, if it is UTF-8; on one line, with what needs quotes in quotes.
std::string to_string(const AddressList& list);

// A person: the name as UTF-8, for people, and the address. The name may be empty.
struct Mailbox {
    std::string name;
    Address address;

    friend bool operator==(const Mailbox&, const Mailbox&) = default;
};

// The item's name as UTF-8 (RFC 2047).
std::string display_name(const ListedAddress& item);

// The item as a mailbox, if its address is one.
std::optional<Mailbox> mailbox_of(const ListedAddress& item);

// Every valid address of a field's value in order, those in groups included.
std::vector<Mailbox> mailboxes_in(std::string_view value);

}  // namespace hongyan::message
