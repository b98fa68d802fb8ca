// Any bytes are a message that can be taken apart, learned and judged in words; any bytes are a lesson or a
// piece of a model, or are refused, and what is read is written as it was.
#include <cmath>
#include <cstdint>

#include "base/check.h"
#include "classify/features.h"
#include "classify/model_record.h"
#include "classify/verdict.h"
#include "message/utf8.h"

namespace {

using namespace hongyan;
using namespace hongyan::classify;

void examine_message(std::string_view raw) {
    const auto seen = look_at(raw, std::nullopt);
    check(seen.features.size() <= max_features, "features are bounded");
    Model model(min_bits + 2);
    const auto lesson = model.lesson(seen.features, Label::junk, 0);
    for (int i = 0; i < 3; ++i) model.learn(lesson);
    check(decode_lesson(encode(lesson)) == lesson, "a lesson is kept as it is");
    const auto verdict = judge(seen, {.shared = &model});
    check(std::isfinite(verdict.points), "a score is a number");
    for (const auto& line : verdict.lines) {
        check(message::valid_utf8(line.words), "words are for people");
        check(line.words.find_first_of("\r\n") == std::string::npos, "words stand on one line");
    }
}

void examine_records(std::string_view bytes) {
    if (const auto lesson = decode_lesson(bytes)) Model(min_bits).learn(*lesson);
    const std::vector<std::string> pieces{std::string(bytes)};
    if (const auto model = ModelRecord::read({.bits = min_bits, .junk = 1, .good = 1}, pieces))
        check(ModelRecord::read(ModelRecord::head(*model), ModelRecord::pieces(*model, 1'000)) == model,
              "a model is kept as it is");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    examine_message(bytes);
    examine_records(bytes);
    return 0;
}
