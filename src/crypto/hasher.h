// A hash of what comes piece by piece.
#pragma once

#include <memory>

#include "crypto/digest.h"

namespace hongyan::crypto {

// Belongs to one thread.
class Hasher {
public:
    explicit Hasher(Hash hash);
    ~Hasher();
    Hasher(Hasher&& other) noexcept;
    Hasher& operator=(Hasher&& other) noexcept;

    void update(std::string_view bytes);
    std::string finish();  // once; nothing may follow

private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace hongyan::crypto
