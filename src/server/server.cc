#include "server/server.h"

#include <csignal>
#include <optional>

#include <boost/asio/basic_signal_set.hpp>
#include <boost/asio/co_spawn.hpp>
#include <malloc.h>
#include <netdb.h>
#include <unistd.h>

#include "base/folder.h"
#include "net/test_certificate.h"
#include "server/doors.h"
#include "server/dropped_mail.h"
#include "server/house.h"
#include "server/judges.h"
#include "server/outward.h"
#include "server/privileges.h"
#include "server/resolution.h"
#include "server/service_manager.h"

namespace hongyan::server {

namespace {

namespace asio = net::asio;
using Signals = asio::basic_signal_set<net::Executor>;

constexpr std::chrono::milliseconds drain_step{
    10};  // how often a draining server looks whether all have gone
constexpr std::chrono::milliseconds last_moment{500};  // for sessions whose connections were broken to end

constexpr std::uint64_t descriptors_beside_connections = 1'000;  // tables of RocksDB, packs, listeners

// What malloc gives back to the kernel after each large message it takes anew for the next, page by page: a
// sixth of what reading costs. So each of its arenas may keep this much (docs/performance.md).
void keep_freed_memory() {
    constexpr int enough = 4 << 20;  // bytes
    ::mallopt(M_MMAP_THRESHOLD, enough);
    ::mallopt(M_TRIM_THRESHOLD, enough);
}

std::size_t loops_for_this_machine() { return std::max(1U, std::thread::hardware_concurrency()); }

// A door that is open: its listeners run.
struct OpenDoor {
    const Service* service = nullptr;
    config::ListenAddress address;
    std::vector<std::shared_ptr<net::Listener>> listeners;
};

}  // namespace

std::string system_hostname() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
    addrinfo hints{};
    hints.ai_flags = AI_CANONNAME;
    addrinfo* list = nullptr;
    if (::getaddrinfo(name.data(), nullptr, &hints, &list) != 0) return name.data();
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
    return list->ai_canonname != nullptr ? list->ai_canonname : name.data();
}

std::filesystem::path control_socket(const config::Config& config) {
    return config.control.socket.empty() ? config.data / "control.sock" : config.control.socket;
}

class Server::State {
public:
    State(config::Settings settings, World world)
        : settings_(std::move(settings)), world_(std::move(world)), log_(world_.log) {}

    Result<void> open() {
        keep_freed_memory();
        use_all_descriptors();
        TRY(make_private_folder(config().data));
        TRY(check_certificates());
        // Before the ports: whoever finds one of them open may call us, and waits until we serve.
        TRY(auto socket, ControlSocket::bind(control_socket(config()), config().control.mode));
        control_socket_.emplace(std::move(socket));
        inherited_ = net::inherited_sockets();
        auto bound = bind_doors(config().listen, inherited_, [](const auto&, const auto&) { return false; });
        TRY(all_bound(bound));
        doors_ = std::move(bound.doors);
        // Their keys may be root's to read.
        if (!config().tls.certificate.empty()) TRY(load_certificate());
        const auto doors = config().drop.everybody ? drop::Doors::open_to_all : drop::Doors::private_to_owner;
        TRY(drop::make_folder(drop_folder(config()), doors));
        TRY(become(config().user, {config().data, control_socket_->path(), drop_folder(config())}));
        if (!tls_) TRY(load_certificate());
        TRY(trust_, load_trust(config()));
        return {};
    }

    Result<void> run(const Kept& kept, Command command,
                     const std::function<void(std::string_view)>& announce) {
        Signals signals(context_.get_executor(), SIGTERM, SIGINT, SIGHUP);
        std::signal(SIGPIPE, SIG_IGN);
        apply_ = kept.apply;
        TRY(auto secret, lasting_secret(config().data));
        TRY(auto srs, open_srs(config().data));
        TRY(resolution_, Resolution::make(config().dns));
        mail_ = std::make_unique<Mail>(kept, workers_for(config()), world_.clock, log_, std::move(secret),
                                       config().limits.memory, std::move(srs));
        complain_if_failed("names of messages not reserved", kept.queue.reserve_ids());
        TRY(seat_judges());
        mail_->tokens().trust(trust_);
        house_ = std::make_unique<House>(loops_for_this_machine(), *tls_, *mail_, rules_of(config()), log_,
                                         world_.metrics);
        control_.emplace(*std::exchange(control_socket_, std::nullopt), std::move(command), log_);
        auto ready = open_doors(std::move(doors_));
        TRY(begin_to_send());
        dropped_.emplace(drop_folder(config()), mail_->world(),
                         [house = house_.get()] { return house->rules(); });
        log_.info("ready", {{"listening", ready}});
        announce(fmt::format("ready: {}", ready));
        tell_manager(manager_.ready(ready));
        asio::co_spawn(context_.get_executor(), watch(signals), [](const std::exception_ptr& broken) {
            if (broken) std::rethrow_exception(broken);
        });
        context_.run();
        dropped_.reset();
        control_.reset();
        open_.clear();
        end_loops(kept.store.engine());
        outward_.reset();
        house_.reset();
        mail_.reset();
        resolution_.reset();
        log_.info("stopped");
        return {};
    }

private:
    const config::Config& config() const { return settings_.config; }

