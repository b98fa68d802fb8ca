// Text that compresses as mail does: made-up words, a few of them common and most of them rare.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace hongyan::load {

// The same for the same seed, on every machine: only the generator itself is used, no distribution of the
// library.
class Prose {
public:
    explicit Prose(std::uint64_t seed);

    // In [0, 1).
    double fraction();
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    std::string sentence();
    // Paragraphs of about so many bytes, the last line cut where the size is reached.
    std::string text(std::size_t size);
    std::string chinese_text(std::size_t size);
    // The text as a web-like page with tables and styles around it.
    std::string page(std::size_t size, bool chinese);
    // What a picture or an archive looks like: nothing to compress.
    std::string noise(std::size_t size);

private:
    const std::string& word();

    std::mt19937_64 random_;
    std::vector<std::string> words_;
};

}  // namespace hongyan::load
