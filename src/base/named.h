// A number or text with a name of its own, so that a UID cannot be given where a sequence number is meant.
#pragma once

#include <compare>
#include <concepts>
#include <functional>
#include <utility>

#include <fmt/format.h>

namespace hongyan {

template <typename Value, typename Tag>
class Named {
public:
    using value_type = Value;

    constexpr Named() = default;
    constexpr explicit Named(Value value) : value_(std::move(value)) {}

    constexpr const Value& value() const { return value_; }
    constexpr Named next() const
        requires std::integral<Value>
    {
        return Named(static_cast<Value>(value_ + 1));
    }

    friend constexpr auto operator<=>(const Named&, const Named&) = default;
    friend constexpr bool operator==(const Named&, const Named&) = default;

private:
    Value value_{};
};

}  // namespace hongyan

template <typename Value, typename Tag>
struct std::hash<hongyan::Named<Value, Tag>> {
    std::size_t operator()(const hongyan::Named<Value, Tag>& named) const {
        return std::hash<Value>{}(named.value());
    }
};

template <typename Value, typename Tag>
struct fmt::formatter<hongyan::Named<Value, Tag>> : fmt::formatter<Value> {
    auto format(const hongyan::Named<Value, Tag>& named, fmt::format_context& context) const {
        return fmt::formatter<Value>::format(named.value(), context);
    }
};
