#include "net/blocking_resolver.h"

#include <latch>

namespace hongyan::net {

namespace {

Task<> ask_one(Resolver& resolver, dns::Question question, Deadline deadline, dns::RawAnswer& answer,
               std::latch& open) {
    answer = co_await resolver.ask(std::move(question), deadline);
    open.count_down();
}

}  // namespace

Result<std::unique_ptr<BlockingResolver>> BlockingResolver::make(const ResolverSettings& settings) {
    std::unique_ptr<BlockingResolver> made(new BlockingResolver);
    TRY(made->resolver_, UnboundResolver::make(made->loops_[0], settings));
    return made;
}

std::vector<dns::RawAnswer> BlockingResolver::ask(const std::vector<dns::Question>& questions,
                                                  Deadline deadline) {
    std::vector<dns::RawAnswer> answers(questions.size());
    std::latch open(static_cast<std::ptrdiff_t>(questions.size()));
    for (std::size_t i = 0; i < questions.size(); ++i)
        start(loops_[0], ask_one(*resolver_, questions[i], deadline, answers[i], open));
    open.wait();
    return answers;
}

}  // namespace hongyan::net
