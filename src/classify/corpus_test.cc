// How good the classifier is on real mail (tools/fetch-corpus; docs/decisions/0041 has the figures and what
// they mean). The corpus is put in the order in which it came: by the topmost Received field whose date can
// be read, else by Date; equal moments in the order of the files. The older half of the 6,046 messages is
// learned, one by one, and the newer half is tested, in two ways: with what the older half taught; and as
// mail comes in, where each message is judged first and its true label learned afterwards.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "classify/features.h"
#include "classify/verdict.h"
#include "message/date.h"
#include "message/field.h"
#include "message/mailbox_file.h"
#include "message/structure.h"

namespace hongyan::classify {
namespace {

struct Sample {
    Label label;
    std::optional<Instant> received;
    Instant came;
    std::size_t number;  // of the file
    std::string raw;
};

struct When {
    std::optional<Instant> received, written;
};
When when_of(std::string_view header) {
    When when;
    for (const auto& field : message::Fields(header)) {
        const bool is_received = field.is("Received");
        auto& date = is_received ? when.received : when.written;
        if (date || (!is_received && !field.is("Date"))) continue;
        const auto semicolon = field.value.rfind(';');
        const auto text = is_received && semicolon != std::string_view::npos
                              ? field.value.substr(semicolon + 1)
                              : field.value;
        if (const auto read = message::parse_date(text)) date = read->instant;
    }
    return when;
}

std::vector<Sample> read_corpus(const std::filesystem::path& folder) {
    std::vector<Sample> samples;
    for (const auto* const group : {"easy-ham-1", "easy-ham-2", "hard-ham-1", "spam-1", "spam-2"}) {
        const auto label = std::string_view(group).starts_with("spam") ? Label::junk : Label::good;
        const auto count =
            message::read_mailbox(folder / group, [&](const message::FoundMessage& found) -> Result<void> {
                const auto when = when_of(message::header_of(message::parse(found.raw).root(), found.raw));
                const auto came = when.received ? when.received : when.written;
                samples.push_back(
                    {label, when.received, came.value_or(Instant()), samples.size(), std::string(found.raw)});
                return {};
            });
        EXPECT_TRUE(count) << group;
    }
    std::ranges::sort(samples, {},
                      [](const Sample& sample) { return std::pair(sample.came, sample.number); });
    return samples;
}

struct Tally {
    double good = 0, taken_for_junk = 0, junk = 0, caught = 0;

    void add(Label label, bool is_junk) {
        (label == Label::junk ? junk : good) += 1;
        if (is_junk) (label == Label::junk ? caught : taken_for_junk) += 1;
    }
    double errors() const { return 100 * taken_for_junk / good; }
    double recall() const { return 100 * caught / junk; }
};

struct Outcome {
    Tally rules, at_once, as_it_comes;
};
void teach(Model& model, const Seen& seen, Label label) {
    model.learn(model.lesson(seen.features, label, model.weigh(seen.features)));
}
bool is_junk(const Seen& seen, const Knowledge& knowledge) {
    return points_of(seen, knowledge) >= junk_points;
}

Outcome evaluate(const std::vector<Sample>& samples, const Without& without) {
    Outcome outcome;
    Model learned(shared_bits);
    std::optional<Model> at_half;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto& sample = samples[i];
        const auto seen = look_at(sample.raw, sample.received, without);
        outcome.rules.add(sample.label, is_junk(seen, {}));
        if (i == samples.size() / 2) at_half = learned;
        if (at_half) {
            outcome.at_once.add(sample.label, is_junk(seen, {.shared = &*at_half}));
            outcome.as_it_comes.add(sample.label, is_junk(seen, {.shared = &learned}));
        }
        teach(learned, seen, sample.label);
    }
    return outcome;
}

void print(std::string_view name, const Outcome& outcome) {
    const auto line = [](const Tally& tally) {
        return fmt::format("good mail taken for junk {} of {} ({:.2f} %), junk caught {} of {} ({:.2f} %)",
                           tally.taken_for_junk, tally.good, tally.errors(), tally.caught, tally.junk,
                           tally.recall());
    };
    fmt::print("{}:\n  rules alone, all mail: {}\n  learned once: {}\n  learning on: {}\n", name,
               line(outcome.rules), line(outcome.at_once), line(outcome.as_it_comes));
}

TEST(RealMail, IsToldFromJunk) {
    const char* const folder = std::getenv("HONGYAN_CORPUS");
    if (folder == nullptr) GTEST_SKIP() << "HONGYAN_CORPUS is not set: no real mail was looked at";
    const auto samples = read_corpus(std::filesystem::path(folder) / "messages");
    ASSERT_EQ(samples.size(), 6'046U);
    const auto outcome = evaluate(samples, {});
    print("as in service", outcome);
    EXPECT_LE(outcome.as_it_comes.errors(), 0.2);
    EXPECT_GE(outcome.as_it_comes.recall(), 97);
    EXPECT_LE(outcome.at_once.errors(), 0.5);
    EXPECT_GE(outcome.at_once.recall(), 93);
    EXPECT_LE(outcome.rules.errors(), 0.05);
    EXPECT_GE(outcome.rules.recall(), 1.5);
    if (std::getenv("HONGYAN_MEASURE") == nullptr) return;
    print("without the marks of lists", evaluate(samples, {.list_marks = true}));
    print("without the sender's name and domain", evaluate(samples, {.sender = true}));
    print("without the header but for subject and sender", evaluate(samples, {.header = true}));
    print("without pairs of words", evaluate(samples, {.pairs = true}));
}

}  // namespace
}  // namespace hongyan::classify
