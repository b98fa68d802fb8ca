// A server without a store, for the scenarios of src/server alone: scenario_server --data DIR serve, with the
// settings in DIR/hongyan.toml.
#include <cstdio>

#include "base/exit_code.h"
#include "config/load.h"
#include "server/server.h"

namespace {

using namespace hongyan;

Result<config::Settings> read_settings(const std::filesystem::path& data) {
    TRY(auto settings, config::load(data / "hongyan.toml"));
    TRY(settings.set("data", data.string()));
    return settings;
}

Result<void> serve(const std::filesystem::path& data) {
    const SystemClock clock;
    log::Output output(clock);
    Metrics metrics;
    TRY(auto settings, read_settings(data));
    TRY(output.apply(settings.config.log.settings()));
    server::Server server(std::move(settings),
                          {.log = output, .metrics = metrics, .clock = clock, .read_settings = [data] {
                               return read_settings(data);
                           }});
    TRY(server.open());
    const auto no_commands = [](const server::Request&, const server::Streams&) { return EX_USAGE; };
    return server.run(no_commands, [](std::string_view line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
    });
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return fmt::print(stderr, "usage: {} --data DIR serve\n", argv[0]), EX_USAGE;
    const auto served = serve(argv[2]);
    if (served) return EX_OK;
    fmt::print(stderr, "{}\n", served.error().message);
    return exit_code(served.error().kind);
}
