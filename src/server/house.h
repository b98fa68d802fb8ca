// Where sessions live: the loops, and who is in them.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "net/listener.h"
#include "net/loops.h"
#include "net/socket_stream.h"
#include "net/tls.h"
#include "server/admission.h"
#include "server/service.h"

namespace hongyan::server {

// What new sessions are made with; a reload puts another in its place.
struct Rules {
    config::Config config;
    std::string hostname;
};

// Takes connections in, gives each to the loop that has least to do, and sees them out. take_in() may be
// called from any thread, the others from the thread that made the house.
class House {
public:
    House(std::size_t loops, net::TlsContext& tls, const Mail& mail, std::shared_ptr<const Rules> rules,
          log::Log log, Metrics& metrics);
    // Nobody may be taken in any more.
    ~House();
    House(const House&) = delete;
    House& operator=(const House&) = delete;

    // The loop on which listeners run.
    net::Loop& front() { return loops_[0]; }

    void take_in(const Service& service, net::Connection connection);
    void set_rules(std::shared_ptr<const Rules> rules);
    std::shared_ptr<const Rules> rules() const;

    std::size_t guests() const { return admission_.inside(); }
    // Asks all sessions to end when their protocol allows.
    void ask_all_to_end();
    // Breaks all connections.
    void turn_all_out();
    // Ends the loops' threads. Tasks stay until the house goes, and so may be given what they wait for.
    void stop() { loops_.stop(); }

private:
    // The conversations of one loop; only its thread touches them.
    struct Room {
        std::unordered_set<Conversation*> conversations;
        std::atomic<std::size_t> load = 0;  // also those that are on their way
        bool closing = false;
    };

    net::Task<> host(const Service& service, net::Connection connection, Admission::Ticket ticket,
                     Room& room);
    void greet(const Service& service, const net::Endpoint& peer, const log::Log& log);
    void see_off(const Service& service, net::Deadline begin, std::string_view how, const log::Log& log);
    net::Task<Result<void>> ask_proxy(const Service& service, net::Endpoint& peer, net::SocketStream& stream,
                                      Admission::Ticket& ticket);
    net::Task<Ending> converse(const Service& service, const net::Endpoint& peer, net::Stream& stream,
                               Room& room, const log::Log& log);
    Result<void> admit(const net::Endpoint& peer) const;
    void refuse(const Service& service, int socket, const net::Endpoint& peer, const Error& reason);
    std::size_t emptiest_room() const;
    std::string next_session_id();
    void in_every_room(const std::function<void(Room&)>& action);

    net::TlsContext& tls_;
    const Mail& mail_;
    log::Log log_;
    Metrics& metrics_;
    Admission admission_;
    std::string start_id_;  // makes ids of this run differ from those of others
    std::atomic<std::uint64_t> next_id_ = 1;
    mutable std::mutex mutex_;  // guards rules_
    std::shared_ptr<const Rules> rules_;
    std::vector<std::unique_ptr<Room>> rooms_;
    net::Loops loops_;  // last: its threads use all the rest
};

}  // namespace hongyan::server