    // Workers, the resolver and the engine give back to loops what was asked of them: before the loops go,
    // all three have nothing left to give.
    void end_loops(engine::Engine& engine) {
        house_->stop();
        if (outward_) outward_->stop();
        resolution_->stop();
        mail_->finish_work();
        // Of commits there is none behind this one.
        (void)engine.transact(engine::Scope::global(),
                              [](engine::Transaction&) -> Result<void> { return {}; });
    }

    // A connection is a descriptor, and the usual limit of 1,024 was made for select(2).
    void use_all_descriptors() const {
        const auto most = raise_descriptor_limit();
        const auto wanted = config().limits.connections + descriptors_beside_connections;
        if (most < wanted)
            log_.warning("fewer open files are permitted than limits.connections needs",
                         {{"permitted", fmt::format("{}", most)}, {"wanted", fmt::format("{}", wanted)}});
    }

    static Result<void> all_bound(const Bound& bound) {
        if (bound.failures.empty()) return {};
        Error all = bound.failures.front();
        for (const auto& failure : std::span(bound.failures).subspan(1))
            all.message += "\n" + failure.message;
        return std::unexpected(std::move(all));
    }

    static std::shared_ptr<const Rules> rules_of(const config::Config& config) {
        auto hostname = config.hostname.empty() ? system_hostname() : config.hostname;
        return std::make_shared<const Rules>(Rules{config, std::move(hostname)});
    }

    Result<void> begin_to_send() {
        if (!config().outbound.enabled) {
            log_.info("nothing is sent", {{"why", "outbound.enabled = false"}});
            return {};
        }
        TRY(outward_, Outward::make(*mail_, resolution_->resolver(), *rules_of(config())));
        return {};
    }

    Result<void> seat_judges() {
        const auto rules = rules_of(config());
        TRY(auto judges, make_judges({rules->config, rules->hostname, mail_->world(), resolution_->resolver(),
                                      mail_->random(), mail_->report_intake()}));
        mail_->world().judges->seat(std::move(judges));
        return {};
    }

    Result<void> check_certificates() const {
        if (config().tls.others.empty() || !config().tls.certificate.empty()) return {};
        return fail(Error::Kind::invalid,
                    "tls.others needs a certificate in tls.certificate for all other names");
    }

    Result<void> load_certificate() {
        TRY(check_certificates());
        TRY(const auto files, certificate_files());
        const auto& authorities = config().tls.client_authorities;
        std::vector<net::TlsFiles> others;
        for (const auto& [certificate, key] : config().tls.others) others.push_back({certificate, key});
        if (tls_) return tls_->reload({files}, authorities, others);
        TRY(tls_, net::TlsContext::load({files}, authorities, others));
        return {};
    }

    Result<void> reload_trust() {
        TRY(trust_, load_trust(config()));
        mail_->tokens().trust(trust_);
        return {};
    }

    Result<net::TlsFiles> certificate_files() {
        if (!config().tls.certificate.empty())
            return net::TlsFiles{.certificate = config().tls.certificate, .key = config().tls.key};
        const auto host = rules_of(config())->hostname;
        TRY(const auto made, net::ensure_test_certificate(config().data, host, world_.clock));
        return net::TlsFiles{.certificate = made.server, .key = made.server};
    }

    // "smtp 127.0.0.1:2025, imap …", of the doors just opened.
    std::string open_doors(std::vector<Door> doors) {
        std::string list;
        for (auto& door : doors) {
            OpenDoor open{.service = door.service, .address = door.address, .listeners = {}};
            for (auto& socket : door.sockets) {
                list += fmt::format("{}{} {}", list.empty() ? "" : ", ", door.service->name,
                                    socket.endpoint().to_string());
                open.listeners.push_back(listen(*door.service, std::move(socket)));
            }
            open_.push_back(std::move(open));
        }
        return list;
    }

    std::shared_ptr<net::Listener> listen(const Service& service, net::BoundSocket socket) {
        auto take = [house = house_.get(), &service](net::Connection connection) {
            house->take_in(service, std::move(connection));
        };
        auto complain = [log = log_](const Error& error) {
            log.error("not accepting", {{"why", error.message}});
        };
        return net::Listener::start(house_->front(), std::move(socket), std::move(take), std::move(complain));
    }

    net::Task<> watch(Signals& signals) {
        for (;;) {
            const auto [error, number] = co_await signals.async_wait(net::as_values);
            if (error) co_return;
            if (number != SIGHUP) break;
            tell_manager(manager_.reloading());
            reload();
            tell_manager(manager_.ready("reloaded"));
        }
        auto impatience = watch_for_impatience(signals);
        asio::co_spawn(context_.get_executor(), std::move(impatience), [](const std::exception_ptr&) {});
        co_await drain();
        signals.cancel();
    }

