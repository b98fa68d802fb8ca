// The running server: sockets, sessions, signals.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "config/load.h"
#include "server/control.h"
#include "server/mail.h"

namespace hongyan::server {

// What a server is given. All of it outlives the server.
struct World {
    log::Output& log;
    Metrics& metrics;
    const Clock& clock;
    // The settings as they are now in the file, with what the command line adds; asked at SIGHUP.
    std::function<Result<config::Settings>()> read_settings;
};

// Made, opened and run in the main thread.
class Server {
public:
    Server(config::Settings settings, World world);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Binds every address, loads or makes certificates, and gives up root. Whoever keeps things in the data
    // folder (the store) opens them after this, so that they belong to the right user. `conflict` if another
    // process has a port.
    Result<void> open();

    // Serves until SIGTERM or SIGINT, then lets sessions finish within the drain time. SIGHUP applies new
    // settings and certificates, and opens the log again. `announce` is given one line once everybody can
    // come in. `kept` is served, and outlives the run. `command` runs what comes over the control socket.
    Result<void> run(const Kept& kept, Command command,
                     const std::function<void(std::string_view)>& announce);

private:
    class State;
    std::unique_ptr<State> state_;
};

// The host's full name, for a server that was given none.
std::string system_hostname();

// Where the server listens for commands (the setting control.socket, or its default in the data folder).
std::filesystem::path control_socket(const config::Config& config);

}  // namespace hongyan::server
