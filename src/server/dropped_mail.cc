#include "server/dropped_mail.h"

#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/file.h"
#include "drop/taken.h"

namespace hongyan::server {

namespace {

constexpr std::chrono::seconds patience{30};     // between looks
constexpr std::size_t letters_at_a_time = 1000;  // names in memory

}  // namespace

std::filesystem::path drop_folder(const config::Config& config) {
    return config.drop.folder.empty() ? config.data / "drop" : config.drop.folder;
}

DroppedMail::DroppedMail(std::filesystem::path folder, const flow::World& world, CurrentRules rules)
    : folder_(std::move(folder)),
      world_(world),
      rules_(std::move(rules)),
      changes_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      ending_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (!changes_ || ::inotify_add_watch(changes_.number(), folder_.c_str(), IN_MOVED_TO) < 0)
        world_.log.warning("the drop folder is only looked at from time to time",
                           {{"folder", folder_.string()}});
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

DroppedMail::~DroppedMail() {
    thread_.request_stop();
    (void)::eventfd_write(ending_.number(), 1);
}

void DroppedMail::work(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        try {
            forget_marks();
            take_all(stop);
        } catch (const std::exception& broken) {
            world_.log.error("dropped mail not taken", {{"why", broken.what()}});
        }
        if (!stop.stop_requested()) wait();
    }
}

void DroppedMail::wait() {
    std::array<pollfd, 2> ready{{{.fd = ending_.number(), .events = POLLIN, .revents = 0},
                                 {.fd = changes_.number(), .events = POLLIN, .revents = 0}}};
    (void)::poll(ready.data(), ready.size(), static_cast<int>(std::chrono::milliseconds(patience).count()));
    std::array<char, 4096> events{};
    while (changes_ && ::read(changes_.number(), events.data(), events.size()) > 0) continue;
}

// As long as some of those found are new or due.
void DroppedMail::take_all(const std::stop_token& stop) {
    const auto names = drop::waiting(folder_, world_.clock.now(), letters_at_a_time + later_.size());
    if (!names) return world_.log.error("the drop folder cannot be read", {{"why", names.error().message}});
    later_.keep_only(*names);
    bool some = false;
    for (const auto& name : *names) {
        if (stop.stop_requested()) return;
        if (!later_.is_due(name, std::chrono::steady_clock::now())) continue;
        take(name);
        some = true;
    }
    if (some && names->size() >= letters_at_a_time) take_all(stop);
}

Result<flow::Taken> DroppedMail::try_to_take(const std::string& name) {
    const auto rules = rules_();
    TRY(const auto found, drop::open(folder_, name, rules->config.limits.message_size));
    return flow::take_dropped(world_, policy_of(rules->config, rules->hostname), name, found);
}

void DroppedMail::take(const std::string& name) {
    const auto taken = try_to_take(name);
    if (!taken && taken.error().kind == Error::Kind::invalid) return set_aside(name, taken.error());
    if (!taken) return put_off(name, "dropped mail not taken yet", taken.error());
    // The mark goes when the file has: until then it keeps the letter from being taken twice.
    const auto removed = drop::remove(folder_, name);
    if (!removed) return put_off(name, "drop folder", removed.error());
    later_.forget(name);
    complain(drop::forget(world_.store.engine(), name));
}

void DroppedMail::put_off(const std::string& name, std::string_view what, const Error& why) {
    if (later_.put_off(name, std::chrono::steady_clock::now()))
        world_.log.warning(what, {{"file", name}, {"why", why.message}});
}

void DroppedMail::set_aside(const std::string& name, const Error& why) {
    const auto done = drop::set_aside(folder_, name);
    if (!done) return put_off(name, "drop folder", done.error());
    world_.log.error("dropped mail set aside", {{"file", "bad." + name}, {"why", why.message}});
}

// Of letters whose files went just before the server ended.
void DroppedMail::forget_marks() {
    const auto names = drop::marked(world_.store.engine());
    if (!names) return complain(std::unexpected(names.error()));
    std::vector<std::string> gone;
    for (const auto& name : *names)
        if (std::error_code error; !std::filesystem::exists(folder_ / name, error) && !error)
            gone.push_back(name);
    if (gone.empty()) return;
    // A server that was killed behind the removal may not have synced it: with the power the file comes back.
    if (const auto synced = sync_folder(folder_); !synced) return complain(synced);
    for (const auto& name : gone) complain(drop::forget(world_.store.engine(), name));
}

void DroppedMail::complain(const Result<void>& outcome) const {
    if (!outcome) world_.log.error("drop folder", {{"why", outcome.error().message}});
}

}  // namespace hongyan::server
