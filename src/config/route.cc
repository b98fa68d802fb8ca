#include "config/route.h"

#include <algorithm>

#include "base/scanner.h"
#include "config/network.h"
#include "config/words.h"

namespace hongyan::config {

namespace {

constexpr std::size_t longest = 1000;  // bytes of a route: in names, keys and lines of the log
constexpr std::uint16_t smtp_port = 25, submission_port = 587, submissions_port = 465, lmtp_port = 24;
constexpr std::size_t longest_socket = 107;  // what sockaddr_un holds, its final NUL left out

bool is_user_byte(char c) { return !ascii::is_control(c) && c != ' '; }

template <typename... Arguments>
std::unexpected<Error> wrong(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    return fail(Error::Kind::invalid, text, std::forward<Arguments>(arguments)...);
}

// Options after the host: NAME=VALUE.
struct Option {
    std::string_view name;
    bool (*take)(std::string_view value, NextHop& hop);
    std::string_view wants;
};

bool take_tls(std::string_view value, NextHop& hop) {
    constexpr std::pair<std::string_view, RouteTls> names[] = {{"none", RouteTls::none},
                                                               {"opportunistic", RouteTls::opportunistic},
                                                               {"required", RouteTls::required},
                                                               {"implicit", RouteTls::implicit}};
    const auto* const found = std::ranges::find(names, value, &std::pair<std::string_view, RouteTls>::first);
    if (found == std::end(names)) return false;
    hop.tls = found->second;
    return true;
}
bool take_user(std::string_view value, NextHop& hop) {
    hop.user = value;
    return !value.empty() && std::ranges::all_of(value, is_user_byte);
}
bool take_path(std::string_view value, std::filesystem::path& out) {
    out = value;
    return out.is_absolute();
}
bool take_secret(std::string_view value, NextHop& hop) { return take_path(value, hop.secret); }
bool take_token(std::string_view value, NextHop& hop) { return take_path(value, hop.token); }
bool take_connections(std::string_view value, NextHop& hop) {
    return take_number(value, most_connections, hop.connections);
}
bool take_messages(std::string_view value, NextHop& hop) {
    return take_number(value, most_messages, hop.messages);
}

constexpr Option options[] = {
    {"tls", &take_tls, "none, opportunistic, required or implicit"},
    {"user", &take_user, "a name without blanks"},
    {"secret", &take_secret, "an absolute path"},
    {"token", &take_token, "an absolute path"},
    {"connections", &take_connections, "a number from 1 to 1000"},
    {"messages", &take_messages, "a number from 1 to 1000000, for a minute"},
};

Result<void> take_options(std::span<const std::string_view> words, NextHop& hop, bool& says_tls) {
    std::vector<std::string_view> seen;
    for (const auto word : words) {
        const auto equals = word.find('=');
        const auto name = word.substr(0, equals);
        const auto* const option = std::ranges::find(options, name, &Option::name);
        if (equals == word.npos || option == std::end(options))
            return wrong(
                "\"{}\" is no option of a route: there are tls, user, secret, token, connections and "
                "messages",
                word);
        if (std::ranges::find(seen, name) != seen.end()) return wrong("\"{}\" is said twice", name);
        seen.push_back(name);
        says_tls |= name == "tls";
        if (!option->take(word.substr(equals + 1), hop))
            return wrong("\"{}\" does not say {}", word, option->wants);
    }
    return {};
}

// host = name / "[" (name / address) "]", then [":" port]. Brackets: that host itself, no MX of it.
Result<void> take_host(std::string_view text, NextHop& hop) {
    Scanner in(text);
    const bool itself = in.present("[");
    hop.host = ascii::to_lower(itself ? in.take_until("]") : in.take_some(is_name_byte));
    const bool is_known = is_name(hop.host) || (itself && parse_address(hop.host));
    if (in.present(":")) {
        hop.port = in.number<std::uint16_t>();
        if (hop.port == 0) in.fail();
    }
    if (!in.complete() || !is_known)
        return wrong("\"{}\" is not a host such as \"relay.example.net\" or \"[192.0.2.1]:2525\"", text);
    hop.looks_up_mx = !itself && !parse_address(hop.host) && hop.protocol == NextHop::Protocol::smtp;
    return {};
}

Result<void> take_socket(std::string_view path, NextHop& hop) {
    if (!path.starts_with('/') || path.size() > longest_socket)
        return wrong("\"unix:{}\" needs an absolute path of {} bytes at most", path, longest_socket);
    hop.socket = path;
    hop.tls = RouteTls::none;
    return {};
}

// Nobody's password goes to whoever answers: with a user there is TLS unless the route says otherwise.
void choose_defaults(NextHop& hop, bool says_tls) {
    if (!says_tls && !hop.user.empty())
        hop.tls = hop.port == submissions_port ? RouteTls::implicit : RouteTls::required;
    if (hop.port != 0 || !hop.socket.empty()) return;
    if (hop.protocol == NextHop::Protocol::lmtp)
        hop.port = lmtp_port;
    else if (hop.tls == RouteTls::implicit)
        hop.port = submissions_port;
    else
        hop.port = hop.user.empty() ? smtp_port : submission_port;
}

Result<void> check_log_in(const NextHop& hop) {
    if (hop.user.empty() && (!hop.secret.empty() || !hop.token.empty()))
        return wrong("a secret needs user=NAME");
    if (!hop.secret.empty() && !hop.token.empty()) return wrong("there is a password or a token, not both");
    const bool needs_token = hop.provider != nullptr && hop.provider->log_in == LogInBy::token;
    if (needs_token && hop.token.empty())
        return wrong("{} needs token=FILE, with an OAuth token", hop.provider->name);
    return {};
}

Result<void> take_provider(const Provider& provider, std::string_view user, NextHop& hop) {
    if (!take_user(user, hop)) return wrong("\"{}:\" needs the name to log in with", provider.name);
    hop.provider = &provider;
    hop.host = provider.host;
    hop.port = provider.port;
    hop.tls = provider.tls;
    hop.connections = provider.connections;
    hop.messages = provider.messages;
    return {};
}

}  // namespace

// hop = "direct" / provider ":" user / ["smtp:"] host / "lmtp:" (host / "unix:" path), then options
Result<NextHop> NextHop::parse(std::string_view text) {
    const auto words = words_of(text);
    if (words.empty() || text.size() > longest)
        return wrong("a route leads to a host, of {} bytes at most", longest);
    NextHop hop;
    for (const auto word : words) hop.text.append(hop.text.empty() ? "" : " ").append(word);
    auto where = words.front();
    if (where == "direct") {
        hop.direct = true;
        if (words.size() > 1) return wrong("\"direct\" has no options");
        return hop;
    }
    const auto colon = where.find(':');
    const auto* const provider = colon == where.npos ? nullptr : find_provider(where.substr(0, colon));
    bool says_tls = provider != nullptr;
    if (provider != nullptr) {
        TRY(take_provider(*provider, where.substr(colon + 1), hop));
    } else {
        if (where.starts_with("lmtp:")) hop.protocol = Protocol::lmtp;
        if (where.starts_with("lmtp:") || where.starts_with("smtp:")) where.remove_prefix(colon + 1);
        const bool is_socket = hop.protocol == Protocol::lmtp && where.starts_with("unix:");
        says_tls = is_socket;
        TRY(is_socket ? take_socket(where.substr(5), hop) : take_host(where, hop));
    }
    TRY(take_options(std::span(words).subspan(1), hop, says_tls));
    choose_defaults(hop, says_tls);
    TRY(check_log_in(hop));
    return hop;
}

Result<Route> Route::parse(std::string_view text) {
    constexpr std::string_view from = "from:";
    const auto words = words_of(text);
    if (words.size() < 2)
        return wrong("\"{}\" is not a route such as \"example.org relay.example.net\"", text);
    Route route;
    const auto who = ascii::to_lower(words.front());
    if (who.starts_with(from)) {
        route.sender = who.substr(from.size());
        const auto at = route.sender.rfind('@');
        if (at == route.sender.npos || !is_name(std::string_view(route.sender).substr(at + 1)))
            return wrong("\"{}\" is not a sender such as \"from:ann@example.org\" or \"from:@example.org\"",
                         words.front());
    } else {
        route.domain = who;
        if (!is_domain_pattern(who))
            return wrong("\"{}\" is not a domain such as \"example.org\", \".example.org\" or \"*\"",
                         words.front());
    }
    const auto rest = text.substr(static_cast<std::size_t>(words[1].data() - text.data()));
    TRY(route.hop, NextHop::parse(rest));
    return route;
}

std::string Route::to_string() const { return (sender.empty() ? domain : "from:" + sender) + " " + hop.text; }

}  // namespace hongyan::config
