#include "config/show.h"

#include "base/ascii.h"

namespace hongyan::config {

namespace {

Raw value_of(const Setting& row, const Config& config) {
    return std::visit([&](const auto& kind) { return kind.show(config); }, row.kind);
}
Raw default_of(const Setting& row) {
    return std::visit([](const auto& kind) { return kind.fallback_value(); }, row.kind);
}
std::string bounds_of(const Setting& row) {
    return std::visit([](const auto& kind) { return kind.bounds(); }, row.kind);
}
std::string_view kind_name_of(const Setting& row) {
    return std::visit([](const auto& kind) { return std::string_view(kind.name()); }, row.kind);
}

std::string source_in_words(const Settings& settings, const Source& source) {
    switch (source.kind) {
        case Source::Kind::fallback:
            return "default";
        case Source::Kind::file:
            return fmt::format("{}:{}", settings.file, source.line);
        case Source::Kind::command_line:
            return "command line";
    }
    return {};
}

std::string source_in_json(const Source& source) {
    switch (source.kind) {
        case Source::Kind::fallback:
            return R"("source": "default")";
        case Source::Kind::file:
            return fmt::format(R"("source": "file", "line": {})", source.line);
        case Source::Kind::command_line:
            return R"("source": "command line")";
    }
    return {};
}

// "text, at most 32 bytes; default "+"; a restart applies it"
std::string facts(const Setting& row) {
    const auto bounds = bounds_of(row);
    return fmt::format("{}{}{}; default {}; {}", kind_name_of(row), bounds.empty() ? "" : ", ", bounds,
                       to_toml(default_of(row)),
                       row.reload == Reload::applies ? "a reload applies it" : "a restart applies it");
}

// Calls `group(name)` where another table begins, and `setting(row)` for each row.
template <typename Group, typename Each>
void for_each_row(Group group, Each setting) {
    std::string_view current;
    for (const auto& row : settings()) {
        if (row.group() != current) group(current = row.group());
        setting(row);
    }
}

std::string_view name_in_group(const Setting& row) {
    return row.group().empty() ? row.name : row.name.substr(row.group().size() + 1);
}

// In man(7), a backslash begins an escape, a leading dot or quote a request, and a hyphen must not be broken.
std::string escape_roff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (out.empty() && (c == '.' || c == '\'')) out += "\\&";
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else
            out += c;
    }
    return out;
}

}  // namespace

std::string to_toml(const Settings& settings) {
    std::string out;
    std::size_t index = 0;
    for_each_row([&](std::string_view group) { out += fmt::format("\n[{}]\n", group); },
                 [&](const Setting& row) {
                     out += fmt::format("{} = {}  # {}\n", name_in_group(row),
                                        to_toml(value_of(row, settings.config)),
                                        source_in_words(settings, settings.sources[index++]));
                 });
    return out;
}

std::string to_json(const Settings& settings) {
    std::string out = "{";
    std::size_t index = 0;
    for (const auto& row : config::settings()) {
        out += fmt::format("{}\n  \"{}\": {{\"value\": {}, {}}}", index == 0 ? "" : ",", row.name,
                           to_json(value_of(row, settings.config)), source_in_json(settings.sources[index]));
        ++index;
    }
    return out + "\n}\n";
}

std::string settings_markdown() {
    std::string out = R"(# Settings

One TOML file. Every setting has a default, so the file may be empty. Sizes are written `"64 MiB"`, times
`"5 min"`. Relative paths are beside the file. SIGHUP reloads it. This page is made from the tables in
`src/config/settings_*.cc`, which are the place to change it.
)";
    for_each_row([&](std::string_view group) { out += fmt::format("\n## [{}]\n", group); },
                 [&](const Setting& row) {
                     out += fmt::format("\n### `{}`\n\n{}\n\n_{}_\n", row.name, row.meaning, facts(row));
                 });
    return out;
}

std::string settings_man_section() {
    std::string out = ".SH SETTINGS\n";
    for_each_row([&](std::string_view group) { out += fmt::format(".SS [{}]\n", escape_roff(group)); },
                 [&](const Setting& row) {
                     out += fmt::format(".TP\n.B {}\n{}\n.br\n({})\n", escape_roff(row.name),
                                        escape_roff(row.meaning), escape_roff(facts(row)));
                 });
    return out;
}

}  // namespace hongyan::config
