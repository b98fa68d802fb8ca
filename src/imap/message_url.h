// What an IMAP URL names, in the mail of one account.
#pragma once

#include <string>

#include "base/result.h"
#include "imap/wire/url.h"
#include "store/view.h"

namespace hongyan::imap {

// The octets of the message or part, as FETCH BODY.PEEK[…] gives them. The URL is of this mailbox. Does not
// ask who may. Error not_found where there is no such message or part, or the UIDVALIDITY is another.
Result<std::string> read_part(const store::View& mail, const store::Mailbox& mailbox,
                              const wire::MessageUrl& url);

}  // namespace hongyan::imap
