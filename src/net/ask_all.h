// Several questions about names at once.
#pragma once

#include <span>
#include <vector>

#include "net/both.h"
#include "net/resolver.h"

namespace hongyan::net {

// An answer for each, in their order, when the last one is there or at the deadline. The questions and the
// resolver outlive the task.
inline Task<std::vector<dns::RawAnswer>> ask_all(Resolver& resolver, std::span<const dns::Question> questions,
                                                 Deadline deadline) {
    std::vector<dns::RawAnswer> answers;
    if (questions.size() < 2) {
        for (const auto& question : questions) answers.push_back(co_await resolver.ask(question, deadline));
        co_return answers;
    }
    const auto half = questions.size() / 2;
    auto [first, second] = co_await both(ask_all(resolver, questions.first(half), deadline),
                                         ask_all(resolver, questions.subspan(half), deadline));
    answers = std::move(first);
    std::ranges::move(second, std::back_inserter(answers));
    co_return answers;
}

}  // namespace hongyan::net
