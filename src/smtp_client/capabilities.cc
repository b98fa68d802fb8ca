#include "smtp_client/capabilities.h"

#include <algorithm>

#include "base/scanner.h"

namespace hongyan::smtp_client {

namespace {

constexpr bool is_word(char c) { return c != ' ' && c != '\t'; }
constexpr std::size_t most_mechanisms = 50;  // more is nothing that anybody offers

std::string_view word(Scanner& in) {
    in.skip_blanks();
    return in.take_while(is_word);
}

template <typename Number>
std::optional<Number> number(std::string_view text) {
    Scanner in(text);
    const auto value = in.number<Number>();
    if (!in.complete()) return std::nullopt;
    return value;
}

// size-param = [1*DIGIT]   RFC 1870 §3
void take_size(Scanner& in, Capabilities& out) {
    out.knows_size = true;
    out.size = number<std::uint64_t>(word(in));
    if (out.size == 0U) out.size.reset();
}

// AUTH SP mechanism *(SP mechanism)   RFC 4954 §3. Old servers say AUTH=, sometimes beside it.
void take_mechanisms(Scanner& in, Capabilities& out) {
    out.authentication = true;
    while (out.mechanisms.size() < most_mechanisms) {
        const auto name = word(in);
        if (name.empty()) return;
        if (!out.offers(name)) out.mechanisms.push_back(ascii::to_upper(name));
    }
}

// limits-param = limits-name "=" value *(SP …)   RFC 9422 §3
void take_limits(Scanner& in, Capabilities& out) {
    for (auto limit = word(in); !limit.empty(); limit = word(in)) {
        const auto equals = std::min(limit.find('='), limit.size());
        const auto value = number<std::uint32_t>(limit.substr(std::min(equals + 1, limit.size())));
        if (!value || *value == 0) continue;
        if (ascii::iequals(limit.substr(0, equals), "RCPTMAX")) out.most_recipients = value;
        if (ascii::iequals(limit.substr(0, equals), "MAILMAX")) out.most_transactions = value;
    }
}

void take_deliver_by(Scanner& in, Capabilities& out) {
    out.deliver_by = number<std::uint32_t>(word(in)).value_or(0);
}

template <bool Capabilities::* flag>
void set(Scanner& /*in*/, Capabilities& out) {
    out.*flag = true;
}

struct Row {
    std::string_view keyword;
    void (*take)(Scanner& in, Capabilities& out);
    std::string_view section;
};

constexpr Row rows[] = {
    {"SIZE", &take_size, "RFC 1870 §3"},
    {"PIPELINING", &set<&Capabilities::pipelining>, "RFC 2920 §3"},
    {"8BITMIME", &set<&Capabilities::eight_bit>, "RFC 6152 §2"},
    {"SMTPUTF8", &set<&Capabilities::smtputf8>, "RFC 6531 §3.1"},
    {"CHUNKING", &set<&Capabilities::chunking>, "RFC 3030 §2"},
    {"BINARYMIME", &set<&Capabilities::binary>, "RFC 3030 §3"},
    {"DSN", &set<&Capabilities::dsn>, "RFC 3461 §4"},
    {"STARTTLS", &set<&Capabilities::starttls>, "RFC 3207 §2"},
    {"ENHANCEDSTATUSCODES", &set<&Capabilities::enhanced_codes>, "RFC 2034 §3"},
    {"REQUIRETLS", &set<&Capabilities::require_tls>, "RFC 8689 §2"},
    {"MT-PRIORITY", &set<&Capabilities::priorities>, "RFC 6710 §3"},
    {"DELIVERBY", &take_deliver_by, "RFC 2852 §3"},
    {"FUTURERELEASE", &set<&Capabilities::future_release>, "RFC 4865 §3"},
    {"AUTH", &take_mechanisms, "RFC 4954 §3"},
    {"LIMITS", &take_limits, "RFC 9422 §3"},
};

// ehlo-line = ehlo-keyword *( SP ehlo-param )   RFC 5321 §4.1.1.1
void take_line(std::string_view line, Capabilities& out) {
    Scanner in(line);
    const auto keyword = in.take_while([](char c) { return is_word(c) && c != '='; });
    in.present("=");
    for (const auto& row : rows)
        if (ascii::iequals(row.keyword, keyword)) row.take(in, out);
}

}  // namespace

bool Capabilities::offers(std::string_view mechanism) const {
    return std::ranges::any_of(mechanisms, [&](const auto& each) { return ascii::iequals(each, mechanism); });
}

Capabilities parse_capabilities(const smtp::Reply& reply) {
    Capabilities out;
    for (const auto& line : reply.lines)
        if (&line == &reply.lines.front())
            out.name = line.substr(0, line.find(' '));
        else
            take_line(line, out);
    // Only with chunks can binary content be sent (RFC 3030 §3).
    out.binary = out.binary && out.chunking;
    return out;
}

}  // namespace hongyan::smtp_client
