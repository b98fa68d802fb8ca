// How long a large store takes to open after its process was killed, and how much memory it holds then.
//
//   large_store fill FOLDER MESSAGES   fills a store with small messages and dies by SIGKILL
//   large_store open FOLDER            opens it and says what that took
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <semaphore>

#include <signal.h>
#include <unistd.h>

#include "base/bytes.h"
#include "engine/open_engine.h"

namespace hongyan::engine {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void give_up(const std::string& why) {
    fmt::print(stderr, "{}\n", why);
    std::exit(1);
}

std::unique_ptr<Engine> open_or_give_up(const fs::path& folder) {
    auto opened = open_engine(folder);
    if (!opened) give_up(opened.error().message);
    return *std::move(opened);
}

Part small_message(std::uint64_t number) {
    auto blob = prepare_blob(fmt::format("From: a@example.test\r\nMessage-ID: <{}>\r\n\r\n{}", number,
                                         std::string(number % 400, 'x')));
    return {Scope::account(AccountId(static_cast<std::uint32_t>(number % 1'000))),
            [number, blob = std::move(blob)](Transaction& transaction) -> Result<void> {
                std::string key;
                bytes::put_big_endian(key, number);
                std::string summary(blob->id.bytes());
                while (summary.size() < 300) summary += BlobId::of(summary).bytes().substr(0, 12);
                transaction.keep(blob);
                transaction.put("account", key + std::string(60, 'a'));
                transaction.put("mailbox", key + std::string(90, 'm'));
                transaction.put("s" + key, summary);
                transaction.put("u" + key, key + std::string(24, 'u'));
                transaction.put("m" + key, key + std::string(60, 'r'));
                transaction.put("c" + key, key + std::string(16, 'c'));
                return {};
            }};
}

[[noreturn]] void fill_and_die(const fs::path& folder, std::uint64_t messages) {
    constexpr std::ptrdiff_t many = 1'000;
    const auto engine = open_or_give_up(folder);
    std::counting_semaphore<many> free(many);
    for (std::uint64_t number = 1; number <= messages; ++number) {
        free.acquire();
        engine->submit({small_message(number)}, Together::each_by_itself, [&free](const auto& outcomes) {
            if (!outcomes.front()) give_up(outcomes.front().error().message);
            free.release();
        });
    }
    for (std::ptrdiff_t i = 0; i < many; ++i) free.acquire();
    ::kill(::getpid(), SIGKILL);
    std::abort();
}

std::string memory_line() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS")) return line;
    return {};
}

int open_and_measure(const fs::path& folder) {
    const auto start = std::chrono::steady_clock::now();
    const auto engine = open_or_give_up(folder);
    const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start);
    const auto statistics = engine->statistics();
    fmt::print("opened in {:.3f} s, {} ({} blobs, {} MB on disk)\n", took.count(), memory_line(),
               statistics.blobs, statistics.disk_bytes / 1'000'000);
    return 0;
}

}  // namespace

int run(const std::vector<std::string_view>& words) {
    std::uint64_t messages = 0;
    if (words.size() == 3 && words[0] == "fill" &&
        std::from_chars(words[2].data(), words[2].data() + words[2].size(), messages).ec == std::errc{})
        fill_and_die(words[1], messages);
    if (words.size() == 2 && words[0] == "open") return open_and_measure(words[1]);
    give_up("usage: large_store fill FOLDER MESSAGES | large_store open FOLDER");
}

}  // namespace hongyan::engine

int main(int argc, char** argv) { return hongyan::engine::run({argv + 1, argv + argc}); }
