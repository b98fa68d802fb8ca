#include "oauth/verifier.h"

namespace hongyan::oauth {

void Verifier::trust(std::shared_ptr<const Trust> trust) {
    const std::lock_guard lock(mutex_);
    trust_ = std::move(trust);
}

std::shared_ptr<const Trust> Verifier::now_trusted() const {
    const std::lock_guard lock(mutex_);
    return trust_;
}

std::expected<Owner, Objection> Verifier::owner_of(std::string_view token, Instant now) const {
    const auto trusted = now_trusted();
    if (!trusted) return std::unexpected(Objection{Flaw::invalid_token, "no keys are set"});
    return oauth::owner_of(token, trusted->keys, trusted->expectations, now);
}

}  // namespace hongyan::oauth
