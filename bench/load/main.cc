// hongyan-load: puts a mail server on this machine under load and says what it did.
#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>
#include <sysexits.h>

#include "bench/load/failure.h"
#include "bench/load/workloads/workload.h"

namespace hongyan::load {

namespace {

struct CommandLine {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::string tls = "none";
    std::string users = "u{}@bench.test";
    std::string password = "benchpw";
    unsigned user_count = 200;
    unsigned first_user = 1;
    std::vector<pid_t> server_pids;
    unsigned time_limit = 600;
    bool resume = false;
    bool json = false;
    Options options;
};

void add_common(CLI::App& app, CommandLine& line) {
    app.add_option("--host", line.host, "The server's address; only loopback is taken")
        ->capture_default_str();
    app.add_option("--port", line.port, "The server's port")->required();
    app.add_option("--tls", line.tls, "none, starttls, implicit")
        ->check(CLI::IsMember({"none", "starttls", "implicit"}))
        ->capture_default_str();
    app.add_option("--users", line.users, "Addresses of the users, \"{}\" being four digits")
        ->capture_default_str();
    app.add_option("--password", line.password, "The password of all of them")->capture_default_str();
    app.add_option("--user-count", line.user_count, "How many users take part")
        ->check(CLI::Range(1, 9'999))
        ->capture_default_str();
    app.add_option("--first-user", line.first_user, "The number of the first")->capture_default_str();
    app.add_option("--server-pid", line.server_pids,
                   "A process of the server, weighed with all its descendants");
    app.add_option("--seed", line.options.seed, "Of the messages: the same seed gives the same")
        ->capture_default_str();
    app.add_option("--time-limit", line.time_limit, "Seconds after which the run has failed")
        ->capture_default_str();
    app.add_flag("--resume", line.resume, "Resume TLS sessions with tickets");
    app.add_flag("--json", line.json, "Print JSON instead of a table");
}

const OptionRow& row_of(std::uint64_t Options::* option) {
    return *std::ranges::find(option_rows(), option, &OptionRow::place);
}

CLI::App* add_workload(CLI::App& app, CommandLine& line, const Workload& workload) {
    auto* command = app.add_subcommand(std::string(workload.name), std::string(workload.help));
    add_common(*command, line);
    for (const auto& [option, usually] : workload.options) {
        const auto& row = row_of(option);
        auto* added =
            command->add_option("--" + std::string(row.name), line.options.*option, std::string(row.help));
        added->check(CLI::Range(row.least, row.most));
        if (usually > 0) added->default_str(std::to_string(usually));
    }
    return command;
}

// What was not said is what the workload's row says.
void add_defaults(const CLI::App& command, const Workload& workload, Options& options) {
    for (const auto& [option, usually] : workload.options)
        if (command.count("--" + std::string(row_of(option).name)) == 0) options.*option = usually;
}

Tls tls_of(std::string_view word) {
    return word == "starttls" ? Tls::starttls : word == "implicit" ? Tls::implicit : Tls::none;
}

int run(const Workload& workload, const CommandLine& line) {
    Target target{.server = loopback(line.host, line.port),
                  .tls = tls_of(line.tls),
                  .users = line.users,
                  .password = line.password,
                  .user_count = line.user_count,
                  .first_user = line.first_user};
    Bench bench(std::move(target), Scale(line.server_pids), net::after(std::chrono::seconds(line.time_limit)),
                line.resume);
    const auto reports = workload.run(bench, line.options);
    fmt::print("{}", line.json ? json_of(reports) : table_of(reports));
    return EX_OK;
}

int parse_and_run(int argc, char** argv) {
    CLI::App app("Puts a mail server on this machine under load and says what it did", "hongyan-load");
    app.require_subcommand(1);
    CommandLine line;
    std::vector<std::pair<CLI::App*, const Workload*>> commands;
    for (const auto& workload : workloads())
        commands.emplace_back(add_workload(app, line, workload), &workload);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? EX_OK : EX_USAGE;
    }
    for (const auto& [command, workload] : commands) {
        if (!command->parsed()) continue;
        add_defaults(*command, *workload, line.options);
        return run(*workload, line);
    }
    return EX_USAGE;
}

}  // namespace

}  // namespace hongyan::load

int main(int argc, char** argv) {
    try {
        return hongyan::load::parse_and_run(argc, argv);
    } catch (const std::exception& failure) {
        fmt::print(stderr, "hongyan-load: {}\n", failure.what());
        return EXIT_FAILURE;
    }
}
