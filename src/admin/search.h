// What `message search` asks of a message.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "admin/command.h"
#include "message/text_search.h"
#include "store/message.h"
#include "store/text_index.h"
#include "store/view.h"

namespace hongyan::admin {

// All of it must hold.
struct Criteria {
    std::vector<message::Needle> from, to, subject, anywhere;
    std::optional<Instant> since, before;
    store::Flags with, without;
};

Result<Criteria> parse_criteria(const Values& values);

// Reads the message only if its summary does not settle the question.
Result<bool> matches(const Criteria& criteria, const store::Entry& entry, const store::MessageView& kept,
                     const std::function<Result<std::string>()>& read);

// Those messages of the mailbox that can match by what the full-text index knows: the others need not be
// looked at. All of them where it knows nothing.
Result<store::UidSet> possible_matches(const store::View& view, store::MailboxId mailbox,
                                       const Criteria& criteria);

}  // namespace hongyan::admin
