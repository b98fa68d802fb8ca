#include "flow/policy.h"

#include "config/networks.h"

namespace hongyan::flow {

bool may_relay(const Policy& policy, const smtp::Client& client) {
    if (client.protocol == smtp::Protocol::lmtp) return false;  // RFC 2033 §5: for final delivery only
    if (!client.account.empty() || client.protocol == smtp::Protocol::local) return true;
    return config::is_in(policy.relay_networks, client.address);
}

}  // namespace hongyan::flow
