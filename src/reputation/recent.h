// What was read or written a moment ago. For this folder.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace hongyan::reputation {

// Values by their keys, for some seconds: other machines write too, and are not heard of. Some thousands of
// them at most. Any thread.
class Recent {
public:
    // Nothing: not known; an empty value: it is known that there is none.
    using Value = std::optional<std::string>;
    std::optional<Value> find(std::string_view key, Instant now) const;
    // What is about to be written.
    void written(std::string_view key, Value value, Instant now);
    // What is on the disk now, whoever has looked a moment before; unless since then, and since forget(),
    // something else is about to be written.
    void kept(std::string_view key, Value value, Instant now);
    // What has been read. It is of no use if it is known what was written meanwhile.
    void read(std::string_view key, const Value& value, Instant now);
    // Something has become of it, but not known is what.
    void forget(std::string_view key);

private:
    struct Known {
        Value value;
        Instant until{};
        bool is_coming = false;  // it is about to be written
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
    };
    using Table = std::unordered_map<std::string, Known, Hash, std::equal_to<>>;

    const Known* known(std::string_view key, Instant now) const;
    void put(std::string_view key, Known what);

    mutable std::mutex mutex_;  // guards what follows
    Table young_, old_;         // when the young are many, the old are thrown away
};

}  // namespace hongyan::reputation
