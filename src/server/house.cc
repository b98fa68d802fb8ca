#include "server/house.h"

#include <fmt/chrono.h>
#include <sys/socket.h>

#include "base/encoding.h"
#include "base/random.h"
#include "config/networks.h"
#include "net/socket_stream.h"

namespace hongyan::server {

namespace {

std::string random_prefix() {
    SystemRandom random;
    return to_hex(random.bytes(4));
}

bool is_proxy(const net::Endpoint& peer, const config::Config& config) {
    return config::is_in(config.proxy.networks, peer.address());
}

std::vector<double> session_length_bounds() { return {0.01, 0.1, 1, 10, 60, 300, 1800, 7200, 86400}; }

}  // namespace

House::House(std::size_t loops, net::TlsContext& tls, const Mail& mail, std::shared_ptr<const Rules> rules,
             log::Log log, Metrics& metrics)
    : tls_(tls),
      mail_(mail),
      log_(std::move(log)),
      metrics_(metrics),
      start_id_(random_prefix()),
      rules_(std::move(rules)),
      loops_(loops) {
    for (std::size_t i = 0; i < loops; ++i) rooms_.push_back(std::make_unique<Room>());
}

House::~House() = default;

void House::set_rules(std::shared_ptr<const Rules> rules) {
    const std::lock_guard lock(mutex_);
    rules_ = std::move(rules);
}

std::shared_ptr<const Rules> House::rules() const {
    const std::lock_guard lock(mutex_);
    return rules_;
}

std::string House::next_session_id() { return fmt::format("{}-{:x}", start_id_, next_id_++); }

std::size_t House::emptiest_room() const {
    const auto emptiest =
        std::ranges::min_element(rooms_, {}, [](const auto& room) { return room->load.load(); });
    return static_cast<std::size_t>(emptiest - rooms_.begin());
}

void House::take_in(const Service& service, net::Connection connection) {
    const auto rules_now = rules();
    const auto& config = rules_now->config;
    if (const auto welcome = admit(connection.peer); !welcome)
        return refuse(service, connection.socket.number(), connection.peer, welcome.error());
    auto ticket = is_proxy(connection.peer, config) ? admission_.admit_unnamed(config.limits)
                                                    : admission_.admit(connection.peer, config.limits);
    if (!ticket) return refuse(service, connection.socket.number(), connection.peer, ticket.error());
    const auto index = emptiest_room();
    auto& room = *rooms_[index];
    ++room.load;
    net::start(loops_[index], host(service, std::move(connection), *std::move(ticket), room));
}

// Whoever is banned hears why, whatever he wanted.
Result<void> House::admit(const net::Endpoint& peer) const {
    auto* const reputation = mail_.world().reputation;
    if (reputation == nullptr || peer.is_unix()) return {};
    const auto ban = reputation->bans().on_site(peer.address());
    if (!ban) return {};
    const auto until = ban->until ? fmt::format(" until {:%F %H:%M} UTC",
                                                std::chrono::floor<std::chrono::minutes>(*ban->until))
                                  : std::string();
    return fail(Error::Kind::denied, "Your address is shut out{}: {} (banned)", until, ban->reason);
}

// In plain words where the client would understand them, and without waiting for anything.
void House::refuse(const Service& service, int socket, const net::Endpoint& peer, const Error& reason) {
    if (!service.implicit_tls) {
        const auto words = service.refuse(rules()->hostname, reason);
        ::send(socket, words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    metrics_
        .counter("hongyan_connections_refused_total", "Connections refused by a limit",
                 {{"service", std::string(service.name)}})
        .add();
    log_.warning(
        "connection refused",
        {{"service", std::string(service.name)}, {"peer", peer.to_string()}, {"why", reason.message}});
}

// A connection's own frame, which lasts as long as it does: what is needed only at its beginning and its end
// is kept in functions of their own.
net::Task<> House::host(const Service& service, net::Connection connection, Admission::Ticket ticket,
                        Room& room) {
    const auto begin = std::chrono::steady_clock::now();
    const auto log = log_.for_session(next_session_id());
    greet(service, connection.peer, log);
    std::string how;
    try {
        net::SocketStream stream(co_await boost::asio::this_coro::executor, std::move(connection.socket));
        Result<void> known;
        if (!ticket.is_named()) known = co_await ask_proxy(service, connection.peer, stream, ticket);
        if (known)
            how = to_string(co_await converse(service, connection.peer, stream, room, log));
        else
            how = known.error().message;
    } catch (const std::exception& broken) {
        how = broken.what();
        log.error("session broken", {{"why", how}});
    }
    --room.load;
    ticket.give_back();  // who reads that somebody has gone finds his place free
    see_off(service, begin, how, log);
}

void House::greet(const Service& service, const net::Endpoint& peer, const log::Log& log) {
    const std::string name(service.name);
    log.info("connected", {{"service", name}, {"peer", peer.to_string()}});
    metrics_.counter("hongyan_connections_total", "Connections taken", {{"service", name}}).add();
}

void House::see_off(const Service& service, net::Deadline begin, std::string_view how, const log::Log& log) {
    const std::chrono::duration<double> length = std::chrono::steady_clock::now() - begin;
    metrics_
        .histogram("hongyan_session_seconds", "How long sessions last", session_length_bounds(),
                   {{"service", std::string(service.name)}})
        .observe(length.count());
    log.info("disconnected", {{"how", std::string(how)}, {"seconds", fmt::format("{:.3f}", length.count())}});
}

// Behind a proxy that we trust stands somebody else, who is counted where he is from: `peer` becomes him.
net::Task<Result<void>> House::ask_proxy(const Service& service, net::Endpoint& peer,
                                         net::SocketStream& stream, Admission::Ticket& ticket) {
    const auto rules_now = rules();
    const auto& limits = rules_now->config.limits;
    const auto header = co_await stream.take_proxy_header(net::after(limits.handshake_patience));
    if (!header) co_return std::unexpected(header.error());
    peer = header->value_or(peer);
    auto named = admit(peer);
    if (named) named = admission_.name(ticket, peer, limits);
    if (!named) refuse(service, stream.descriptor(), peer, named.error());
    co_return named;
}

net::Task<Ending> House::converse(const Service& service, const net::Endpoint& peer, net::Stream& stream,
                                  Room& room, const log::Log& log) {
    const auto rules_now = rules();
    const auto& limits = rules_now->config.limits;
    Conversation conversation(stream, &tls_, {.handshake = limits.handshake_patience}, service.certificate);
    struct Presence {
        Presence(Room& where, Conversation& who) : room_(where), conversation_(who) {
            room_.conversations.insert(&conversation_);
        }
        ~Presence() { room_.conversations.erase(&conversation_); }
        Room& room_;
        Conversation& conversation_;
    };
    const Presence presence(room, conversation);
    if (room.closing) conversation.ask_to_end();
    if (service.implicit_tls) {
        const auto secured =
            co_await stream.secure(tls_, service.certificate, net::after(limits.handshake_patience));
        if (!secured) co_return Ending::no_handshake;
    }
    const Circumstances circumstances{.config = rules_now->config,
                                      .hostname = rules_now->hostname,
                                      .peer = peer,
                                      .security = security_of(stream),
                                      .mail = mail_,
                                      .log = log,
                                      .executor = co_await boost::asio::this_coro::executor};
    co_return co_await service.serve(conversation, circumstances);
}

void House::in_every_room(const std::function<void(Room&)>& action) {
    for (std::size_t i = 0; i < rooms_.size(); ++i)
        loops_[i].post([action, &room = *rooms_[i]] { action(room); });
}

void House::ask_all_to_end() {
    in_every_room([](Room& room) {
        room.closing = true;
        for (auto* const conversation : room.conversations) conversation->ask_to_end();
    });
}

void House::turn_all_out() {
    in_every_room([](Room& room) {
        for (auto* const conversation : room.conversations) conversation->stream().abort();
    });
}

}  // namespace hongyan::server
