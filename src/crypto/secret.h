// Passwords and keys in memory.
#pragma once

#include <string>
#include <string_view>

namespace hongyan::crypto {

// Overwrites the bytes in a way the compiler may not leave out, and empties the text.
void wipe(std::string& text);

// Whether two texts are the same; the time taken tells nothing but their lengths.
bool equal_in_constant_time(std::string_view a, std::string_view b);

// A text that is wiped when it is no longer needed. Can be moved, not copied.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string_view value) : value_(value) {}
    explicit Secret(const char* value) : value_(value) {}
    explicit Secret(std::string&& value) : value_(value) { wipe(value); }
    Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { wipe(other.value_); }
    Secret& operator=(Secret&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret() { wipe(value_); }

    std::string_view reveal() const { return value_; }

private:
    std::string value_;
};

}  // namespace hongyan::crypto
