// The machines of verify/ with the answers of a resolver.
#pragma once

#include "net/ask_all.h"
#include "verify/inquiry.h"

namespace hongyan::spam {

// What the resolver knows already costs no turn of the loop. It outlives what is returned.
inline verify::KnownAnswers answers_of(net::Resolver& resolver) {
    return verify::KnownAnswers(
        [&resolver](const dns::Question& question) { return resolver.known(question); });
}

// Asks for all that is missing at once, until the deadline.
inline net::Task<void> learn_missing(net::Resolver& resolver, verify::KnownAnswers& known,
                                     net::Deadline deadline) {
    const auto open = known.take_missing();
    auto answers = co_await net::ask_all(resolver, open, deadline);
    for (std::size_t i = 0; i < open.size(); ++i) known.learn(open[i], std::move(answers[i]));
}

// What the machine comes to. It goes on with what is known; the rest is asked for. The resolver outlives the
// task.
template <typename Outcome>
net::Task<Outcome> inquire(net::Resolver& resolver,
                           std::function<std::optional<Outcome>(verify::KnownAnswers&)> machine,
                           net::Deadline deadline) {
    auto known = answers_of(resolver);
    auto outcome = machine(known);
    for (; !outcome; outcome = machine(known)) co_await learn_missing(resolver, known, deadline);
    co_return *std::move(outcome);
}

}  // namespace hongyan::spam
