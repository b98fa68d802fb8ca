// The bytes of an entity: its Content fields, the empty line, the encoded content or the parts between
// boundaries.
#pragma once

#include <string>

#include "base/random.h"
#include "message/composer.h"

namespace hongyan::message {

// Appends the entity. Boundaries do not occur in what they bound.
void put_entity(std::string& out, const Entity& entity, Random& random, Headers headers);

}  // namespace hongyan::message
