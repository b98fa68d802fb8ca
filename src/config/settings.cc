#include "config/settings.h"

#include <algorithm>
#include <vector>

#include "base/ascii.h"
#include "config/settings_sections.h"

namespace hongyan::config {

namespace {

// In the order of the manual.
constexpr std::span<const Setting> (*all_sections[])() = {
    sections::server,  sections::listen,    sections::tls,     sections::limits,  sections::imap,
    sections::smtp,    sections::login,     sections::ban,     sections::spam,    sections::classifier,
    sections::sending, sections::proxy,     sections::dns,     sections::verify,  sections::log,
    sections::store,   sections::directory, sections::queue,   sections::drop,    sections::bounce,
    sections::forward, sections::outbound,  sections::reports, sections::filters, sections::rspamd,
    sections::clamd,   sections::control,
};

std::vector<Setting> joined() {
    std::vector<Setting> all;
    for (const auto section : all_sections) all.insert(all.end(), section().begin(), section().end());
    return all;
}

// How many letters must be changed, added or left out to make one name of the other (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const auto changed = diagonal + (ascii::lower(a[i]) == ascii::lower(b[j]) ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

std::string_view last_part(std::string_view name) {
    const auto dot = name.rfind('.');
    return dot == name.npos ? name : name.substr(dot + 1);
}

// A right word in the wrong table is nearly right.
std::size_t strangeness(std::string_view unknown, std::string_view name) {
    return std::min(distance(unknown, name), 1 + distance(last_part(unknown), last_part(name)));
}

}  // namespace

std::span<const Setting> settings() {
    static const auto rows = joined();
    return rows;
}

const Setting* find_setting(std::string_view name) {
    const auto rows = settings();
    const auto found = std::ranges::find(rows, name, &Setting::name);
    return found == rows.end() ? nullptr : &*found;
}

std::string_view nearest_setting(std::string_view unknown) {
    constexpr std::size_t longest_worth_comparing = 100;
    if (unknown.size() > longest_worth_comparing) return {};
    const auto& nearest = *std::ranges::min_element(
        settings(), {}, [&](const Setting& row) { return strangeness(unknown, row.name); });
    const auto limit = std::max<std::size_t>(2, last_part(unknown).size() / 3);
    return strangeness(unknown, nearest.name) <= limit ? nearest.name : std::string_view();
}

}  // namespace hongyan::config
