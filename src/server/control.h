// Commands for a running server: the command line sends what it was called with, the server runs it, and what
// it says comes back. The socket is a file, so who may use it is a matter of its mode; beyond that only root
// and the server's own user are served.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/log.h"
#include "base/result.h"

namespace hongyan::server {

using Sink = std::function<void(std::string_view)>;
// The next piece of the input, empty at its end.
using Source = std::function<Result<std::string>()>;

// What was called and from where.
struct Request {
    std::vector<std::string> arguments;  // without the program's name
    std::filesystem::path folder;        // the caller's current one
    friend bool operator==(const Request&, const Request&) = default;
};

// The caller's three standard streams. Input is fetched from the caller when it is asked for. A Sink whose
// caller has gone swallows what it is given.
struct Streams {
    Source in;
    Sink out;
    Sink err;
    // Whoever called has gone, or the server ends: what takes longer had better end too. Empty: he never
    // goes.
    std::function<bool()> is_gone = {};
};

// Runs on a thread of its own and may block. Returns the exit code.
using Command = std::function<int(const Request&, const Streams&)>;

// The socket before anybody serves it: who calls is not sent away, but waits. Its file goes with it.
class ControlSocket {
public:
    // The file gets `mode`. conflict if another server serves that path.
    static Result<ControlSocket> bind(const std::filesystem::path& path, unsigned mode);
    ControlSocket(ControlSocket&&) noexcept = default;
    ControlSocket& operator=(ControlSocket&&) = delete;
    ~ControlSocket() { remove_file(); }

    const std::filesystem::path& path() const { return path_; }
    int descriptor() const { return listener_.number(); }
    void remove_file();

private:
    ControlSocket(std::filesystem::path path, Descriptor listener)
        : path_(std::move(path)), listener_(std::move(listener)) {}

    std::filesystem::path path_;
    Descriptor listener_;  // none: moved to another
};

class ControlServer {
public:
    // Runs the work on a thread of its own; throws std::system_error where there is none to be had.
    using Launch = void (*)(std::function<void()> work);
    static void on_a_thread(std::function<void()> work);

    // Serves those who wait, and those who come. A call for which there is no thread is ended, and the log
    // says so. A caller who has taken nothing of what he is told for so long has gone.
    static constexpr std::chrono::milliseconds output_patience = std::chrono::minutes(30);
    ControlServer(ControlSocket socket, Command command, log::Log log, Launch launch = &on_a_thread,
                  std::chrono::milliseconds patience = output_patience);
    // Takes no more calls, breaks the connections of those that run, and waits for them: they hear of it by
    // Streams::is_gone.
    ~ControlServer();
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

private:
    void accept_calls();
    void take_call(Descriptor socket);
    void serve(int socket);
    void forget(Descriptor& socket);

    ControlSocket socket_;
    Command command_;
    log::Log log_;
    Launch launch_;
    std::chrono::milliseconds patience_;
    std::mutex mutex_;  // guards running_
    std::condition_variable changed_;
    std::set<int> running_;  // the sockets of calls
    std::jthread accepting_;
};

// Runs the command in the server that listens there: its exit code, `not_found` if no server does.
Result<int> run_remotely(const std::filesystem::path& path, const Request& request, const Streams& streams);

}  // namespace hongyan::server
