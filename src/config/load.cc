#include "config/load.h"

#include "base/check.h"
#include "base/file.h"
#include "config/toml.h"

namespace hongyan::config {

namespace {

// Bytes: far more than every setting with a long comment, and few enough that the deepest nesting which fits
// does not exhaust the stack of a parser that descends.
constexpr std::size_t max_file_size = 64UL * 1024;

// Integers, booleans, texts and lists of texts; nothing for what no setting takes.
std::optional<Raw> raw_from(const toml::node& node) {
    if (const auto* text = node.as_string()) return **text;
    if (const auto* number = node.as_integer()) return **number;
    if (const auto* truth = node.as_boolean()) return **truth;
    const auto* array = node.as_array();
    if (array == nullptr) return std::nullopt;
    std::vector<std::string> texts;
    for (const auto& item : *array) {
        const auto* text = item.as_string();
        if (text == nullptr) return std::nullopt;
        texts.push_back(**text);
    }
    return texts;
}

// An empty path has a meaning of its own; any other is made independent of where the program was started.
void stand_beside(Raw& raw, const std::filesystem::path& folder) {
    auto* text = std::get_if<std::string>(&raw);
    if (text != nullptr && !text->empty()) *text = (folder / *text).lexically_normal().string();
}

void certificates_stand_beside(Raw& raw, const std::filesystem::path& folder) {
    auto* texts = std::get_if<std::vector<std::string>>(&raw);
    if (texts == nullptr) return;
    for (auto& text : *texts)
        if (const auto files = CertificateFiles::parse(text))
            text = CertificateFiles{(folder / files->certificate).lexically_normal(),
                                    (folder / files->key).lexically_normal()}
                       .to_string();
}

Result<void> read_value(const Setting& setting, Raw raw, const std::filesystem::path& folder,
                        Config& config) {
    if (std::holds_alternative<kind::Path>(setting.kind)) stand_beside(raw, folder);
    if (std::holds_alternative<kind::CertificateList>(setting.kind)) certificates_stand_beside(raw, folder);
    return std::visit([&](const auto& kind) { return kind.read(config, raw); }, setting.kind);
}

// A misspelt table is told by each key in it, since those find their nearest names best.
bool holds_settings(std::string_view name, const toml::table& table) {
    const auto is_below = [&](const Setting& setting) {
        return setting.name.size() > name.size() && setting.name.starts_with(name) &&
               setting.name[name.size()] == '.';
    };
    const bool is_group = std::ranges::any_of(settings(), is_below);
    return is_group || (!table.empty() && name.find('.') == name.npos);
}

// Walks the tables of one file.
class Reader {
public:
    explicit Reader(const std::filesystem::path& file) : settings_(Settings::fallbacks()), file_(file) {
        settings_.file = file.string();
    }

    void read(const toml::table& table, std::string_view prefix) {
        for (const auto& [key, node] : table) {
            const auto name = fmt::format("{}{}{}", prefix, prefix.empty() ? "" : ".", key.str());
            if (const auto* setting = find_setting(name))
                read_setting(*setting, node);
            else if (const auto* inner = node.as_table(); inner != nullptr && holds_settings(name, *inner))
                read(*inner, name);
            else
                complain(key.source(), unknown(name));
        }
    }

    std::expected<Settings, std::vector<Problem>> take() {
        if (problems_.empty()) return std::move(settings_);
        std::ranges::sort(problems_, {}, [](const Problem& p) { return std::tuple(p.line, p.column); });
        return std::unexpected(std::move(problems_));
    }

    void complain(const toml::source_region& where, std::string text) {
        problems_.push_back({file_.string(), where.begin.line, where.begin.column, std::move(text)});
    }

private:
    static std::string unknown(std::string_view name) {
        const auto nearest = nearest_setting(name);
        if (nearest.empty()) return fmt::format("there is no setting \"{}\"", name);
        return fmt::format("there is no setting \"{}\"; is \"{}\" meant?", name, nearest);
    }

    void read_setting(const Setting& setting, const toml::node& node) {
        const auto raw = raw_from(node);
        const auto outcome = raw ? read_value(setting, *raw, file_.parent_path(), settings_.config)
                                 : fail(Error::Kind::invalid, "this sort of value fits no setting");
        if (!outcome)
            complain(node.source(), fmt::format("{}: {}", setting.name, outcome.error().message));
        else
            settings_.sources[static_cast<std::size_t>(&setting - settings().data())] = {
                Source::Kind::file, node.source().begin.line};
    }

    Settings settings_;
    const std::filesystem::path& file_;
    std::vector<Problem> problems_;
};

// The value in TOML's notation, or the text itself where it is none.
Raw raw_from_argument(std::string_view value) {
    const auto parsed = toml::parse(fmt::format("value = {}", value));
    if (parsed && parsed.table().size() == 1)
        if (auto raw = raw_from(parsed.table().begin()->second)) return *std::move(raw);
    return std::string(value);
}

}  // namespace

std::string to_string(const Problem& problem) {
    if (problem.line == 0) return fmt::format("{}: {}", problem.file, problem.text);
    return fmt::format("{}:{}:{}: {}", problem.file, problem.line, problem.column, problem.text);
}

Settings Settings::fallbacks() {
    Settings made{.config = {}, .file = {}, .sources = std::vector<Source>(settings().size())};
    for (const auto& row : settings()) {
        const auto taken = std::visit(
            [&](const auto& kind) { return kind.read(made.config, kind.fallback_value()); }, row.kind);
        check(taken.has_value(), "every default lies within its own bounds");
    }
    return made;
}

Result<void> Settings::set(std::string_view name, std::string_view value) {
    const auto* setting = find_setting(name);
    if (setting == nullptr) return fail(Error::Kind::invalid, "there is no setting \"{}\"", name);
    auto taken = read_value(*setting, raw_from_argument(value), std::filesystem::current_path(), config);
    if (!taken) return fail(std::move(taken).error(), name);
    sources[static_cast<std::size_t>(setting - settings().data())] = {Source::Kind::command_line, 0};
    return {};
}

std::expected<Settings, std::vector<Problem>> parse(std::string_view toml,
                                                    const std::filesystem::path& file) {
    Reader reader(file);
    if (toml.size() > max_file_size) {
        reader.complain({}, fmt::format("more than {} bytes", max_file_size));
        return reader.take();
    }
    const auto parsed = toml::parse(toml);
    if (parsed)
        reader.read(parsed.table(), {});
    else
        reader.complain(parsed.error().source(), std::string(parsed.error().description()));
    return reader.take();
}

Result<Settings> load(const std::filesystem::path& file) {
    TRY(const auto toml, read_file(file, max_file_size));
    auto settings = parse(toml, file);
    if (settings) return *std::move(settings);
    std::string message;
    for (const auto& problem : settings.error())
        message += fmt::format("{}{}", message.empty() ? "" : "\n", to_string(problem));
    return fail(Error::Kind::invalid, "{}", message);
}

Reloaded reload(const Settings& running, const Settings& wanted) {
    Reloaded out{.settings = wanted, .not_applied = {}};
    for (std::size_t i = 0; i < settings().size(); ++i) {
        const auto& row = settings()[i];
        if (row.reload == Reload::applies) continue;
        std::visit(
            [&](const auto& kind) {
                const auto kept = kind.show(running.config);
                if (kept == kind.show(wanted.config)) return;
                out.not_applied.push_back(row.name);
                check(kind.read(out.settings.config, kept).has_value(), "what is shown can be read");
                out.settings.sources[i] = running.sources[i];
            },
            row.kind);
    }
    return out;
}

}  // namespace hongyan::config
