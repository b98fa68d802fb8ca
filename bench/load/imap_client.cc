#include "bench/load/imap_client.h"

#include "base/scanner.h"
#include "bench/load/failure.h"

namespace hongyan::load {

namespace {

// literal = "{" number ["+"] "}" CRLF *CHAR8   RFC 3501 §9: the size, where a line ends with one
std::optional<std::uint64_t> literal_at_end(std::string_view line) {
    if (!line.ends_with('}')) return std::nullopt;
    const auto open = line.rfind('{');
    if (open == std::string_view::npos) return std::nullopt;
    Scanner scanner(line.substr(open + 1));
    const auto size = scanner.number<std::uint64_t>();
    scanner.expect("}");
    return scanner.complete() ? std::optional(size) : std::nullopt;
}

std::uint64_t numbers_in(Scanner& scanner) {
    std::uint64_t count = 0;
    while (scanner.present(" ") && !scanner.at_end()) {
        scanner.number();
        if (scanner.failed()) break;
        ++count;
    }
    return count;
}

void note_numbered(Scanner& scanner, ImapAnswer& answer) {
    const auto number = scanner.number();
    if (scanner.present(" EXISTS")) answer.exists = number;
    if (scanner.present(" FETCH")) ++answer.fetched;
}

void note(std::string_view line, ImapAnswer& answer) {
    Scanner scanner(line);
    scanner.expect("* ");
    if (ascii::is_digit(scanner.peek())) return note_numbered(scanner, answer);
    if (scanner.present("SEARCH")) answer.found += numbers_in(scanner);
    if (scanner.present("STATUS ")) {
        scanner.take_until("(MESSAGES ");
        answer.messages = scanner.number<std::uint64_t>();
    }
}

bool has_word(std::string_view line, std::string_view word) {
    return fmt::format(" {} ", line).contains(fmt::format(" {} ", word));
}

}  // namespace

net::Task<ImapClient> ImapClient::open(const Target& target, std::string_view user, const TlsClient& tls,
                                       net::Deadline deadline) {
    ImapClient client(co_await Connection::open(target.server, deadline));
    if (target.tls == Tls::implicit) co_await client.connection_.secure(tls);
    if (const auto line = co_await client.connection_.line(); !line.starts_with("* OK"))
        give_up("the server greets with: {}", line);
    if (target.tls == Tls::starttls) {
        co_await client.command("STARTTLS");
        co_await client.connection_.secure(tls);
    }
    const auto login = fmt::format("LOGIN \"{}\" \"{}\"", user, target.password);
    co_await client.command(login);
    co_await client.connection_.write("c CAPABILITY\r\n");
    for (std::string line; !line.starts_with("c ");) {
        line = co_await client.connection_.line();
        client.literal_plus_ = client.literal_plus_ || has_word(line, "LITERAL+");
    }
    co_return client;
}

net::Task<ImapAnswer> ImapClient::command(std::string_view words) {
    const auto line = fmt::format("a {}\r\n", words);
    co_await connection_.write(line);
    ImapAnswer answer;
    if (!co_await answered(answer)) give_up("the server answers {} with: {}", words, refusal_);
    co_return answer;
}

net::Task<std::uint64_t> ImapClient::prepare(std::string_view mailbox) {
    const auto create = fmt::format("a CREATE {}\r\n", mailbox);
    co_await connection_.write(create);
    ImapAnswer answer;
    co_await answered(answer);  // it may exist
    const auto status = fmt::format("STATUS {} (MESSAGES)", mailbox);
    co_return (co_await command(status)).messages;
}

net::Task<> ImapClient::append(std::string_view mailbox, std::string_view message) {
    auto line = fmt::format("a APPEND {} {{{}{}}}\r\n", mailbox, message.size(), literal_plus_ ? "+" : "");
    if (!literal_plus_) {
        co_await connection_.write(line);
        if (const auto answer = co_await connection_.line(); !answer.starts_with('+'))
            give_up("the server answers APPEND with: {}", answer);
        line.clear();
    }
    line.append(message).append("\r\n");
    co_await connection_.write(line);
    ImapAnswer answer;
    if (!co_await answered(answer)) give_up("the server answers APPEND with: {}", refusal_);
}

net::Task<> ImapClient::idle() {
    co_await connection_.write("a IDLE\r\n");
    while (true) {
        const auto line = co_await connection_.line();
        if (line.starts_with('+')) co_return;
        if (!line.starts_with("* ")) give_up("the server answers IDLE with: {}", line);
    }
}

// Most lines are at hand already; then no coroutine is begun for them.
net::Task<bool> ImapClient::answered(ImapAnswer& answer) {
    while (true) {
        auto line = connection_.line_at_hand();
        if (!line) line = co_await connection_.line();
        if (line->starts_with("a ")) {
            refusal_ = *line;
            co_return line->starts_with("a OK");
        }
        note(*line, answer);
        if (line->ends_with('}')) co_await rest_of(*line, answer);
    }
}

net::Task<> ImapClient::rest_of(std::string_view line, ImapAnswer& answer) {
    while (const auto size = literal_at_end(line)) {
        answer.bytes += *size;
        co_await connection_.skip(*size);
        line = co_await connection_.line();
    }
}

}  // namespace hongyan::load
