// Whatever strangers have said, our field is one field with our results in it. Each line of the input is what
// stands in a result of its own.
#include <cstdint>

#include "base/check.h"
#include "verify/authentication_results.h"
#include "verify/quoting.h"
#include "verify/results_grammar_for_test.h"
#include "verify/tag_list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hongyan;
    using namespace hongyan::verify;
    constexpr std::size_t most_results = 30;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    check(from_quoted_printable(to_quoted_printable(text)) == text, "an identity goes round");
    std::vector<MethodResult> results;
    std::vector<std::string> expected;
    while (!text.empty() && results.size() < most_results) {
        const std::string line(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        results.push_back({.method = "dkim",
                           .result = "fail",
                           .comment = line,
                           .properties = {{"header.d", line}, {"header.i", "@" + line}}});
        expected.emplace_back("dkim=fail");
    }
    const auto value = authentication_results("mx.test", results);
    ResultsGrammar read(value);
    check(is_text_of_a_field(value), "it is one field");
    check(read.is_payload() && read.results() == expected, "it says what we found");
    check(results_host(value) == "mx.test" && !claims_pass(value, "dkim"), "we read it so, too");
    return 0;
}
