#include "bench/load/smtp_client.h"

#include "base/encoding.h"
#include "bench/load/failure.h"

namespace hongyan::load {

net::Task<SmtpClient> SmtpClient::open(const Target& target, Delivery delivery, const TlsClient& tls,
                                       net::Deadline deadline) {
    SmtpClient client(co_await Connection::open(target.server, deadline), delivery);
    if (target.tls == Tls::implicit) co_await client.connection_.secure(tls);
    co_await client.expect("220");
    co_await client.hello();
    if (target.tls == Tls::starttls) {
        co_await client.command("STARTTLS", "220");
        co_await client.connection_.secure(tls);
        co_await client.hello();
    }
    co_return client;
}

net::Task<> SmtpClient::hello() {
    co_await connection_.write(delivery_ == Delivery::lmtp ? "LHLO load.test\r\n" : "EHLO load.test\r\n");
    while (true) {
        const auto line = co_await connection_.line();
        if (!line.starts_with("250") || line.size() < 4) give_up("the server answers EHLO with: {}", line);
        if (line.substr(4) == "PIPELINING") pipelining_ = true;
        if (line[3] == ' ') co_return;
    }
}

net::Task<> SmtpClient::log_in(std::string_view user, std::string_view password) {
    using namespace std::string_view_literals;
    const auto words = fmt::format("{}{}{}{}", "\0"sv, user, "\0"sv, password);  // RFC 4616 §2
    const auto line = "AUTH PLAIN " + to_base64(words);
    co_await command(line, "235");
}

net::Task<> SmtpClient::send(std::string_view sender, std::span<const std::string> recipients,
                             std::string_view data) {
    std::vector<std::string> commands{fmt::format("MAIL FROM:<{}>\r\n", sender)};
    for (const auto& recipient : recipients) commands.push_back(fmt::format("RCPT TO:<{}>\r\n", recipient));
    commands.emplace_back("DATA\r\n");
    if (pipelining_) {
        const auto together = fmt::format("{}", fmt::join(commands, ""));
        co_await connection_.write(together);
    }
    for (const auto& command : commands) {
        if (!pipelining_) co_await connection_.write(command);
        co_await expect(&command == &commands.back() ? "354" : "250");
    }
    co_await connection_.write(data);
    const auto answers = delivery_ == Delivery::lmtp ? recipients.size() : 1;  // RFC 2033 §4.2
    for (std::size_t i = 0; i < answers; ++i) co_await expect("250");
}

net::Task<> SmtpClient::quit() { co_await command("QUIT", "221"); }

net::Task<> SmtpClient::command(std::string_view line, std::string_view expected) {
    const auto whole = fmt::format("{}\r\n", line);
    co_await connection_.write(whole);
    co_await expect(expected);
}

net::Task<> SmtpClient::expect(std::string_view beginning) {
    while (true) {
        const auto line = co_await connection_.line();
        if (!line.starts_with(beginning)) give_up("the server should say {}, and says: {}", beginning, line);
        if (line.size() < 4 || line[3] != '-') co_return;
    }
}

}  // namespace hongyan::load
