#include "bench/load/pop3_client.h"

#include "base/scanner.h"
#include "bench/load/failure.h"

namespace hongyan::load {

net::Task<Pop3Client> Pop3Client::open(const Target& target, std::string_view user, const TlsClient& tls,
                                       net::Deadline deadline) {
    Pop3Client client(co_await Connection::open(target.server, deadline));
    if (target.tls == Tls::implicit) co_await client.connection_.secure(tls);
    co_await client.positive();
    if (target.tls == Tls::starttls) {
        co_await client.command("STLS");
        co_await client.connection_.secure(tls);
    }
    const auto name = fmt::format("USER {}", user);
    const auto password = fmt::format("PASS {}", target.password);
    co_await client.command(name);
    co_await client.command(password);
    co_return client;
}

net::Task<std::uint64_t> Pop3Client::count() {
    Scanner answer(co_await command("STAT"));
    answer.expect("+OK ");
    const auto number = answer.number<std::uint64_t>();
    if (answer.failed()) give_up("the server's answer to STAT has no number");
    co_return number;
}

net::Task<> Pop3Client::listing(std::string_view words) {
    co_await command(words);
    co_await text();
}

net::Task<> Pop3Client::ask_for(std::uint64_t message) {
    const auto line = fmt::format("RETR {}\r\n", message);
    co_await connection_.write(line);
}

net::Task<std::size_t> Pop3Client::message() {
    co_await positive();
    co_return co_await text();
}

net::Task<> Pop3Client::quit() { co_await command("QUIT"); }

net::Task<std::string_view> Pop3Client::command(std::string_view words) {
    const auto line = fmt::format("{}\r\n", words);
    co_await connection_.write(line);
    co_return co_await positive();
}

net::Task<std::string_view> Pop3Client::positive() {
    const auto line = co_await connection_.line();
    if (!line.starts_with("+OK")) give_up("the server should say +OK, and says: {}", line);
    co_return line;
}

net::Task<std::size_t> Pop3Client::text() {
    constexpr std::string_view dot = ".\r\n";
    while (connection_.at_hand().size() < dot.size()) co_await connection_.more();
    if (connection_.at_hand().starts_with(dot)) {
        co_await connection_.skip(dot.size());
        co_return 0;
    }
    co_return co_await connection_.through("\r\n.\r\n") - dot.size();
}

}  // namespace hongyan::load
