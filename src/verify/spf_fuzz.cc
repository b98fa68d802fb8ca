// Whatever records and explanations say, a check ends, within its limits. The lines of the input are what DNS
// says to one question after the other.
#include <cstdint>

#include "base/check.h"
#include "verify/spf.h"

namespace {

using namespace hongyan;
using namespace hongyan::verify;

std::string_view take_line(std::string_view& text) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

dns::RawAnswer answer(const dns::Question& question, std::string_view line) {
    if (line.empty()) return {.status = dns::Status::no_data, .canonical = question.name};
    if (line == "!") return {.status = dns::Status::failed, .canonical = question.name};
    dns::RawAnswer found{.status = dns::Status::found, .canonical = question.name};
    found.records.push_back(question.type == dns::Type::txt ? dns::Txt{std::string(line)}.to_rdata()
                                                            : std::string(line));
    return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr int most_questions = 300;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const SpfQuery query{.client = *dns::IpAddress::parse("192.0.2.1"),
                         .helo = std::string(take_line(text)),
                         .sender = std::string(take_line(text))};
    if (const auto record = parse_spf_record(text)) check(is_spf_record(text), "a record has a version");
    Inquiry<SpfOutcome> inquiry(
        [&](KnownAnswers& answers) { return check_spf(query, SpfIdentity::mail_from, answers); });
    int asked = 0;
    for (auto open = inquiry.questions(); !open.empty(); open = inquiry.questions())
        for (const auto& question : open) {
            check(++asked < most_questions, "a check ends");
            inquiry.answer(question, answer(question, take_line(text)));
        }
    const auto& outcome = inquiry.outcome();
    check(outcome.explanation.empty() || outcome.verdict == SpfVerdict::fail, "only a fail is explained");
    check(outcome.explanation.size() <= 2'000, "an explanation has an end");
    check(std::ranges::all_of(outcome.explanation, [](char c) { return c >= ' ' && c <= '~'; }),
          "an explanation can be part of a reply");
    const auto field = received_spf(query, outcome);
    check(field.find("\r\n\r\n") == field.npos && field.ends_with("\r\n"), "a field is one field");
    return 0;
}
