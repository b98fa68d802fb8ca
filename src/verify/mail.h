// A message as its signatures see it.
#pragma once

#include <expected>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/field.h"
#include "verify/canonical.h"
#include "verify/signature.h"

namespace hongyan::verify {

// The header with its fields, and the hashes of the body that its signatures demand; the body itself passes
// by. Whoever signs demands a hash too. Stays where it is; belongs to one thread.
class Mail {
public:
    // The header with or without the empty line behind it. Demands what its DKIM and ARC signatures need.
    explicit Mail(std::string_view header);
    Mail(const Mail&) = delete;
    Mail& operator=(const Mail&) = delete;

    // Both in one, with the header looked at in place if `message` lives long enough.
    static std::unique_ptr<Mail> whole(std::string_view message);

    void demand(const BodyDemand& demand);  // before the first piece of the body
    void body(std::string_view piece);      // lines end with CRLF
    void finish();                          // after the last

    std::string_view header() const { return header_; }
    const std::vector<message::Field>& fields() const { return fields_; }
    // A line that is no field stands directly behind From, and is more of it for some who show mail.
    bool has_line_behind_author() const;
    // What such a field says, or what is wrong with it; read once. The field is one of ours, of DKIM or an
    // ARC message signature.
    const std::expected<Signature, std::string>& signature(const message::Field& field) const;
    const BodyHash* find(const BodyDemand& demand) const;  // null if it was not demanded

private:
    void demand(const Signature& signature);

    std::string header_;
    std::vector<message::Field> fields_;
    struct Read {
        const message::Field* field;
        std::expected<Signature, std::string> signature;
    };
    std::vector<Read> signatures_;  // from top to bottom
    std::list<BodyHash> hashes_;
};

// Behind the empty line that ends the header, or at the end.
std::size_t header_size(std::string_view message);

// The fields that h= names, in its order, from the bottom of the header up for names that occur again; what
// is not there is left out (RFC 6376 §5.4.2). `except` is a field that must not be taken, or null.
std::vector<const message::Field*> select_fields(const std::vector<message::Field>& fields,
                                                 const std::vector<std::string>& names,
                                                 const message::Field* except);

}  // namespace hongyan::verify
