#include "classify/model_record.h"

#include <algorithm>
#include <limits>

#include "base/bytes.h"

namespace hongyan::classify {

namespace {

constexpr std::size_t longest_slot = 5 + 3 + 3 + 3;  // bytes

Error damaged(std::string_view what) { return {Error::Kind::corrupt, std::string(what)}; }

template <typename Number>
bool take(std::string_view& in, Number& number, std::uint64_t most) {
    const auto value = bytes::take_varint(in);
    if (!value || *value > most) return false;
    number = static_cast<Number>(*value);
    return true;
}

bool take_weight(std::string_view& in, std::int16_t& weight) {
    const auto value = bytes::take_varint(in);
    if (!value) return false;
    const auto number = bytes::unzigzag(*value);
    if (number < std::numeric_limits<std::int16_t>::min() ||
        number > std::numeric_limits<std::int16_t>::max())
        return false;
    weight = static_cast<std::int16_t>(number);
    return true;
}

bool take_slot(std::string_view& in, Slot& slot) {
    constexpr auto most = std::numeric_limits<std::uint16_t>::max();
    return take_weight(in, slot.weight) && take(in, slot.junk, most) && take(in, slot.good, most);
}

void put_slot(std::string& out, std::size_t gap, const Slot& slot) {
    bytes::put_varint(out, gap);
    bytes::put_varint(out, bytes::zigzag(slot.weight));
    bytes::put_varint(out, slot.junk);
    bytes::put_varint(out, slot.good);
}

enum : std::uint8_t { junk_bit = 1, taken_back_bit = 2, known_bits = 3 };

}  // namespace

ModelHead ModelRecord::head(const Model& model) {
    return {.bits = model.bits_, .junk = model.junk_, .good = model.good_};
}

std::vector<std::string> ModelRecord::pieces(const Model& model, std::size_t most) {
    std::vector<std::string> pieces;
    std::size_t next = 0;  // the first slot that a gap of 0 would mean
    for (std::size_t i = 0; i < model.weights_.size(); ++i) {
        const auto slot = model.slot(i);
        if (slot == Slot{}) continue;
        if (pieces.empty() || pieces.back().size() + longest_slot > most) {
            pieces.emplace_back();
            next = 0;  // each piece stands by itself
        }
        put_slot(pieces.back(), i - next, slot);
        next = i + 1;
    }
    return pieces;
}

Result<Model> ModelRecord::read(const ModelHead& head, std::span<const std::string> pieces) {
    if (head.bits < min_bits || head.bits > max_bits)
        return std::unexpected(damaged("a model of no allowed size"));
    Model model(head.bits);
    model.junk_ = head.junk;
    model.good_ = head.good;
    for (std::string_view rest : pieces) {
        std::size_t next = 0;
        while (!rest.empty()) {
            std::size_t gap = 0;
            Slot slot;
            if (!take(rest, gap, model.weights_.size()) || !take_slot(rest, slot) ||
                next + gap >= model.weights_.size())
                return std::unexpected(damaged("a piece of a model that is none"));
            next += gap;
            model.weights_[next] = slot.weight;
            model.counts_[next] = {.junk = slot.junk, .good = slot.good};
            ++next;
        }
    }
    return model;
}

std::string encode(const Lesson& lesson) {
    std::string out;
    out += static_cast<char>((lesson.label == Label::junk ? junk_bit : 0) |
                             (lesson.taken_back ? taken_back_bit : 0));
    bytes::put_varint(out, bytes::zigzag(lesson.step));
    std::uint32_t next = 0;
    for (const auto slot : lesson.slots) {
        bytes::put_varint(out, slot - next);
        next = slot + 1;
    }
    return out;
}

Result<Lesson> decode_lesson(std::string_view bytes) {
    Lesson lesson;
    if (bytes.empty()) return std::unexpected(damaged("an empty lesson"));
    const auto kind = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (kind > known_bits || !take_weight(bytes, lesson.step))
        return std::unexpected(damaged("a lesson of no known kind"));
    lesson.label = (kind & junk_bit) != 0 ? Label::junk : Label::good;
    lesson.taken_back = (kind & taken_back_bit) != 0;
    std::uint64_t next = 0;
    while (!bytes.empty()) {
        std::uint32_t gap = 0;
        if (!take(bytes, gap, (1U << max_bits) - 1) || next + gap >= (1U << max_bits) ||
            lesson.slots.size() >= max_features)
            return std::unexpected(damaged("a lesson about features that cannot be"));
        lesson.slots.push_back(static_cast<std::uint32_t>(next + gap));
        next += gap + 1;
    }
    return lesson;
}

}  // namespace hongyan::classify
