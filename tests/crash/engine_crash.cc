// Kills a writing process at random moments and looks at what it leaves behind.
//
//   engine_crash ROUNDS [SEED]            the harness
//   engine_crash --write FOLDER FIRST     the writer: prints the number of each acknowledged transaction
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <semaphore>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "crash/crash_work.h"
#include "engine/open_engine.h"

extern char** environ;

namespace hongyan::crash {

namespace {

using namespace engine;
namespace fs = std::filesystem;

constexpr int rounds_per_store = 10;  // then a new one is begun, so that verifying stays quick
constexpr int longest_life = 400;     // milliseconds until the writer is killed
constexpr std::ptrdiff_t in_flight = 64;

// Small enough that flushes, compactions, full packs and reclaiming happen all the time.
EngineOptions options() { return {.memtable = 128 * 1024, .pack_size = 512 * 1024, .reclaim_every = {}}; }

[[noreturn]] void give_up(const std::string& why) {
    fmt::print(stderr, "{}\n", why);
    std::exit(1);
}

std::unique_ptr<Engine> open_or_give_up(const fs::path& folder, const EngineOptions& how) {
    auto opened = open_engine(folder, how);
    if (!opened) give_up(opened.error().message);
    return *std::move(opened);
}

// ---- The writer.

void acknowledge(std::uint64_t number) {
    // Eight bytes are written to a pipe at once or not at all.
    if (::write(STDOUT_FILENO, &number, sizeof number) != sizeof number) std::exit(1);
}

[[noreturn]] void write_until_killed(const fs::path& folder, std::uint64_t first) {
    const auto engine = open_or_give_up(folder, options());
    const std::jthread reclaimer([&engine](const std::stop_token& stop) {
        while (!stop.stop_requested())
            if (const auto done = engine->reclaim(); !done) give_up(done.error().message);
    });
    std::counting_semaphore<in_flight> free(in_flight);
    for (auto number = first;; ++number) {
        free.acquire();
        engine->submit({transaction(number)}, Together::each_by_itself,
                       [&free, number](const auto& outcomes) {
                           if (!outcomes.front()) give_up(outcomes.front().error().message);
                           acknowledge(number);
                           free.release();
                       });
    }
}

// ---- The harness.

struct Writer {
    pid_t process = 0;
    Descriptor acknowledged;
};

Writer start_writer(const fs::path& folder, std::uint64_t first) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) give_up("no pipe");
    const Descriptor write_end(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, write_end.number(), STDOUT_FILENO);
    std::string self = "engine_crash";
    std::string verb = "--write";
    std::string path = folder.string();
    std::string number = std::to_string(first);
    const std::array<char*, 5> arguments = {self.data(), verb.data(), path.data(), number.data(), nullptr};
    Writer writer{.process = 0, .acknowledged = Descriptor(ends[0])};
    if (::posix_spawn(&writer.process, "/proc/self/exe", &actions, nullptr, arguments.data(), environ) != 0)
        give_up("cannot start the writer");
    posix_spawn_file_actions_destroy(&actions);
    return writer;
}

// Reads what the writer says until it says no more. Nothing: there was nothing within `patience`
// milliseconds.
std::optional<std::uint64_t> read_acknowledgement(const Writer& writer, int patience) {
    pollfd wait{.fd = writer.acknowledged.number(), .events = POLLIN, .revents = 0};
    std::uint64_t number = 0;
    if (::poll(&wait, 1, patience) <= 0) return std::nullopt;
    if (::read(writer.acknowledged.number(), &number, sizeof number) != sizeof number) return std::nullopt;
    return number;
}

// The last transaction the writer acknowledged before it was killed.
std::uint64_t write_and_kill(const fs::path& folder, std::uint64_t first, std::chrono::milliseconds life) {
    const auto writer = start_writer(folder, first);
    const auto end = std::chrono::steady_clock::now() + life;
    std::uint64_t last = first - 1;
    const auto listen = [&](int patience) {
        const auto number = read_acknowledgement(writer, patience);
        if (number && *number != last + 1) give_up("acknowledged out of order");
        last = number.value_or(last);
        return number.has_value();
    };
    while (std::chrono::steady_clock::now() < end) listen(1);
    ::kill(writer.process, SIGKILL);
    int status = 0;
    ::waitpid(writer.process, &status, 0);
    if (!WIFSIGNALED(status)) give_up("the writer ended by itself");
    while (listen(0)) {
    }
    return last;
}

int run_rounds(std::uint64_t rounds, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::uint64_t total = 0;
    std::uint64_t more = 0;
    fmt::print("seed {}\n", seed);
    const auto folder = fs::temp_directory_path() / fmt::format("hongyan-crash-{}", ::getpid());
    std::uint64_t count = 0;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        if (round % rounds_per_store == 0) {
            fs::remove_all(folder);
            count = 0;
        }
        const std::chrono::milliseconds life(random() % longest_life);
        const auto acknowledged = write_and_kill(folder, count + 1, life);
        std::vector<std::string> wrong;
        const auto found = verify(*open_or_give_up(folder, options()), wrong);
        if (found < acknowledged)
            wrong.push_back(fmt::format("{} were acknowledged, {} are there", acknowledged, found));
        for (const auto& what : wrong)
            fmt::print("round {} (killed after {} ms): {}\n", round, life.count(), what);
        if (!wrong.empty()) return 1;
        total += acknowledged - count;
        more += found - acknowledged;
        count = found;
    }
    fs::remove_all(folder);
    fmt::print("{} rounds: {} transactions acknowledged, all there and whole; {} more were there whole\n",
               rounds, total, more);
    return 0;
}

std::uint64_t number_of(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) give_up("a number is wanted");
    return number;
}

}  // namespace

int run(const std::vector<std::string_view>& words) {
    if (words.size() == 3 && words[0] == "--write") write_until_killed(words[1], number_of(words[2]));
    if (words.empty() || words.size() > 2) give_up("usage: engine_crash ROUNDS [SEED]");
    return run_rounds(number_of(words[0]), words.size() > 1 ? number_of(words[1]) : std::random_device()());
}

}  // namespace hongyan::crash

int main(int argc, char** argv) { return hongyan::crash::run({argv + 1, argv + argc}); }