    // Who asks a second time does not want to wait.
    net::Task<> watch_for_impatience(Signals& signals) {
        for (;;) {
            const auto [error, number] = co_await signals.async_wait(net::as_values);
            if (error) co_return;
            if (number != SIGHUP) hurry_ = true;
        }
    }

    net::Task<> drain() {
        tell_manager(manager_.stopping());
        log_.info("draining", {{"sessions", fmt::format("{}", house_->guests())}});
        for (const auto& door : open_)
            for (const auto& listener : door.listeners) listener->stop();
        house_->ask_all_to_end();
        co_await wait_for_emptiness(config().drain_time);
        if (house_->guests() == 0) co_return;
        log_.warning("sessions broken off", {{"sessions", fmt::format("{}", house_->guests())}});
        house_->turn_all_out();
        hurry_ = false;
        co_await wait_for_emptiness(last_moment);
    }

    net::Task<> wait_for_emptiness(std::chrono::milliseconds patience) {
        const auto deadline = net::after(patience);
        while (house_->guests() > 0 && !hurry_ && std::chrono::steady_clock::now() < deadline)
            co_await net::sleep_until(net::after(drain_step));
    }

    // Each part that fails is logged, and keeps what it had.
    void reload() {
        auto wanted = world_.read_settings();
        if (!wanted) return log_.error("settings not reloaded", {{"why", wanted.error().message}});
        auto reloaded = config::reload(settings_, *wanted);
        settings_ = std::move(reloaded.settings);
        for (const auto name : reloaded.not_applied)
            log_.warning("setting needs a restart", {{"setting", std::string(name)}});
        complain_if_failed("certificate not reloaded", load_certificate());
        complain_if_failed("keys of tokens not reloaded", reload_trust());
        if (apply_) apply_(config());
        mail_->memory().set_limit(config().limits.memory);
        complain_if_failed("log not reopened", world_.log.apply(config().log.settings()));
        house_->set_rules(rules_of(config()));
        complain_if_failed("judges of mail not changed", seat_judges());
        if (outward_) outward_->apply(*rules_of(config()));
        change_doors();
        log_.info("reloaded");
    }

    void tell_manager(const Result<void>& told) { complain_if_failed("service manager not told", told); }

    void complain_if_failed(std::string_view what, const Result<void>& result) {
        if (!result) log_.error(what, {{"why", result.error().message}});
    }

    void change_doors() {
        std::erase_if(open_, [this](const OpenDoor& door) {
            if (is_wanted(door)) return false;
            for (const auto& listener : door.listeners) listener->stop();
            return true;
        });
        auto bound =
            bind_doors(config().listen, inherited_, [this](const Service& service, const auto& address) {
                return std::ranges::any_of(open_, [&](const OpenDoor& door) {
                    return door.service == &service && (is_inherited(door) || door.address == address);
                });
            });
        for (const auto& failure : bound.failures) log_.error("not listening", {{"why", failure.message}});
        if (const auto list = open_doors(std::move(bound.doors)); !list.empty())
            log_.info("listening", {{"also", list}});
    }

    static bool is_inherited(const OpenDoor& door) { return door.address == config::ListenAddress{}; }
    bool is_wanted(const OpenDoor& door) const {
        const auto& wanted = config().listen.*door.service->addresses;
        return is_inherited(door) || std::ranges::find(wanted, door.address) != wanted.end();
    }

    config::Settings settings_;
    World world_;
    log::Log log_;
    ServiceManager manager_ = ServiceManager::of_environment();
    std::vector<net::InheritedSocket> inherited_;
    std::unique_ptr<net::TlsContext> tls_;
    std::vector<Door> doors_;  // bound, until run() opens them
    std::function<void(const config::Config&)> apply_;
    std::unique_ptr<Resolution> resolution_;
    std::shared_ptr<const oauth::Trust> trust_;  // whose tokens are believed; null: nobody's
    std::unique_ptr<Mail> mail_;
    std::unique_ptr<House> house_;
    std::unique_ptr<Outward> outward_;             // null: nothing is sent
    std::optional<ControlSocket> control_socket_;  // until run() serves it
    std::optional<ControlServer> control_;
    std::optional<DroppedMail> dropped_;
    std::vector<OpenDoor> open_;
    asio::io_context context_{1};  // of the main thread: signals and the drain
    bool hurry_ = false;
};

Server::Server(config::Settings settings, World world)
    : state_(std::make_unique<State>(std::move(settings), std::move(world))) {}
Server::~Server() = default;

Result<void> Server::open() { return state_->open(); }

Result<void> Server::run(const Kept& kept, Command command,
                         const std::function<void(std::string_view)>& announce) {
    return state_->run(kept, std::move(command), announce);
}

}  // namespace hongyan::server
