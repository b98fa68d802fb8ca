#include "bench/load/weigh.h"

#include <fstream>
#include <sstream>

#include <sys/resource.h>
#include <unistd.h>

#include "bench/load/failure.h"

namespace hongyan::load {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds look_every{100};
constexpr milliseconds peak_every{
    500};  // reading the memory map of many processes costs the machine some time
constexpr int quiet_looks = 4;
constexpr double quiet = 0.0025;  // seconds of CPU between two looks: less than one tick

// What /proc/PID/stat says (proc(5)).
struct Stat {
    pid_t parent = 0;
    std::uint64_t ticks = 0;  // of the process and of its children that were waited for
};

std::optional<Stat> stat_of(pid_t pid) {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    std::string line;
    if (!std::getline(file, line)) return std::nullopt;
    const auto name_end = line.rfind(')');  // a name may hold anything
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream fields(line.substr(name_end + 1));
    Stat stat;
    std::string skipped;
    fields >> skipped >> stat.parent;
    for (int field = 5; field < 14; ++field) fields >> skipped;
    for (int field = 14; field <= 17; ++field) {
        std::uint64_t ticks = 0;
        fields >> ticks;
        stat.ticks += ticks;
    }
    return stat;
}

// The number behind "key:" in a file of such lines; 0 where there is none.
std::uint64_t number_in(const fs::path& path, std::string_view key) {
    std::ifstream file(path);
    for (std::string word; file >> word;)
        if (word.ends_with(':') && word.size() == key.size() + 1 && word.starts_with(key)) {
            std::uint64_t number = 0;
            file >> number;
            return number;
        }
    return 0;
}

std::multimap<pid_t, pid_t> children() {
    std::multimap<pid_t, pid_t> all;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const auto name = entry.path().filename().string();
        pid_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc{}) continue;
        if (const auto stat = stat_of(pid)) all.emplace(stat->parent, pid);
    }
    return all;
}

}  // namespace

std::vector<pid_t> Scale::tree() const {
    if (roots_.empty()) return {};
    const auto all = children();
    std::set<pid_t> seen;
    std::vector<pid_t> waiting = roots_;
    while (!waiting.empty()) {
        const auto pid = waiting.back();
        waiting.pop_back();
        if (!seen.insert(pid).second) continue;
        const auto [begin, end] = all.equal_range(pid);
        for (auto child = begin; child != end; ++child) waiting.push_back(child->second);
    }
    return {seen.begin(), seen.end()};
}

Usage Scale::usage() const {
    Usage usage;
    const auto per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
    for (const auto pid : roots_)
        if (!stat_of(pid)) give_up("there is no process {} (--server-pid)", pid);
    for (const auto pid : tree()) {
        if (const auto stat = stat_of(pid)) usage.cpu += static_cast<double>(stat->ticks) / per_second;
        usage.written += number_in(fmt::format("/proc/{}/io", pid), "write_bytes");
    }
    return usage;
}

std::uint64_t Scale::memory() const {
    std::uint64_t kilobytes = 0;
    for (const auto pid : tree()) kilobytes += number_in(fmt::format("/proc/{}/smaps_rollup", pid), "Pss");
    return kilobytes * 1024;
}

net::Task<> Scale::settle(net::Deadline deadline) const {
    auto before = usage();
    for (int looks = 0; looks < quiet_looks && std::chrono::steady_clock::now() < deadline;) {
        co_await net::sleep_until(net::after(look_every));
        const auto now = usage();
        looks = now.cpu - before.cpu < quiet ? looks + 1 : 0;
        before = now;
    }
}

Peak::Peak(const Scale& scale) : scale_(scale) {
    if (!scale.in_use()) return;
    watch_ = std::jthread([this](const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any ended;
        std::unique_lock lock(mutex);
        do highest_ = std::max(highest_, scale_.memory());
        while (!ended.wait_for(lock, stop, peak_every, [&stop] { return stop.stop_requested(); }));
    });
}

std::uint64_t Peak::highest() {
    if (!watch_.joinable()) return 0;
    watch_.request_stop();
    watch_.join();
    return std::max(highest_, scale_.memory());
}

double own_cpu() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

}  // namespace hongyan::load
