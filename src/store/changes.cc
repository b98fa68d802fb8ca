#include "store/changes.h"

namespace hongyan::store {

void ChangeRecord::add(Change change, Uid uid, MessageId message) {
    if (!runs.empty()) {
        auto& last = runs.back();
        const bool joins = last.change == change && last.first.value() + last.count == uid.value() &&
                           last.message.value() + last.count == message.value();
        if (joins) {
            ++last.count;
            return;
        }
    }
    runs.push_back({change, uid, 1, message});
}

}  // namespace hongyan::store
