#include "server/account_sessions.h"

namespace hongyan::server {

Result<std::unique_ptr<AccountSessions::Place>> AccountSessions::take(std::string_view account,
                                                                      std::string_view protocol,
                                                                      std::size_t most) const {
    auto key = fmt::format("{} {}", protocol, account);
    const std::lock_guard lock(mutex_);
    const auto known = counts_.find(key);
    const auto count = known == counts_.end() ? 0 : known->second;
    if (count >= most)
        return fail(Error::Kind::unavailable, "{} has {} sessions open already, which is the most", account,
                    count);
    ++counts_[key];
    return std::make_unique<Place>(*this, std::move(key));
}

void AccountSessions::leave(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto known = counts_.find(key);
    if (--known->second == 0) counts_.erase(known);
}

}  // namespace hongyan::server
