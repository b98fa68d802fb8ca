#include "pop3/session.h"

#include "base/scanner.h"
#include "pop3/command_table.h"
#include "pop3/wire/reply.h"

namespace hongyan::pop3 {

namespace {

// RFC 2449 §4 asks for 255; the answers to a SASL challenge may be longer (RFC 5034 §4).
constexpr std::size_t longest_command = 12'288;

}  // namespace

Session::Session(Settings settings) : Dialogue(longest_command), settings_(std::move(settings)) {
    accept(fmt::format("{} Hongyan POP3 server ready", settings_.hostname));
}

void Session::accept(std::string_view text) { say(positive(text)); }

void Session::refuse(std::string_view code, std::string_view text) {
    say(negative(code, text));
    count_mistake();
}

bool Session::advance() {
    const auto line = input().next();
    if (!line) return false;
    switch (line->kind) {
        case session::Line::Kind::whole:
            execute(line->text);
            break;
        case session::Line::Kind::too_long:
            refuse("", "The line is too long");
            break;
        case session::Line::Kind::stray:
            refuse("", "A line ends in CR LF and holds neither before");
            break;
    }
    return true;
}

// RFC 1939 §3: keywords and arguments are separated by a single space; a password may hold more of them.
void Session::execute(std::string_view line) {
    Scanner in(line);
    const auto* const row = find_command(in.take_while([](char c) { return c != ' '; }));
    if (row == nullptr) return refuse("", "There is no such command");
    if (row->state != state_) return refuse("", "Not in this state");
    in.present(" ");
    if (row->takes_argument == in.at_end())
        return refuse("", fmt::format("{} takes {} argument", row->verb, row->takes_argument ? "an" : "no"));
    row->run(*this, in.rest());
}

// RFC 2595 §4: the client begins again in the AUTHORIZATION state.
void Session::became_secure(session::Security) {
    settings_.secure = true;
    user_.clear();
}

void Session::say_goodbye(session::Farewell why) {
    switch (why) {
        case session::Farewell::timed_out:
            return;  // RFC 1939 §3: without any response
        case session::Farewell::shutting_down:
            return say(negative("SYS/TEMP", "The server is shutting down, please come back"));
        case session::Farewell::too_many_mistakes:
            return;  // the last command has had its answer, and there is no other to give
    }
}

std::string refuse_connection(std::string_view reason) { return negative("SYS/TEMP", reason); }

}  // namespace hongyan::pop3
