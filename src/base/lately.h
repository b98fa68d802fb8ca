// What was needed a moment ago and is likely to be needed again.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <utility>

namespace hongyan {

// Values by their keys, at least the last `most` that were used and at most twice as many: the younger half
// becomes the older when it is full, and what was the older is thrown away. Belongs to one thread; usually
// thread_local.
template <typename Key, typename Value, typename Less = std::less<>>
class Lately {
public:
    explicit Lately(std::size_t most) : most_(most) {}

    // Null if it is not known. Valid until the next call of either function.
    template <typename Like>
    Value* find(const Like& key) {
        if (const auto known = young_.find(key); known != young_.end()) return &known->second;
        const auto known = old_.find(key);
        if (known == old_.end()) return nullptr;
        auto node = old_.extract(known);
        make_room();
        return &young_.insert(std::move(node)).position->second;
    }

    // In place of what was known by that key.
    Value& keep(Key key, Value value) {
        old_.erase(key);
        make_room();
        return young_.insert_or_assign(std::move(key), std::move(value)).first->second;
    }

private:
    void make_room() {
        if (young_.size() >= most_) old_ = std::exchange(young_, {});
    }

    std::size_t most_;
    std::map<Key, Value, Less> young_, old_;
};

}  // namespace hongyan
