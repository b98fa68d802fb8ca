// The records of counts and of reports that are kept.
#include <cstdint>

#include "base/check.h"
#include "reports/archive.h"
#include "reports/counts.h"
#include "reports/destinations.h"

using namespace hongyan;

namespace {

template <typename Value>
void check_round_trip(std::string_view record) {
    if (const auto read = Value::from_record(record))
        check(Value::from_record(read->to_record()) == read, "a record goes round");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_round_trip<reports::DomainDay>(text);
    check_round_trip<reports::DaySums>(text);
    check_round_trip<reports::Failure>(text);
    if (const auto row = reports::row_from_record(text))
        check(reports::row_from_record(to_record(*row)) == row, "a row goes round");
    if (const auto kept = reports::kept_from_record(text))
        check(reports::kept_from_record(to_record(*kept))->outline == kept->outline, "an outline goes round");
    (void)reports::keys::parse_day(text);
    (void)reports::keys::parse_sums(text);
    (void)reports::parse_destination(text);
    return 0;
}
