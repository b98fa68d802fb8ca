// What an IMAP URL names, in the mail of one account.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "imap/wire/section.h"
#include "imap/wire/url.h"
#include "message/structure.h"
#include "store/view.h"

namespace hongyan::imap {

// Asked before a message is read, with its octets; what it refuses is not read.
using Room = std::function<Result<void>(std::uint64_t octets)>;

// A message or a part of one, with the message around it in memory.
class NamedPart {
public:
    // The URL is of this mailbox. Does not ask who may. Error not_found where there is no such message or
    // part, or the UIDVALIDITY is another; and those of `room`.
    static Result<NamedPart> read(const store::View& mail, const store::Mailbox& mailbox,
                                  const wire::MessageUrl& url, const Room& room = {});

    // As FETCH BODY.PEEK[…] gives them, without NUL, or those of them that ;PARTIAL= names.
    std::string octets() const;
    // The same with the transfer encoding undone; nothing where we do not know it. A whole message is as it
    // stands, and so is a header (RFC 5524 §3.2).
    std::optional<std::string> binary() const;
    // The body structure (RFC 3501 §7.4.2) of what octets() or binary() gives.
    enum class Encoded { as_sent, undone };
    void put_structure(std::string& out, Encoded encoded) const;

private:
    struct Form {
        Form(std::string octets, std::size_t before);
        std::string raw;
        std::size_t prefix;  // octets of raw before the structure begins
        message::Structure structure;
    };

    NamedPart(const wire::MessageUrl& url, std::string raw, std::size_t prefix);
    const Form& told() const { return without_nul_ ? *without_nul_ : came_; }
    std::optional<wire::SectionText> text_in(const Form& form) const;
    std::optional<message::Part::Index> body_in(const Form& form) const;
    std::optional<std::string> whole_binary() const;
    std::string cut(std::string_view octets) const;

    wire::Section section_;
    std::optional<wire::UrlPartial> partial_;
    Form came_;
    std::optional<Form> without_nul_;  // where NUL came
};

}  // namespace hongyan::imap
