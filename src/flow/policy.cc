#include "flow/policy.h"

#include <algorithm>

namespace hongyan::flow {

bool may_relay(const Policy& policy, const smtp::Client& client) {
    if (client.protocol == smtp::Protocol::lmtp) return false;  // RFC 2033 §5: for final delivery only
    if (!client.account.empty() || client.protocol == smtp::Protocol::local) return true;
    const auto address = config::parse_address(client.address);
    return address && std::ranges::any_of(policy.relay_networks,
                                          [&](const auto& network) { return network.contains(*address); });
}

}  // namespace hongyan::flow
