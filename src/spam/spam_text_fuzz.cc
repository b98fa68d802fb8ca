// What strangers write and what operators write about lists: no bytes break what reads them.
#include <cstdint>

#include "base/check.h"
#include "spam/dnsbl.h"
#include "spam/links.h"
#include "spam/manners.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hongyan;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto rule = spam::ListRule::parse(text)) check(!rule->zone.is_root(), "a list has a zone");
    check(spam::link_domains(text).size() <= spam::most_link_domains, "so many and no more");
    for (const auto& finding : spam::look_at_hello(text, "192.0.2.1", {.hostname = "mail.here.test"}))
        check(finding.words.find('\n') == finding.words.npos, "a finding is one line");
    return 0;
}
