// A message as a Unix program writes it, made ready to be left for the server.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "cli/sendmail_call.h"
#include "drop/letter.h"

namespace hongyan::cli {

// Who calls, and where.
struct Caller {
    std::string user;       // the log-in name
    std::string full_name;  // empty: unknown
    std::string host;       // our name: addresses without a domain belong to it
};

// The message up to a line with only a dot, if that ends it; a "From " line before it is left out.
std::string_view message_in(const SendmailCall& call, std::string_view input);

// Every line ends with CRLF then. With -t the recipients are those of To, Cc and Bcc beside those named
// (of the Resent- fields, if there are any), and Bcc is taken out. From, Date and Message-ID are added where
// they are missing. Errors: invalid for an address that is none; not_found without recipients.
Result<drop::Letter> make_letter(const SendmailCall& call, const Caller& caller, std::string_view input,
                                 const Clock& clock, Random& random);

}  // namespace hongyan::cli
