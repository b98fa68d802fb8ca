#include <boost/json.hpp>

#include "admin/report_view.h"
#include "admin/services.h"
#include "admin/tables.h"
#include "base/file.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

constexpr std::size_t largest_mail = std::size_t{256} << 20U;

Result<void> parse(const Call& call) {
    const auto file = call.values.text_or("file", "-");
    TRY(const auto octets,
        file == "-" ? Result<std::string>(call.console.input) : read_file(call.path(file), largest_mail));
    TRY(const auto found, reports::read_file(octets));
    if (call.values.given(json_flag.name)) {
        boost::json::array all;
        for (const auto& report : found) all.push_back(object_of(report));
        call.say(boost::json::serialize(all));
        return {};
    }
    for (const auto& report : found) show_report(call, report);
    return {};
}

}  // namespace

std::span<const Command> report_file_commands() {
    static constexpr Argument arguments[] = {
        {"file", Kind::optional,
         "A mail, or what is attached to it: XML or JSON, packed or not (default: standard input)"},
        {"json", Kind::flag, "Print a JSON array of reports with all that is in them"},
    };
    static constexpr Command rows[] = {
        {"report", "parse", "Read a report of DMARC (RFC 7489) or of TLS (RFC 8460) that somebody has sent",
         arguments, Needs::settings, &parse, Reads::without_file},
    };
    return rows;
}

}  // namespace hongyan::admin
