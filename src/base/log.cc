#include "base/log.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <span>
#include <utility>

#include <fmt/compile.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/ascii.h"
#include "base/log_with_next.h"

namespace hongyan::log {

namespace {

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};

// RFC 3339 in UTC with milliseconds.
std::string timestamp(Instant when) {
    const auto day = std::chrono::floor<std::chrono::days>(when);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(when - day);
    return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z"),
                       static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
                       time.seconds().count(), time.subseconds().count());
}

// What needs no backslash.
constexpr auto stands_in_json = [] {
    std::array<bool, 256> does{};
    for (unsigned i = 0; i < does.size(); ++i) {
        const auto c = static_cast<char>(i);
        does[i] = c != '"' && c != '\\' && !ascii::is_control(c);
    }
    return does;
}();

// RFC 8259 §7. Bytes that are not ASCII pass through: what we log is UTF-8 or was made so by its writer.
void put_json_text(std::string& out, std::string_view text) {
    const auto is_plain = [](char c) { return stands_in_json[static_cast<std::uint8_t>(c)]; };
    out += '"';
    while (!text.empty()) {
        const auto plain = static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        if (ascii::is_control(text.front()))
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(text.front()));
        else
            out.append(1, '\\').append(1, text.front());
        text.remove_prefix(1);
    }
    out += '"';
}

void put_json_field(std::string& out, std::string_view name, std::string_view value) {
    out += out.size() > 1 ? "," : "";
    put_json_text(out, name);
    out += ':';
    put_json_text(out, value);
}

// A value that holds blanks or controls is quoted, so that no input can forge a line or a field.
void put_human_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(1, ' ').append(name).append(1, '=');
    const bool plain = !value.empty() && std::ranges::none_of(value, [](char c) {
        return c == ' ' || !stands_in_json[static_cast<std::uint8_t>(c)];
    });
    if (plain)
        out += value;
    else
        put_json_text(out, value);
}

}  // namespace

std::string_view to_string(Level level) { return level_names[static_cast<std::size_t>(level)]; }

std::optional<Level> parse_level(std::string_view name) {
    const auto found = std::ranges::find(level_names, name);
    if (found == level_names.end()) return std::nullopt;
    return static_cast<Level>(found - level_names.begin());
}

std::string format_line(Format format, Instant when, Level level, std::string_view session,
                        std::string_view message, std::string_view event, std::span<const Field> fields) {
    constexpr std::size_t usual = 300;
    std::string out;
    out.reserve(usual);
    if (format == Format::json) {
        out += '{';
        put_json_field(out, "time", timestamp(when));
        put_json_field(out, "level", to_string(level));
        put_json_field(out, "session", session);
        put_json_field(out, "message", message);
        put_json_field(out, "event", event);
        for (const auto& field : fields) put_json_field(out, field.name, field.value);
        return out + "}";
    }
    fmt::format_to(std::back_inserter(out), FMT_COMPILE("{} {:7} [{}] [{}] {}"), timestamp(when),
                   to_string(level), session.empty() ? "-" : session, message.empty() ? "-" : message, event);
    for (const auto& field : fields) put_human_field(out, field.name, field.value);
    return out;
}

struct Output::State {
    explicit State(const Clock& given) : clock(given) {}

    const Clock& clock;
    std::atomic<Level> level{Level::info};
    std::atomic<Format> format{Format::human};
    std::mutex mutex;     // guards what follows
    std::string waiting;  // lines, each with its end
    std::shared_ptr<spdlog::sinks::sink> sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
};

namespace {

thread_local int with_next = 0;  // so many WithNext live on this thread

// The lock is held. `last` is a line without its end.
void put_out(spdlog::sinks::sink& sink, std::string& waiting, std::string_view last) {
    const auto lines = waiting.empty() ? std::string() : std::exchange(waiting, {}).append(last);
    sink.log(spdlog::details::log_msg({}, spdlog::level::info, lines.empty() ? last : lines));
    sink.flush();
}

// Nothing waits after it.
void put_out_waiting(spdlog::sinks::sink& sink, std::string& waiting) {
    if (waiting.empty()) return;
    waiting.pop_back();
    const auto lines = std::exchange(waiting, {});
    put_out(sink, waiting, lines);
}

void use_plain_lines(spdlog::sinks::sink& sink) { sink.set_pattern("%v"); }

}  // namespace

Output::Output(const Clock& clock) : state_(std::make_unique<State>(clock)) {
    use_plain_lines(*state_->sink);
}
Output::~Output() { put_out_waiting(*state_->sink, state_->waiting); }

Result<void> Output::apply(const Settings& settings) {
    std::shared_ptr<spdlog::sinks::sink> sink;
    try {
        if (settings.file.empty())
            sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        else
            sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.file);
    } catch (const spdlog::spdlog_ex& error) {
        return fail(Error::Kind::io, "cannot log to {}: {}", settings.file, error.what());
    }
    use_plain_lines(*sink);
    state_->level = settings.level;
    state_->format = settings.format;
    const std::lock_guard lock(state_->mutex);
    put_out_waiting(*state_->sink, state_->waiting);
    state_->sink = std::move(sink);
    return {};
}

bool Output::takes(Level level) const { return level >= state_->level.load(std::memory_order_relaxed); }

void Output::write(Level level, std::string_view session, std::string_view message, std::string_view event,
                   std::span<const Field> fields) {
    constexpr std::size_t most_waiting = 16'000;  // bytes
    const auto line =
        format_line(state_->format, state_->clock.now(), level, session, message, event, fields);
    const std::lock_guard lock(state_->mutex);
    if (with_next > 0 && state_->waiting.size() < most_waiting)
        state_->waiting.append(line).append(1, '\n');
    else
        put_out(*state_->sink, state_->waiting, line);
}

WithNext::WithNext() { ++with_next; }
WithNext::~WithNext() { --with_next; }

}  // namespace hongyan::log
