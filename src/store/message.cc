#include "store/message.h"

#include "message/summary.h"

namespace hongyan::store {

SharedContent prepare(std::string_view raw) { return prepare(raw, engine::prepare_blob(raw)); }

SharedContent prepare(std::string_view raw, SharedBlob blob) {
    return std::make_shared<const Content>(std::move(blob), encode(message::summarize(raw)),
                                           !raw.empty() && !raw.ends_with("\r\n"));
}

}  // namespace hongyan::store
