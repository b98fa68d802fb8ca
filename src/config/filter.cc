#include "config/filter.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/scanner.h"
#include "config/network.h"
#include "config/units.h"

namespace hongyan::config {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_socket = 107;  // what sockaddr_un holds, its final NUL left out
// The client waits ten minutes at least (RFC 5321 §4.5.3.2.6); by then he must have been answered.
constexpr std::chrono::milliseconds least = 100ms, most = 9min;

bool is_host_byte(char c) { return ascii::is_alnum(c) || c == '-' || c == '.' || c == '_'; }

template <typename... Arguments>
std::unexpected<Error> wrong(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    return fail(Error::Kind::invalid, text, std::forward<Arguments>(arguments)...);
}

bool take_time(std::string_view value, std::chrono::milliseconds& out) {
    const auto time = parse_duration(value);
    if (time) out = *time;
    return time && *time >= least && *time <= most;
}
bool take_connect(std::string_view value, Milter& out) { return take_time(value, out.connect); }
bool take_command(std::string_view value, Milter& out) { return take_time(value, out.command); }
bool take_content(std::string_view value, Milter& out) { return take_time(value, out.content); }
bool take_end(std::string_view value, Milter& out) { return take_time(value, out.end); }

bool take_name(std::string_view value, Milter& out) {
    out.name = value;
    return !value.empty() && value.size() <= 64 && std::ranges::all_of(value, is_host_byte);
}

bool take_default(std::string_view value, Milter& out) {
    constexpr std::pair<std::string_view, WithoutFilter> names[] = {
        {"defer", WithoutFilter::defer},
        {"accept", WithoutFilter::accept},
        {"reject", WithoutFilter::reject},
        {"quarantine", WithoutFilter::quarantine}};
    const auto* const found =
        std::ranges::find(names, value, &std::pair<std::string_view, WithoutFilter>::first);
    if (found == std::end(names)) return false;
    out.otherwise = found->second;
    return true;
}

bool take_services(std::string_view value, Milter& out) {
    constexpr std::pair<std::string_view, bool Milter::*> names[] = {
        {"relay", &Milter::relay}, {"submission", &Milter::submission}, {"lmtp", &Milter::lmtp}};
    for (const auto& [name, member] : names) out.*member = false;
    for (Scanner in(value); !in.at_end(); in.present(",")) {
        const auto word = in.take_some([](char c) { return c != ','; });
        const auto* const found =
            std::ranges::find(names, word, &std::pair<std::string_view, bool Milter::*>::first);
        if (in.failed() || found == std::end(names)) return false;
        out.*(found->second) = true;
    }
    return !value.empty();
}

// What stands behind the address: NAME=VALUE.
struct Option {
    std::string_view name;
    bool (*take)(std::string_view value, Milter& out);
    std::string_view wants;
};

constexpr std::string_view a_time = "a time such as 30s, from 100ms to 9min";
constexpr Option options[] = {
    {"name", &take_name, "a name of letters, digits, dots and hyphens"},
    {"default", &take_default, "defer, accept, reject or quarantine"},
    {"for", &take_services, "some of relay, submission and lmtp, with commas between them"},
    {"connect", &take_connect, a_time},
    {"command", &take_command, a_time},
    {"content", &take_content, a_time},
    {"end", &take_end, a_time},
};

Result<void> take_option(std::string_view word, Milter& out, std::vector<std::string_view>& seen) {
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    const auto* const option = std::ranges::find(options, name, &Option::name);
    if (equals == word.npos || option == std::end(options))
        return wrong(
            "\"{}\" is no option of a filter: there are name, default, for, connect, command, content and "
            "end",
            word);
    if (std::ranges::find(seen, name) != seen.end()) return wrong("\"{}\" is said twice", name);
    seen.push_back(name);
    if (!option->take(word.substr(equals + 1), out))
        return wrong("\"{}\" does not say {}", word, option->wants);
    return {};
}

Result<FilterAddress> parse_socket(std::string_view path) {
    if (!path.starts_with('/') || path.size() > longest_socket || path.contains('\0'))
        return wrong("\"unix:{}\" needs an absolute path of {} bytes at most", path, longest_socket);
    return FilterAddress{.socket = std::string(path)};
}

}  // namespace

Result<FilterAddress> FilterAddress::parse(std::string_view text) {
    Scanner in(text);
    if (in.present("unix:")) return parse_socket(in.rest());
    FilterAddress out;
    in.expect("inet:");
    if (in.present("[")) {
        out.host = in.take_until("]");
        if (!parse_address(out.host)) in.fail();
    } else {
        out.host = ascii::to_lower(in.take_some(is_host_byte));
    }
    in.expect(":");
    out.port = in.number<std::uint16_t>();
    if (!in.complete() || out.port == 0)
        return wrong(
            "\"{}\" is not where a filter listens, such as \"inet:127.0.0.1:8891\" or "
            "\"unix:/run/filter.sock\"",
            text);
    return out;
}

std::string FilterAddress::to_string() const {
    if (!socket.empty()) return "unix:" + socket;
    return host.contains(':') ? fmt::format("inet:[{}]:{}", host, port)
                              : fmt::format("inet:{}:{}", host, port);
}

Result<Milter> Milter::parse(std::string_view text) {
    if (text.size() > 1000) return wrong("a filter takes 1000 bytes at most");
    Milter out{.text = std::string(text), .address = {}, .name = {}};
    Scanner in(text);
    in.skip_blanks();
    const auto take_word = [&in] { return in.take_while([](char c) { return !ascii::is_blank(c); }); };
    TRY(out.address, FilterAddress::parse(take_word()));
    std::vector<std::string_view> seen;
    for (in.skip_blanks(); !in.at_end(); in.skip_blanks()) TRY(take_option(take_word(), out, seen));
    if (out.name.empty()) out.name = out.address.to_string();
    return out;
}

}  // namespace hongyan::config
