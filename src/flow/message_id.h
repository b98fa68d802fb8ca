// By which identifier the history finds a message.
#pragma once

#include "message/message_ids.h"

namespace hongyan::flow {

using message::message_id_of;

}  // namespace hongyan::flow
