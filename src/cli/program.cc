#include "cli/program.h"

#include <cstdio>
#include <iostream>

#include <sysexits.h>

#include "admin/data_folder.h"
#include "base/exit_code.h"
#include "cli/parse.h"
#include "cli/run_command.h"
#include "cli/sendmail.h"
#include "cli/serve.h"
#include "cli/terminal.h"
#include "server/server.h"

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

// What the command reads from our standard input, all of it.
std::string input_for(const Parsed& parsed) {
    if (takes_password(parsed)) return read_password();
    if (takes_everything(parsed)) return read_all();
    return {};
}

// The far end reads our input when its command asks for it; the empty text is its end.
server::Source input_source(const Parsed& parsed) {
    return [&parsed, sent = false]() mutable -> Result<std::string> {
        return std::exchange(sent, true) ? std::string() : input_for(parsed);
    };
}

const server::Sink to_stdout = [](std::string_view text) { std::cout << text; };
const server::Sink to_stderr = [](std::string_view text) { std::cerr << text; };

int run_on_data_folder(const Parsed& parsed, const config::Settings& settings,
                       const Result<std::unique_ptr<admin::DataFolder>>& folder) {
    if (!folder) return fail_with(folder.error());
    const admin::Console console{
        .input = input_for(parsed), .out = to_stdout, .err = to_stderr, .folder = fs::current_path()};
    return run_here(parsed, console, settings, &(*folder)->kept());
}

// In the server that listens for commands, if there is one. not_found if there is none.
Result<int> run_in_server(const Parsed& parsed, const config::Settings& settings,
                          const std::vector<std::string>& words) {
    if (parsed.command->needs != admin::Needs::services) return fail(Error::Kind::not_found, "not for it");
    const server::Request request{.arguments = words, .folder = fs::current_path()};
    const server::Streams streams{.in = input_source(parsed), .out = to_stdout, .err = to_stderr};
    return server::run_remotely(server::control_socket(settings.config), request, streams);
}

// In the server that holds the data folder, if there is one; else here. A server may begin or end meanwhile.
int run_command(const Parsed& parsed, const config::Settings& settings,
                const std::vector<std::string>& words) {
    if (parsed.command->needs == admin::Needs::settings)
        return run_here(
            parsed,
            {.input = input_for(parsed), .out = to_stdout, .err = to_stderr, .folder = fs::current_path()},
            settings, nullptr);
    const SystemClock clock;
    SystemRandom random;
    Result<int> elsewhere = fail(Error::Kind::not_found, "not asked yet");
    const auto folder = open_patiently(settings.config, clock, random, [&] {
        elsewhere = run_in_server(parsed, settings, words);
        return !elsewhere && elsewhere.error().kind == Error::Kind::not_found;
    });
    if (elsewhere) return *elsewhere;
    if (elsewhere.error().kind != Error::Kind::not_found) return fail_with(elsewhere.error());
    return run_on_data_folder(parsed, settings, folder);
}

int run(const std::vector<std::string>& words);

// The words before the command: options with their values.
std::size_t count_options(const std::vector<std::string>& words) {
    std::size_t count = 0;
    while (count < words.size() && words[count].starts_with("--"))
        count += words[count] == "--config" || words[count] == "--data" ? 2 : 1;
    return std::min(count, words.size());
}

// The words are those of sendmail, not of our table. `options` are ours, before them.
int run_sendmail(std::string_view name, const std::vector<std::string>& options,
                 const std::vector<std::string>& words) {
    const auto call = parse_sendmail_call(name, words);
    if (const auto* wrong = std::get_if<WrongCall>(&call)) {
        std::cerr << name << ": " << wrong->what << "\n";
        return EX_USAGE;
    }
    auto any_command = options;
    if (const auto& file = std::get<SendmailCall>(call).settings_file; !file.empty())
        any_command.insert(any_command.end(), {"--config", file});
    const auto ours = any_command;
    any_command.emplace_back("serve");  // so that the options are read
    const auto outcome = parse(any_command);
    const auto* parsed = std::get_if<Parsed>(&outcome);
    if (parsed == nullptr) return EX_USAGE;
    const auto settings = load_settings(parsed->options);
    if (!settings) {
        say_error(settings.error().message);
        return EX_CONFIG;
    }
    return sendmail(std::get<SendmailCall>(call), *settings,
                    [&ours](const std::vector<std::string>& command) {
                        auto whole = ours;
                        whole.insert(whole.end(), command.begin(), command.end());
                        return run(whole);
                    });
}

int run(const std::vector<std::string>& words) {
    const auto options = static_cast<std::ptrdiff_t>(count_options(words));
    if (words.begin() + options != words.end() && words[static_cast<std::size_t>(options)] == "sendmail")
        return run_sendmail("sendmail", {words.begin(), words.begin() + options},
                            {words.begin() + options + 1, words.end()});
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
    if (parsed.command != nullptr) return run_command(parsed, *settings, words);
    return serve(*settings, [&parsed] { return load_settings(parsed.options); });
}

}  // namespace

int run_program(const std::string& name, const std::vector<std::string>& words) {
    try {
        const auto called = fs::path(name).filename().string();
        const auto code = is_sendmail_name(called) ? run_sendmail(called, {}, words) : run(words);
        std::cout.flush();
        return std::cout ? code : EX_IOERR;
    } catch (const std::exception& broken) {
        say_error(broken.what());
        return EX_SOFTWARE;
    }
}

}  // namespace hongyan::cli
