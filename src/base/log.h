// What happened, one line each, with the session and the message it happened to. A line is text for a person
// or JSON for a machine; its fields are the same. Secrets and message content never go in.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace hongyan::log {

enum class Level { debug, info, warning, error };
enum class Format { human, json };

std::string_view to_string(Level level);
std::optional<Level> parse_level(std::string_view name);

struct Field {
    std::string_view name;
    std::string value;
};

struct Settings {
    Format format = Format::human;
    Level level = Level::info;
    std::string file;  // empty: standard error
};

// Where lines go; one for the program, shared by all threads. Settings may change while it is in use.
class Output {
public:
    explicit Output(const Clock& clock);
    ~Output();
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    // Also opens the file again, so that a rotated log is left behind.
    Result<void> apply(const Settings& settings);
    bool takes(Level level) const;
    void write(Level level, std::string_view session, std::string_view message, std::string_view event,
               std::span<const Field> fields);

private:
    struct State;
    std::unique_ptr<State> state_;
};

// A line as it is written, without its newline.
std::string format_line(Format format, Instant when, Level level, std::string_view session,
                        std::string_view message, std::string_view event, std::span<const Field> fields);

// A handle that carries a session id and a message id into every line; cheap to copy. The Output must outlive
// it.
class Log {
public:
    explicit Log(Output& output) : output_(&output) {}

    Log for_session(std::string id) const {
        Log log = *this;
        log.session_ = std::move(id);
        return log;
    }
    Log for_message(std::string id) const {
        Log log = *this;
        log.message_ = std::move(id);
        return log;
    }

    void debug(std::string_view event, std::initializer_list<Field> fields = {}) const {
        write(Level::debug, event, fields);
    }
    void info(std::string_view event, std::initializer_list<Field> fields = {}) const {
        write(Level::info, event, fields);
    }
    void warning(std::string_view event, std::initializer_list<Field> fields = {}) const {
        write(Level::warning, event, fields);
    }
    void error(std::string_view event, std::initializer_list<Field> fields = {}) const {
        write(Level::error, event, fields);
    }

private:
    void write(Level level, std::string_view event, std::initializer_list<Field> fields) const {
        if (output_->takes(level))
            output_->write(level, session_, message_, event, {fields.begin(), fields.size()});
    }

    Output* output_;
    std::string session_;
    std::string message_;
};

}  // namespace hongyan::log
