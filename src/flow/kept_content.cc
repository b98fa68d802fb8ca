#include "flow/kept_content.h"

namespace hongyan::flow {

const store::SharedContent& KeptContent::for_mailboxes() {
    if (!content_) content_ = blob_ ? store::prepare(message_, blob_) : store::prepare(message_);
    return content_;
}

const engine::SharedBlob& KeptContent::for_queue(engine::Packing packing) {
    if (content_) return content_->blob;
    if (!blob_) blob_ = engine::prepare_blob(message_, packing);
    return blob_;
}

}  // namespace hongyan::flow
