// Whatever is taken as a date lies within the years we promise, and reads back from each of its forms.
#include <cstdint>
#include <cstdlib>

#include "base/check.h"
#include "message/date.h"

namespace {

using namespace hongyan;
using namespace hongyan::message;

void examine(const DateTime& date) {
    using std::chrono::sys_days;
    check(date.instant >= sys_days(std::chrono::year(1900) / 1 / 1) &&
              date.instant < sys_days(std::chrono::year(10000) / 1 / 1),
          "a date is of 1900 to 9999");
    check(std::abs(date.zone) < 24 * 60, "a zone is within a day");
    const auto local = date.instant + std::chrono::minutes(date.zone);
    const bool year_has_four_digits = local >= sys_days(std::chrono::year(1900) / 1 / 1) &&
                                      local < sys_days(std::chrono::year(10000) / 1 / 1);
    if (!year_has_four_digits) return;
    check(parse_date(format_date(date.instant, date.zone)) == date, "a Date field reads back");
    check(parse_internal_date(format_internal_date(date.instant, date.zone)) == date,
          "INTERNALDATE reads back");
    check(parse_asctime(format_asctime(date.instant)) == date.instant, "a From_ line reads back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const auto& date : {parse_date(text), parse_internal_date(text)})
        if (date) examine(*date);
    if (const auto day = parse_search_date(text)) examine({*day, 0});
    return 0;
}
