// What `message search` asks of a message.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "admin/command.h"
#include "message/text_search.h"
#include "store/message.h"

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

}  // namespace hongyan::admin
