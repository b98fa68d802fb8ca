#include "cli/program.h"

#include <cstdio>
#include <iostream>
#include <iterator>

#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "admin/data_folder.h"
#include "base/exit_code.h"
#include "cli/parse.h"

namespace hongyan::cli {

namespace {

namespace fs = std::filesystem;

void say_error(const std::string& text) { std::cerr << "hongyan: " << text << "\n"; }

int fail_with(const Error& error) {
    say_error(error.message);
    return exit_code(error.kind);
}

// The file named, or the one beside the data, or the system's; empty if there is none.
fs::path settings_file(const Options& options) {
    if (!options.config_file.empty()) return options.config_file;
    const auto place = options.data_folder.empty() ? fs::path("/etc") : fs::path(options.data_folder);
    const auto file = place / "hongyan.toml";
    return fs::exists(file) ? file : fs::path();
}

Result<config::Settings> load_settings(const Options& options) {
    const auto file = settings_file(options);
    TRY(auto settings,
        file.empty() ? Result<config::Settings>(config::Settings::fallbacks()) : config::load(file));
    if (!options.data_folder.empty()) TRY(settings.set("data", fs::absolute(options.data_folder).string()));
    return settings;
}

// Keeps what is typed off the screen while it lives.
class WithoutEcho {
public:
    WithoutEcho() {
        ::tcgetattr(STDIN_FILENO, &before_);
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~WithoutEcho() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
    WithoutEcho(const WithoutEcho&) = delete;
    WithoutEcho& operator=(const WithoutEcho&) = delete;

private:
    termios before_{};
};

std::string read_password() {
    std::string line;
    if (::isatty(STDIN_FILENO) == 0) {
        std::getline(std::cin, line);
        return line;
    }
    std::cerr << "Password: " << std::flush;
    const WithoutEcho quiet;
    std::getline(std::cin, line);
    std::cerr << "\n";
    return line;
}

std::string read_all() { return {std::istreambuf_iterator<char>(std::cin), {}}; }

std::string input_for(const Parsed& parsed) {
    using enum admin::Reads;
    const auto& command = *parsed.command;
    const auto is_dash = [&](const admin::Argument& argument) {
        return std::ranges::find(parsed.values.texts(argument.name), "-") !=
               parsed.values.texts(argument.name).end();
    };
    if (command.reads == password && !parsed.values.given("no-password")) return read_password();
    if (command.reads == where_dash && std::ranges::any_of(command.arguments, is_dash)) return read_all();
    return {};
}

admin::Console console_for(const Parsed& parsed) {
    return {.input = input_for(parsed),
            .out = [](std::string_view text) { std::cout << text; },
            .err = [](std::string_view text) { std::cerr << text; },
            .folder = fs::current_path()};
}

int run_command(const Parsed& parsed, const config::Settings& settings) {
    const SystemClock clock;
    SystemRandom random;
    const auto console = console_for(parsed);
    if (parsed.command->needs == admin::Needs::settings)
        return admin::run(*parsed.command, {parsed.values, console, {.settings = settings, .clock = clock}});
    const auto folder = admin::DataFolder::open(settings.config, clock, random);
    if (!folder) return fail_with(folder.error());
    const auto kept = (*folder)->kept();
    return admin::run(*parsed.command,
                      {parsed.values, console, {.settings = settings, .clock = clock, .kept = &kept}});
}

int run(const std::vector<std::string>& words) {
    const auto outcome = parse(words);
    if (const auto* ended = std::get_if<Ended>(&outcome)) {
        std::cout << ended->out;
        std::cerr << ended->err;
        return ended->exit_code;
    }
    const auto& parsed = std::get<Parsed>(outcome);
    const auto settings = load_settings(parsed.options);
    if (!settings) {
        say_error(settings.error().message);
        return EX_CONFIG;
    }
    return run_command(parsed, *settings);
}

}  // namespace

int run_program(const std::vector<std::string>& words) {
    try {
        const auto code = run(words);
        std::cout.flush();
        return std::cout ? code : EX_IOERR;
    } catch (const std::exception& broken) {
        say_error(broken.what());
        return EX_SOFTWARE;
    }
}

}  // namespace hongyan::cli
