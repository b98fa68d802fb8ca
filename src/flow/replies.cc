#include "flow/replies.h"

namespace hongyan::flow::replies {

StandardReply reply_to(const Error& error) {
    switch (error.kind) {
        case Error::Kind::over_quota:
            return over_quota;
        case Error::Kind::no_space:
            return no_space;
        case Error::Kind::too_large:
            return too_large;
        case Error::Kind::unavailable:
            return busy;
        default:
            return fault;
    }
}

}  // namespace hongyan::flow::replies
