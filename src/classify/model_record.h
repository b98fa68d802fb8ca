// A model and its lessons as bytes. Grammar: docs/formats/classify.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "classify/model.h"

namespace hongyan::classify {

// What a model is, without its slots.
struct ModelHead {
    unsigned bits = 0;
    std::uint64_t junk = 0;
    std::uint64_t good = 0;

    friend bool operator==(const ModelHead&, const ModelHead&) = default;
};

class ModelRecord {
public:
    static ModelHead head(const Model& model);
    // The slots in use, in pieces of at most `most` bytes (100 or more); none where nothing was learned.
    static std::vector<std::string> pieces(const Model& model, std::size_t most);
    // corrupt where a piece is none, or does not fit the head.
    static Result<Model> read(const ModelHead& head, std::span<const std::string> pieces);
};

std::string encode(const Lesson& lesson);
// corrupt on anything that encode() does not write.
Result<Lesson> decode_lesson(std::string_view bytes);

}  // namespace hongyan::classify
