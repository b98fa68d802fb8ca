#include "classify/model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace hongyan::classify {

namespace {

// Logistic regression, one message after another. Found by measurement (docs/decisions/0041).
constexpr double rate = 15;
constexpr double known_well = 0.1;  // an error below this is none
constexpr int most_steps = 2;       // towards the label, for one message

// As many messages of the rarer kind make half of the belief.
constexpr double half_believed = 20;

double probability(double odds) { return 1 / (1 + std::exp(-odds)); }

// A message of many features counts no more than one of few.
double scale(const Features& features) { return 1 / std::sqrt(static_cast<double>(features.size()) + 1); }

std::int16_t clamped(double weight) {
    constexpr double limit = std::numeric_limits<std::int16_t>::max();
    return static_cast<std::int16_t>(std::clamp(std::round(weight), -limit, limit));
}

void count(std::uint16_t& seen, bool taken_back) {
    if (taken_back) {
        seen -= seen > 0 ? 1 : 0;
    } else {
        seen += seen < std::numeric_limits<std::uint16_t>::max() ? 1 : 0;
    }
}
void count(std::uint64_t& seen, bool taken_back) {
    if (!taken_back) {
        ++seen;
    } else if (seen > 0) {
        --seen;
    }
}

}  // namespace

Model::Model(unsigned bits) : bits_(bits), weights_(std::size_t{1} << bits), counts_(weights_.size()) {
    check(bits >= min_bits && bits <= max_bits, "a model has a size that is allowed");
}

std::int64_t Model::weight(std::span<const std::uint64_t> hashes) const {
    constexpr std::size_t ahead = 32;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        expect(hashes[std::min(i + ahead, hashes.size() - 1)]);
        sum += weight(hashes[i]);
    }
    return sum;
}

double Model::weigh(const Features& features) const {
    auto sum = weight(features.fragments());
    for (const auto& feature : features.worded()) sum += weight(feature.hash);
    return odds_of(sum, features);
}

Lesson Model::lesson(const Features& features, Label label, double known) const {
    const double wanted = label == Label::junk ? 1 : 0;
    const double x = scale(features);
    const double moved = x * static_cast<double>(features.size());  // the odds, by a step of one
    double step = 0;
    for (int i = 0; i < most_steps; ++i) {
        const double error = wanted - probability(known + step * moved);
        if (std::abs(error) < known_well) break;
        step += rate * error * x;
    }
    return made(features, label, step);
}

Lesson Model::unlesson(const Features& features, Label label, double known) const {
    auto lesson = this->lesson(features, other(label), known);
    lesson.label = label;
    lesson.taken_back = true;
    return lesson;
}

Lesson Model::made(const Features& features, Label label, double step) const {
    Lesson lesson{.label = label, .step = clamped(step * weight_unit), .slots = {}};
    lesson.slots.reserve(features.size());
    const auto add = [&](std::uint64_t hash) {
        lesson.slots.push_back(static_cast<std::uint32_t>(index(hash)));
    };
    for (const auto& feature : features.worded()) add(feature.hash);
    std::ranges::for_each(features.fragments(), add);
    std::ranges::sort(lesson.slots);
    const auto twice = std::ranges::unique(lesson.slots);
    lesson.slots.erase(twice.begin(), twice.end());
    return lesson;
}

void Model::learn(const Lesson& lesson) {
    count(lesson.label == Label::junk ? junk_ : good_, lesson.taken_back);
    for (const auto slot : lesson.slots) {
        const auto index = slot & (weights_.size() - 1);
        weights_[index] = clamped(weights_[index] + lesson.step);
        auto& [junk, good] = counts_[index];
        count(lesson.label == Label::junk ? junk : good, lesson.taken_back);
    }
}

std::uint64_t Model::slots_in_use() const {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < weights_.size(); ++i) count += slot(i) != Slot{} ? 1 : 0;
    return count;
}

double odds_of(std::int64_t weight, const Features& features) {
    return static_cast<double>(weight) / weight_unit * scale(features);
}

double confidence(std::uint64_t junk, std::uint64_t good) {
    const auto fewer = static_cast<double>(std::min(junk, good));
    return fewer / (fewer + half_believed);
}

}  // namespace hongyan::classify
