#include "smtp/session.h"

#include "smtp/command_table.h"
#include "smtp/wire/command.h"

namespace hongyan::smtp {

namespace {

// RFC 5321 §4.5.3.1.4 asks for 512; extensions add parameters, and AUTH up to 12288 (RFC 4954 §4).
constexpr std::size_t longest_command = 12'288;

// The text of a 421, by which a server may end a conversation at any time (RFC 5321 §3.8).
std::string goodbye(const std::string& hostname, session::Farewell why) {
    switch (why) {
        case session::Farewell::timed_out:
            return fmt::format("{} has waited too long, closing", hostname);
        case session::Farewell::shutting_down:
            return fmt::format("{} is shutting down, please come back", hostname);
        case session::Farewell::too_many_mistakes:
            return fmt::format("{} has heard too many mistakes, closing", hostname);
    }
    return hostname;
}

// RFC 3463 §3: 4.4.2 a connection that went wrong, 4.3.2 a system that takes nothing, 4.7.0 policy.
std::string_view status(session::Farewell why) {
    switch (why) {
        case session::Farewell::timed_out:
            return "4.4.2";
        case session::Farewell::shutting_down:
            return "4.3.2";
        case session::Farewell::too_many_mistakes:
            return "4.7.0";
    }
    return "4.0.0";
}

}  // namespace

Session::Session(Settings settings) : Dialogue(longest_command), settings_(std::move(settings)) {
    const auto* const protocol = settings_.service == Service::lmtp ? "LMTP" : "ESMTP";
    reply({220, "", fmt::format("{} {} Hongyan", settings_.hostname, protocol)});
}

void Session::reply(const Reply& reply) {
    say(to_wire(reply));
    if (reply.code >= 500) count_mistake();
}

bool Session::advance() {
    const auto line = input().next();
    if (!line) return false;
    switch (line->kind) {
        case session::Line::Kind::whole:
            execute(line->text);
            break;
        case session::Line::Kind::too_long:
            reply({500, "5.5.2", "The line is too long"});
            break;
        case session::Line::Kind::stray:
            reply({500, "5.5.2", "A line ends in CR LF and holds neither before"});
            break;
    }
    return true;
}

void Session::execute(std::string_view line) {
    const auto command = parse_command(line);
    const auto* const row = find_command(command.verb, settings_.service);
    if (row == nullptr) return reply({500, "5.5.1", "There is no such command"});
    if (!row->states.contains(state_)) return reply({503, "5.5.1", "Say hello first"});
    row->run(*this, command.argument);
}

// RFC 3207 §4.2: the client begins again, and we know nothing of what it said.
void Session::became_secure(session::Security) {
    settings_.secure = true;
    state_ = State::connected;
}

void Session::say_goodbye(session::Farewell why) {
    say(to_wire({421, status(why), goodbye(settings_.hostname, why)}));
}

std::string refuse_connection(const std::string& hostname, std::string_view reason) {
    return to_wire({421, "4.3.2", fmt::format("{} {}", hostname, reason)});
}

}  // namespace hongyan::smtp
