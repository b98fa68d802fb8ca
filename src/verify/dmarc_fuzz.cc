// DMARC records, From fields and Authentication-Results of any kind. The first line is what DNS has, the rest
// a header.
#include <cstdint>

#include "base/check.h"
#include "verify/authentication_results.h"

namespace {

using namespace hongyan;
using namespace hongyan::verify;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr int most_questions = 200;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto record = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), record.size() + 1));
    if (const auto read = DmarcRecord::parse(record))
        check(read->record.percent <= 100, "a percentage is one");
    const std::string hosts[] = {"mx.example.com"};
    const auto clean = without_forged_results(text, hosts);
    check(clean.size() <= text.size() && without_forged_results(clean, hosts) == clean, "once is enough");
    const auto mail = Mail::whole(text);
    const SpfOutcome spf{.verdict = SpfVerdict::pass, .domain = "a.example.com"};
    Inquiry<DmarcOutcome> inquiry(
        [&](KnownAnswers& answers) { return check_dmarc(authors_of(mail->header()), spf, {}, answers); });
    int asked = 0;
    for (auto open = inquiry.questions(); !open.empty(); open = inquiry.questions())
        for (const auto& question : open) {
            check(++asked < most_questions, "a check ends");
            dns::RawAnswer answer{.status = dns::Status::no_domain, .canonical = question.name};
            if (question.name.text() == "_dmarc.example.com") {
                answer.status = dns::Status::found;
                answer.records = {dns::Txt{std::string(record)}.to_rdata()};
            }
            inquiry.answer(question, answer);
        }
    const MethodResult results[] = {result_of(inquiry.outcome(), DmarcPolicy::none)};
    check(results_host(authentication_results("mx.example.com", results)) == "mx.example.com",
          "ours are known");
    return 0;
}
