// What is kept of a message, made ready when the first place that needs it is known.
#pragma once

#include <string_view>

#include "store/message.h"

namespace hongyan::flow {

// Does not own the message. For one thread. Blocks: hashes and compresses.
class KeptContent {
public:
    explicit KeptContent(std::string_view message) : message_(message) {}

    // With its summary, for mailboxes.
    const store::SharedContent& for_mailboxes();
    // For the queue. What is being sent as soon as it is kept, and then is gone, is not worth the time that
    // compressing takes; what lies in a mailbox too is one blob with that.
    const engine::SharedBlob& for_queue(engine::Packing packing);

private:
    std::string_view message_;
    store::SharedContent content_ = {};
    engine::SharedBlob blob_ = {};
};

}  // namespace hongyan::flow
