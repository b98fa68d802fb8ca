#include "admin/command.h"

#include <charconv>

#include "base/check.h"
#include "base/exit_code.h"
#include "config/units.h"

namespace hongyan::admin {

const std::vector<std::string>& Values::texts(std::string_view name) const {
    static const std::vector<std::string> none;
    const auto found = values_.find(name);
    return found == values_.end() ? none : found->second;
}

const std::string& Values::text(std::string_view name) const {
    const auto& all = texts(name);
    check(!all.empty(), "the command line gave every required argument");
    return all.front();
}

std::string Values::text_or(std::string_view name, std::string_view fallback) const {
    return given(name) ? text(name) : std::string(fallback);
}

Result<std::uint64_t> Values::number_or(std::string_view name, std::uint64_t fallback,
                                        std::uint64_t max) const {
    if (!given(name)) return fallback;
    const auto& digits = text(name);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size() || number > max)
        return fail(Error::Kind::invalid, "--{} takes a whole number from 0 to {}, not \"{}\"", name, max,
                    digits);
    return number;
}

Result<std::chrono::milliseconds> Values::length(std::string_view name) const {
    constexpr auto longest = std::chrono::years(100);
    TRY(const auto length, config::parse_duration(text(name)));
    if (length < std::chrono::seconds(1) || length > longest)
        return fail(Error::Kind::invalid, "--{} takes a time from a second to a hundred years, not \"{}\"",
                    name, text(name));
    return length;
}

void Call::show(const Listing& listing) const {
    console.out(values.given(json_flag.name) ? listing.json() : listing.table());
}

LongListing Call::show_pages(std::vector<Column> columns) const {
    return {std::move(columns), values.given(json_flag.name), console.out};
}

Result<void> Call::is_wanted() const {
    if (console.is_gone && console.is_gone())
        return fail(Error::Kind::unavailable, "broken off: nobody waits for it any more");
    return {};
}

int run(const Command& command, const Call& call) {
    const auto done = [&]() -> Result<void> {
        try {
            return command.run(call);
        } catch (const BrokenInvariant& broken) {
            return fail(Error::Kind::internal, "{}", broken.what());
        }
    }();
    if (done) return EX_OK;
    call.console.err(fmt::format("hongyan: {}\n", done.error().message));
    return exit_code(done.error().kind);
}

}  // namespace hongyan::admin
