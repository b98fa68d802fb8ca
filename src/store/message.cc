#include "store/message.h"

#include "message/seven_bit.h"
#include "message/summary.h"

namespace hongyan::store {

SharedContent prepare(std::string_view raw) { return prepare(raw, engine::prepare_blob(raw)); }

SharedContent prepare(std::string_view raw, SharedBlob blob) {
    return std::make_shared<const Content>(std::move(blob), encode(message::summarize(raw)),
                                           !raw.empty() && !raw.ends_with("\r\n"),
                                           raw.contains('\0') ? message::without_nul(raw).size() : 0);
}

}  // namespace hongyan::store
