// What settings say of domains: of one, of all names below one, of all.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "message/a_labels.h"

namespace hongyan::outbound {

// As both sides of a comparison have it: in lower case, and in ASCII if it has such a form.
inline std::string plain_domain(std::string_view domain) {
    const auto lower = ascii::to_lower(domain);
    return message::to_a_labels(lower).value_or(lower);
}

// Patterns are "example.org", ".example.org" and "*". What it hands out is valid until the next add().
template <typename Value>
class DomainTable {
public:
    // Of several for the same pattern the first counts.
    void add(std::string_view pattern, Value value) {
        const bool is_suffix = pattern.starts_with('.');
        auto key = pattern == "*" ? "*" : plain_domain(pattern.substr(is_suffix ? 1 : 0));
        by_pattern_.try_emplace(is_suffix ? "." + key : std::move(key), std::move(value));
    }
    bool empty() const { return by_pattern_.empty(); }

    // The domain itself, else the longest suffix of it; nullptr if there is neither. In letters of either
    // case.
    const Value* named(std::string_view domain) const {
        const auto plain = plain_domain(domain);
        if (const auto* const value = at(plain)) return value;
        for (auto dot = plain.find('.'); dot != plain.npos; dot = plain.find('.', dot + 1))
            if (const auto* const value = at(std::string_view(plain).substr(dot))) return value;
        return nullptr;
    }
    const Value* of_all() const { return at("*"); }

private:
    const Value* at(std::string_view key) const {
        const auto found = by_pattern_.find(key);
        return found == by_pattern_.end() ? nullptr : &found->second;
    }

    std::map<std::string, Value, std::less<>> by_pattern_;
};

}  // namespace hongyan::outbound
