// How much one portion of a command may look at.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace hongyan::imap {

// Octets looked at, each as often as it is held against a text; what else costs something counts as so many
// octets. Nobody's clock is asked: the same command takes the same portions everywhere.
class Effort {
public:
    // Some tens of milliseconds of a core.
    static constexpr std::uint64_t enough_at_once = std::uint64_t{32} << 20U;

    static constexpr std::uint64_t of_a_key = 16;       // to ask any key at all
    static constexpr std::uint64_t of_a_record = 500;   // to find and decode one
    static constexpr std::uint64_t of_making_text = 4;  // an octet read, decoded and folded

    explicit Effort(std::uint64_t enough = enough_at_once) : enough_(enough) {}

    void spend(std::uint64_t octets) { spent_ += octets; }
    bool is_enough() const { return spent_ >= enough_; }
    std::uint64_t spent() const { return spent_; }

private:
    std::uint64_t enough_;
    std::uint64_t spent_ = 0;
};

// What the texts of a search have come to in one message that is not done with: who goes on with it later
// asks only the others. A key's answer is its score (RFC 6203 §4), 0 where it is not found.
class Answers {
public:
    std::optional<int> of(std::size_t key) const {
        if (key >= scores_.size() || scores_[key] == unknown) return std::nullopt;
        return scores_[key];
    }
    void note(std::size_t key, int score) {
        if (key >= scores_.size()) scores_.resize(key + 1, unknown);
        scores_[key] = static_cast<std::int8_t>(score);
    }
    void clear() { scores_.clear(); }

private:
    static constexpr std::int8_t unknown = -1;
    std::vector<std::int8_t> scores_;
};

}  // namespace hongyan::imap
