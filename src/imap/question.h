// What a session asks of the world.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "base/result.h"
#include "imap/task.h"
#include "sasl/question.h"

namespace hongyan::imap {

// Whose mail is it? Answered with the account that bears this name in the directory.
struct OpenAccount {
    std::string name;
};
// Answered with Done when task->run() has returned; it blocks, so it belongs on a worker. Or when
// task->put_off() has.
struct Work {
    std::shared_ptr<Task> task;
};
struct Done {};

using Question = std::variant<sasl::Question, OpenAccount, Work>;
using Answer = std::variant<sasl::Answer, Result<store::AccountId>, Done>;

// As transcripts write it.
std::string to_text(const Question& question);

}  // namespace hongyan::imap
