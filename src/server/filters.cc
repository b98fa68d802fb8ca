#include "server/filters.h"

#include "spam/clamd.h"
#include "spam/milters.h"
#include "spam/rspamd.h"

namespace hongyan::server {

namespace {

spam::Means means_of(const JudgeParts& parts) {
    return {.resolver = parts.resolver,
            .random = parts.random,
            .workers = parts.world.workers,
            .hostname = parts.hostname};
}

}  // namespace

Result<std::shared_ptr<spam::Judge>> make_milters(const JudgeParts& parts) {
    const auto& milters = parts.config.filters.milters;
    if (milters.empty()) return nullptr;
    return std::make_shared<spam::Milters>(milters, means_of(parts), parts.config.filters.rest);
}

Result<std::shared_ptr<spam::Judge>> make_rspamd(const JudgeParts& parts) {
    if (!parts.config.rspamd.address) return nullptr;
    return std::make_shared<spam::Rspamd>(parts.config.rspamd, means_of(parts), parts.config.filters.rest);
}

Result<std::shared_ptr<spam::Judge>> make_clamd(const JudgeParts& parts) {
    if (!parts.config.clamd.address) return nullptr;
    return std::make_shared<spam::Clamd>(parts.config.clamd, means_of(parts), parts.config.filters.rest);
}

}  // namespace hongyan::server
