// What clients know mailboxes, messages and threads by, whatever happens to names and numbers (RFC 8474).
// JMAP is to say the same (RFC 9698).
#pragma once

#include <string>
#include <string_view>

#include "message/summary.h"
#include "store/message.h"

namespace hongyan::imap {

// objectid = 1*255(ALPHA / DIGIT / "_" / "-"). The letter before the numbers keeps the kinds apart
// (RFC 8474 §5.2); a session may see mailboxes of several accounts.
std::string object_id(store::AccountId account, store::MailboxId mailbox);
// EMAILID: of the message that the content first was, so that a copy has the same, in whatever account it
// lies (RFC 8474 §5.1).
std::string object_id(const store::Origin& origin);

// Of the conversation that a message says it belongs to: who answers names the first message of it in
// References, or the one before it in In-Reply-To (RFC 5322 §3.6.4). Depends on nothing else, so that it
// never changes and is the same in every mailbox (RFC 8474 §5.2). A message that names nothing is a thread by
// itself.
std::string thread_id(const message::SummaryView& summary, const store::Origin& origin);

}  // namespace hongyan::imap
