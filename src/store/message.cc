#include "store/message.h"

#include "message/summary.h"

namespace hongyan::store {

SharedContent prepare(std::string_view raw) {
    return std::make_shared<const Content>(engine::prepare_blob(raw), encode(message::summarize(raw)),
                                           !raw.empty() && !raw.ends_with("\r\n"));
}

}  // namespace hongyan::store
