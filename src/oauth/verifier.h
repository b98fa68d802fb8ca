// Whom this server believes about tokens.
#pragma once

#include <memory>
#include <mutex>

#include "oauth/token.h"

namespace hongyan::oauth {

// What may change while the server runs.
struct Trust {
    KeySet keys;
    Expectations expectations;
};

// Made once; may be used from any thread.
class Verifier {
public:
    // From now on; null: no token is believed.
    void trust(std::shared_ptr<const Trust> trust);
    bool believes_anybody() const { return now_trusted() != nullptr; }

    std::expected<Owner, Objection> owner_of(std::string_view token, Instant now) const;

private:
    std::shared_ptr<const Trust> now_trusted() const;

    mutable std::mutex mutex_;  // guards what follows
    std::shared_ptr<const Trust> trust_;
};

}  // namespace hongyan::oauth
