// Whatever a message and its key records hold, the verdict comes. Lines of the input until an empty one are
// records.
#include <cstdint>

#include "base/check.h"
#include "verify/arc.h"
#include "verify/tag_list.h"

namespace {

using namespace hongyan;
using namespace hongyan::verify;

constexpr std::string_view key =
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";  // RFC 8463 A.2

template <typename Outcome>
Outcome conclude(std::function<std::optional<Outcome>(KnownAnswers&)> machine, std::string_view record) {
    Inquiry<Outcome> inquiry(std::move(machine));
    for (auto open = inquiry.questions(); !open.empty(); open = inquiry.questions())
        for (const auto& question : open) {
            dns::RawAnswer answer{.status = dns::Status::found, .canonical = question.name};
            answer.records = {dns::Txt{std::string(key)}.to_rdata(),
                              dns::Txt{std::string(record)}.to_rdata()};
            inquiry.answer(question, answer);
        }
    return inquiry.outcome();
}

void check_texts(std::string_view text) {
    if (const auto tags = TagList::parse(text))
        for (const auto& tag : tags->tags()) check(tags->find(tag.name) == tag.value, "names are there once");
    if (const auto parsed = DkimKey::parse(text)) {
        const auto again = DkimKey::parse(parsed->to_record());
        check(again && again->octets == parsed->octets, "a key goes round");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto record = text.substr(0, text.find('\n'));
    check_texts(record);
    text.remove_prefix(std::min(text.size(), record.size() + 1));
    const auto mail = Mail::whole(text);
    const auto report = conclude<DkimReport>(
        [&](KnownAnswers& answers) { return verify_dkim(*mail, Instant{}, answers); }, record);
    check(report.signatures.size() <= most_signatures + 1, "a crowd has an end");
    const auto chain = conclude<ArcOutcome>(
        [&](KnownAnswers& answers) { return verify_arc(*mail, Instant{}, answers); }, record);
    check(chain.instances <= 50, "a chain has an end");
    return 0;
}
