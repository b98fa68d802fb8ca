// The machines of verify/ with the answers of a resolver.
#pragma once

#include "net/ask_all.h"
#include "verify/inquiry.h"

namespace hongyan::spam {

// What the machine comes to. What the resolver knows already costs no turn of the loop, and the machine goes
// on with it; the rest is asked for all at once, until the deadline. The resolver outlives the task.
template <typename Outcome>
net::Task<Outcome> inquire(net::Resolver& resolver,
                           std::function<std::optional<Outcome>(verify::KnownAnswers&)> machine,
                           net::Deadline deadline) {
    verify::Inquiry<Outcome> inquiry(
        std::move(machine), [&resolver](const dns::Question& question) { return resolver.known(question); });
    for (auto open = inquiry.questions(); !open.empty(); open = inquiry.questions()) {
        auto answers = co_await net::ask_all(resolver, open, deadline);
        for (std::size_t i = 0; i < open.size(); ++i) inquiry.answer(open[i], std::move(answers[i]));
    }
    co_return std::move(inquiry).outcome();
}

}  // namespace hongyan::spam
