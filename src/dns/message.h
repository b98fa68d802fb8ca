// Messages of DNS (RFC 1035 §4), as far as one question to a resolver and its answer need them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dns/answer.h"

namespace hongyan::dns {

// The question with recursion desired. `id` comes back with the answer.
std::string question_message(std::uint16_t id, const Question& question);

struct ReadAnswer {
    bool truncated = false;  // the whole is to be had by TCP (RFC 1035 §4.2.1)
    RawAnswer answer;
};

// What a resolver answers, record by record: whatever their octets are, the others count. CNAMEs are followed
// within it, in a chain of eight at most; a longer one is a failure. For types whose records hold no names:
// those would still be compressed. Invalid if it is malformed, or no answer to this question.
Result<ReadAnswer> read_answer(std::string_view message, std::uint16_t id, const Question& question);

}  // namespace hongyan::dns
