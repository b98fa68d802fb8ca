// Mail that domains of ours sign (RFC 6376) and seal (RFC 8617).
#pragma once

#include "flow/world.h"
#include "spam/authentication.h"

namespace hongyan::flow {

// Fields DKIM-Signature with their line ends, one for each active key of the author's domain, to stand before
// `added` fields and the message. Empty where there is not one author's domain, or it has no key that signs;
// a fault is logged, and the mail goes unsigned. Blocks for the disk.
std::string signatures_of(const World& world, std::string_view added, std::string_view message);

// The next set of the chain (RFC 8617 §5.1), for a message that an address of ours passes on to elsewhere:
// sealed by that address' domain, with what was found when it came. Empty where the domain has no key that
// signs or the chain has failed. Blocks for the disk.
std::string seal_of(const World& world, const std::string& hostname, const message::Address& passed_on_by,
                    std::string_view message, const spam::Authenticated& authenticated);

}  // namespace hongyan::flow
