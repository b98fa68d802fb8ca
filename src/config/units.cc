#include "config/units.h"

#include <optional>
#include <span>

#include "base/scanner.h"

namespace hongyan::config {

namespace {

struct Unit {
    std::string_view name;
    std::uint64_t size;
    bool written;  // also used when we write
};

// Largest first, so that writing finds the largest that fits.
constexpr Unit byte_units[] = {
    {"TiB", TiB, true}, {"TB", 1'000'000'000'000, false}, {"GiB", GiB, true}, {"GB", 1'000'000'000, false},
    {"MiB", MiB, true}, {"MB", 1'000'000, false},         {"KiB", KiB, true}, {"kB", 1'000, false},
    {"B", 1, true},
};
constexpr Unit time_units[] = {
    {"d", 24ULL * 3600 * 1000, true},
    {"h", 3600ULL * 1000, true},
    {"min", 60ULL * 1000, true},
    {"s", 1000, true},
    {"ms", 1, true},
};

// quantity = "0" / number *blank unit
std::optional<std::uint64_t> parse_quantity(std::string_view text, std::span<const Unit> units) {
    Scanner in(text);
    const auto number = in.number<std::uint64_t>();
    in.skip_blanks();
    if (in.complete() && number == 0) return 0;
    const auto unit =
        std::ranges::find_if(units, [&](const Unit& u) { return ascii::iequals(u.name, in.rest()); });
    std::uint64_t size = 0;
    if (in.failed() || unit == units.end() || __builtin_mul_overflow(number, unit->size, &size) ||
        size > INT64_MAX)
        return std::nullopt;
    return size;
}

std::string write_quantity(std::uint64_t size, std::span<const Unit> units) {
    if (size == 0) return "0";
    const auto unit =
        std::ranges::find_if(units, [&](const Unit& u) { return u.written && size % u.size == 0; });
    return fmt::format("{} {}", size / unit->size, unit->name);
}

}  // namespace

Result<std::uint64_t> parse_bytes(std::string_view text) {
    if (const auto size = parse_quantity(text, byte_units)) return *size;
    return fail(Error::Kind::invalid, "\"{}\" is not a size such as \"64 MiB\" (B, KiB, MiB, GiB, TiB)",
                text);
}
std::string bytes_to_string(std::uint64_t bytes) { return write_quantity(bytes, byte_units); }

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
    if (const auto size = parse_quantity(text, time_units))
        return std::chrono::milliseconds(static_cast<std::int64_t>(*size));
    return fail(Error::Kind::invalid, "\"{}\" is not a time such as \"5 min\" (ms, s, min, h, d)", text);
}
std::string duration_to_string(std::chrono::milliseconds duration) {
    return write_quantity(static_cast<std::uint64_t>(duration.count()), time_units);
}

}  // namespace hongyan::config
