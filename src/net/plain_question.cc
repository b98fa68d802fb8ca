#include "net/plain_question.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include <sys/socket.h>

#include "base/bytes.h"
#include "base/random.h"
#include "dns/message.h"
#include "net/endpoint.h"
#include "net/waiter.h"

namespace hongyan::net {

namespace {

constexpr std::uint16_t usual_port = 53;
using Message = std::optional<std::string>;

// "127.0.0.1@5353", as libunbound has it.
std::optional<Endpoint> server_named(std::string_view text) {
    const auto at = text.find('@');
    const auto address = dns::IpAddress::parse(text.substr(0, at));
    auto port = usual_port;
    if (at != text.npos) {
        const auto digits = text.substr(at + 1);
        if (std::from_chars(digits.data(), digits.data() + digits.size(), port).ec != std::errc{})
            return std::nullopt;
    }
    return address ? std::optional(Endpoint::at(*address, port)) : std::nullopt;
}

// A socket that is on its way to the server; negative if there is none.
Descriptor connected(const Endpoint& server, int kind) {
    Descriptor made(::socket(server.family(), kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (made && ::connect(made.number(), server.data(), server.size()) != 0 && errno != EINPROGRESS)
        return {};
    return made;
}

bool send_all(int socket, std::string_view text) {
    return ::send(socket, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

Task<Message> by_datagram(Endpoint server, std::string question, Deadline deadline) {
    auto made = connected(server, SOCK_DGRAM);
    if (!made || !send_all(made.number(), question)) co_return std::nullopt;
    Waiter waiter(co_await asio::this_coro::executor, std::move(made));
    const auto ready = co_await waiter.wait(Direction::read, deadline);
    std::string answer(dns::max_rdata, '\0');
    const auto size = ready == Readiness::ready
                          ? ::recv(waiter.descriptor(), answer.data(), answer.size(), MSG_DONTWAIT)
                          : -1;
    if (size < 0) co_return std::nullopt;
    answer.resize(static_cast<std::size_t>(size));
    co_return answer;
}

// RFC 1035 §4.2.2: two octets of length before each message.
Task<Message> by_stream(Endpoint server, std::string question, Deadline deadline) {
    auto made = connected(server, SOCK_STREAM);
    if (!made) co_return std::nullopt;
    Waiter waiter(co_await asio::this_coro::executor, std::move(made));
    std::string sent;
    bytes::put_big_endian(sent, static_cast<std::uint16_t>(question.size()));
    const auto writable = co_await waiter.wait(Direction::write, deadline);
    if (writable != Readiness::ready || !send_all(waiter.descriptor(), sent + question))
        co_return std::nullopt;
    std::string text;
    for (std::array<char, 4096> piece{};;) {
        std::string_view rest = text;
        const auto size = bytes::take_big_endian<std::uint16_t>(rest);
        if (size && rest.size() >= *size) co_return std::string(rest.substr(0, *size));
        if (co_await waiter.wait(Direction::read, deadline) != Readiness::ready) co_return std::nullopt;
        const auto got = ::recv(waiter.descriptor(), piece.data(), piece.size(), MSG_DONTWAIT);
        if (got <= 0 && errno != EAGAIN) co_return std::nullopt;
        if (got == 0) co_return std::nullopt;
        if (got > 0) text.append(piece.data(), static_cast<std::size_t>(got));
    }
}

}  // namespace

Task<dns::RawAnswer> ask_plainly(std::vector<std::string> servers, dns::Question question,
                                 Deadline deadline) {
    SystemRandom random;
    const auto id = static_cast<std::uint16_t>(random.number());
    const auto message = dns::question_message(id, question);
    for (const auto& named : servers) {
        const auto server = server_named(named);
        if (!server) continue;
        auto text = co_await by_datagram(*server, message, deadline);
        auto read = dns::read_answer(text.value_or(""), id, question);
        if (read && read->truncated) {
            text = co_await by_stream(*server, message, deadline);
            read = dns::read_answer(text.value_or(""), id, question);
        }
        if (read && !read->truncated) co_return std::move(read->answer);
    }
    co_return dns::RawAnswer{.canonical = question.name, .why = "no name server gave an answer"};
}

}  // namespace hongyan::net
