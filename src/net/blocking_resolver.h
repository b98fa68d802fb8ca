// For a command that has nothing else to do: asks DNS and waits.
#pragma once

#include "net/loops.h"
#include "net/resolver.h"

namespace hongyan::net {

// An UnboundResolver with a thread of its own. Belongs to one thread.
class BlockingResolver {
public:
    // Not found or invalid if something that the settings name cannot be used.
    static Result<std::unique_ptr<BlockingResolver>> make(const ResolverSettings& settings);
    // All are asked at once; the answers come in the order of the questions, after `deadline` as failed.
    std::vector<dns::RawAnswer> ask(const std::vector<dns::Question>& questions, Deadline deadline);

private:
    BlockingResolver() : loops_(1) {}
    Loops loops_;  // first: the resolver ends before its loop
    std::unique_ptr<UnboundResolver> resolver_;
};

}  // namespace hongyan::net
