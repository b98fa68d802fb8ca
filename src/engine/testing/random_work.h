// Random transactions of which it is known what they do, for comparing engines with each other and with what
// they promised.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace hongyan::engine {

// Everything an engine holds that has done nothing but RandomWork.
struct Contents {
    std::vector<std::map<std::string, std::string>> scopes;
    std::map<std::string, std::uint64_t> blobs;  // content and references

    friend bool operator==(const Contents&, const Contents&) = default;
};

// The same transactions for the same seed. Some of them shall fail, in every engine alike.
class RandomWork {
public:
    explicit RandomWork(std::uint64_t seed);
    // Goes on from what an engine holds.
    RandomWork(std::uint64_t seed, Contents start) : random_(seed), contents_(std::move(start)) {}

    struct Step;
    struct Item {
        std::vector<Part> parts;  // to be committed all or none
        bool succeeds = true;
    };
    Item next();
    // What an engine holds that has committed everything so far, and nothing else.
    const Contents& contents() const { return contents_; }

private:
    Step make_step(Contents& after);

    std::mt19937_64 random_;
    Contents contents_;
};

// How many transactions of RandomWork an engine holds: they count themselves.
Result<std::uint64_t> committed(Engine& engine);
std::uint64_t committed(const Contents& contents);

// In what an engine is not as expected, its own check included.
std::vector<std::string> differences(Engine& engine, const Contents& expected);

}  // namespace hongyan::engine
