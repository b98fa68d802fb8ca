#include "bench/load/report.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace hongyan::load {

namespace {

std::optional<double> value_in(const Report& report, std::string_view name) {
    const auto found = std::ranges::find(report.figures, name, &Report::Figure::name);
    return found == report.figures.end() ? std::nullopt : std::optional(found->value);
}

std::vector<std::string> names_of(const std::vector<Report>& reports) {
    std::vector<std::string> names;
    for (const auto& report : reports)
        for (const auto& figure : report.figures)
            if (std::ranges::find(names, figure.name) == names.end()) names.push_back(figure.name);
    return names;
}

std::string shown(std::optional<double> value) {
    if (!value) return "-";
    const bool whole = std::abs(*value) >= 100 || *value == std::floor(*value);
    return whole ? fmt::format("{:.0f}", *value) : fmt::format("{:.2f}", *value);
}

using Row = std::vector<std::string>;

std::string aligned(const std::vector<Row>& rows) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    std::string out;
    for (const auto& row : rows) {
        out += fmt::format("{:<{}}", row[0], widths[0]);
        for (std::size_t i = 1; i < row.size(); ++i) out += fmt::format("  {:>{}}", row[i], widths[i]);
        out += '\n';
    }
    return out;
}

}  // namespace

void Latencies::add(std::chrono::steady_clock::duration took) {
    const auto count = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
    microseconds_.push_back(static_cast<std::uint32_t>(
        std::clamp<decltype(count)>(count, 0, std::numeric_limits<std::uint32_t>::max())));
}

double Latencies::percentile(double share) {
    if (microseconds_.empty()) return 0;
    const auto size = microseconds_.size();
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(size)));
    const auto place =
        microseconds_.begin() + static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(rank, 1, size) - 1);
    std::ranges::nth_element(microseconds_, place);
    return *place;
}

std::string table_of(const std::vector<Report>& reports) {
    const auto names = names_of(reports);
    std::vector<Row> rows{{"phase"}};
    rows.front().insert(rows.front().end(), names.begin(), names.end());
    for (const auto& report : reports) {
        Row row{report.phase};
        for (const auto& name : names) row.push_back(shown(value_in(report, name)));
        rows.push_back(std::move(row));
    }
    return aligned(rows);
}

std::string json_of(const std::vector<Report>& reports) {
    boost::json::array all;
    for (const auto& report : reports) {
        boost::json::object one{{"phase", report.phase}};
        for (const auto& figure : report.figures) one[figure.name] = figure.value;
        all.push_back(std::move(one));
    }
    return boost::json::serialize(all) + "\n";
}

}  // namespace hongyan::load
