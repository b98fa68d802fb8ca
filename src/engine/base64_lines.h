// Lines of base64 as mail carries attachments (RFC 2045 §6.8), kept as the bytes they stand for: a quarter
// less to compress, and nothing that a compressor could do worse than taking six bits out of eight.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hongyan::engine {

// Lines that follow each other, each ended by CRLF. All have `width` characters but the last, which may have
// fewer.
struct Base64Run {
    std::uint64_t before = 0;  // bytes between the run before and this one
    std::uint32_t width = 0;   // characters of a line without its CRLF, a multiple of four
    std::uint64_t bytes = 0;   // that the lines stand for

    friend bool operator==(const Base64Run&, const Base64Run&) = default;
};

// A text whose runs of base64 are bytes. What stands between them is as it was.
struct Folded {
    std::vector<Base64Run> runs;
    std::string bytes;
};

// Nothing where there is too little base64 to be worth it. Otherwise unfolding gives the same text, to the
// byte.
std::optional<Folded> fold_base64(std::string_view text);

// Bytes of the text that `folded` bytes become; nothing where the runs do not fit into them.
std::optional<std::uint64_t> unfolded_size(std::span<const Base64Run> runs, std::uint64_t folded);

// Writes the text to `out`, which has room for as many bytes as unfolded_size() says. `folded` must fit the
// runs.
void unfold_base64(std::span<const Base64Run> runs, std::string_view folded, char* out);

// Runs as bytes: before, width / 4, bytes, each as a varint, one run after another.
std::string encode_runs(std::span<const Base64Run> runs);
Result<std::vector<Base64Run>> decode_runs(std::string_view bytes);

}  // namespace hongyan::engine
