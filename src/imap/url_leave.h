// Leave to fetch what a URL names, given by the owner of the mail and proved by a token (RFC 4467). The
// mechanism is INTERNAL: an HMAC under the mailbox's secret (store/url_keys.h).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "imap/message_url.h"
#include "imap/wire/url.h"
#include "store/store.h"

namespace hongyan::imap {

inline constexpr std::string_view internal_mechanism = "internal";

// What is put behind the rump of a URL (RFC 4467 §5). Begins with a byte that tells how it was made.
std::string url_token(std::string_view key, std::string_view rump);

// Does the account's name fit what the URL says? A URL may leave out the domain.
bool is_user(std::string_view said, std::string_view account_name);

// The same of somebody to whom `owner` has given leave: a name without a domain is of the owner's.
bool is_meant(std::string_view said, std::string_view owner, std::string_view account_name);

// The mailbox of an own account that the URL names. Error not_found where there is none that holds messages,
// or its UIDVALIDITY is another.
Result<store::Mailbox> mailbox_of(const store::View& mail, const wire::MessageUrl& url);

// What it names, if the URL has leave that is genuine and has not expired (RFC 4467 §6); who may use it is
// for the caller to ask. Error not_found in all other cases, and nothing tells which; and those of `room`.
Result<NamedPart> read_with_leave(store::Store& store, store::AccountId owner, const wire::MessageUrl& url,
                                  const Room& room = {});

}  // namespace hongyan::imap
