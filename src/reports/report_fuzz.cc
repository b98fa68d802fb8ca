// A report that may be anything: packed, XML, JSON, or a mail around it.
#include <cstdint>

#include "base/check.h"
#include "reports/reading.h"
#include "reports/unpack.h"

using namespace hongyan;

namespace {

// What was read is tidy: written and read again it is the same, but for addresses written in full.
void check_round_trip(const reports::AggregateReport& report) {
    const auto once = reports::parse_aggregate(reports::to_xml(report));
    check(once.has_value(), "what we write can be read");
    const auto twice = reports::parse_aggregate(reports::to_xml(*once));
    check(twice == once, "a report goes round");
    check(once->rows.size() == report.rows.size() && once->messages() == report.messages(),
          "no row is lost on the way");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t most = 100'000;
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    if (const auto content = reports::unpack(octets, most))
        check(content->size() <= most, "what is unpacked has a limit");
    const auto found = reports::read_file(octets);
    if (!found) return 0;
    for (const auto& report : *found) {
        const auto outline = reports::outline_of(report);
        check(!outline.domain.empty() && !outline.id.empty(), "a report has a name");
        if (const auto* aggregate = std::get_if<reports::AggregateReport>(&report))
            check_round_trip(*aggregate);
    }
    return 0;
}
