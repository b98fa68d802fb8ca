// A message in the place of another (RFC 8508).
#pragma once

#include <memory>

#include "base/result.h"
#include "engine/engine.h"
#include "store/message.h"
#include "store/store.h"

namespace hongyan::store {

// The message comes into `mailbox` when the old one goes, both of the account; both or neither, and only what
// is used more counts for the quota (RFC 8508 §3.4). A part for the engine, which fills `placed`; once it is
// durable the caller announces() it. Errors: conflict where the old one is there no more, and those of
// Account::append.
engine::Part replace_part(const Store& store, AccountId account, Home old, MailboxId mailbox,
                          NewMessage message, std::shared_ptr<Placed> placed);

}  // namespace hongyan::store
