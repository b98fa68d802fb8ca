#include "spam/dnsbl.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "base/scanner.h"
#include "dns/record.h"
#include "net/both.h"

namespace hongyan::spam {

namespace {

constexpr std::uint32_t loopback = 127U << 24U, complaints = loopback | 0xffff00;
constexpr std::chrono::hours between_tests{1};
constexpr std::size_t longest_words = 300;  // bytes, in a reply of 512 (RFC 5321 §4.5.3.1.5)

std::uint32_t number_of(const dns::IpAddress& address) {
    std::uint32_t number = 0;
    for (const char octet : address.octets()) number = number << 8U | static_cast<unsigned char>(octet);
    return number;
}

std::optional<std::uint32_t> ipv4_number(std::string_view text) {
    const auto address = dns::IpAddress::parse(text);
    if (!address || address->is_ipv6()) return std::nullopt;
    const auto number = number_of(*address);
    return number >> 24U == 127 ? std::optional(number) : std::nullopt;
}

// codes = code *("," code)   code = address ["-" address]
std::optional<std::vector<ListRule::Codes>> parse_codes(std::string_view text) {
    std::vector<ListRule::Codes> all;
    while (!text.empty()) {
        const auto comma = text.find(',');
        const auto one = text.substr(0, comma);
        text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
        const auto dash = one.find('-');
        const auto first = ipv4_number(one.substr(0, dash));
        const auto last = dash == one.npos ? first : ipv4_number(one.substr(dash + 1));
        if (!first || !last || *last < *first) return std::nullopt;
        all.push_back({*first, *last});
    }
    return all.empty() ? std::nullopt : std::optional(all);
}

std::optional<double> parse_weight(std::string_view text) {
    double weight = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
    const bool is_whole = error == std::errc() && end == text.data() + text.size();
    return is_whole && weight >= -1000 && weight <= 1000 ? std::optional(weight) : std::nullopt;
}

std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text) {
    if (!text.ends_with('s')) return std::nullopt;
    Scanner in(text.substr(0, text.size() - 1));
    const auto seconds = in.number<std::uint32_t>(60);
    return in.complete() && seconds > 0 ? std::optional(std::chrono::seconds(seconds)) : std::nullopt;
}

bool take_word(ListRule& rule, std::string_view word) {
    const auto equals = word.find('=');
    const auto key = word.substr(0, equals);
    const auto value = equals == word.npos ? std::string_view() : word.substr(equals + 1);
    if (word == "refuse") return rule.refuses = true;
    if (key == "weight") {
        const auto weight = parse_weight(value);
        rule.weight = weight.value_or(0);
        return weight.has_value();
    }
    if (key == "codes") {
        auto codes = parse_codes(value);
        if (codes) rule.codes = *std::move(codes);
        return codes.has_value();
    }
    const auto patience = key == "timeout" ? parse_seconds(value) : std::nullopt;
    if (patience) rule.patience = *patience;
    return patience.has_value();
}

// Of ::FFFF:7F00:2 or ::FFFF:7F00:1, which are no addresses of clients (RFC 5782 §5).
Result<dns::Name> mapped_entry(char last, const dns::Name& zone) {
    constexpr std::size_t zeros = 20;
    std::string nibbles = fmt::format("{}.0.0.0.0.0.f.7.f.f.f.f", last);
    for (std::size_t i = 0; i < zeros; ++i) nibbles += ".0";
    return zone.under(nibbles);
}

// One line of printable ASCII: it goes into a reply.
std::string printable(std::string_view text) {
    std::string words;
    for (const char c : text.substr(0, longest_words))
        words += ascii::is_control(c) || ascii::is_8bit(c) ? '?' : c;
    return words;
}

}  // namespace

Result<ListRule> ListRule::parse(std::string_view text) {
    ListRule rule;
    bool is_first = true;
    while (!(text = ascii::trim(text)).empty()) {
        const auto end = text.find(' ');
        const auto word = text.substr(0, end);
        text = end == text.npos ? std::string_view() : text.substr(end);
        if (is_first) {
            TRY(rule.zone, dns::Name::parse(word));
        } else if (!take_word(rule, word)) {
            return fail(Error::Kind::invalid,
                        "\"{}\" is none of weight=N, codes=127.0.0.2-127.0.0.11, refuse, timeout=2s", word);
        }
        is_first = false;
    }
    if (rule.zone.is_root()) return fail(Error::Kind::invalid, "a list needs the name of its zone");
    return rule;
}

bool ListRule::is_hit(const dns::IpAddress& answer) const {
    if (answer.is_ipv6()) return false;
    const auto number = number_of(answer);
    if (number >> 24U != 127 || number >> 8U == complaints >> 8U) return false;
    return codes.empty() || std::ranges::any_of(codes, [&](const Codes& each) {
               return number >= each.first && number <= each.last;
           });
}

Result<dns::Name> name_on_list(const dns::IpAddress& address, const dns::Name& zone) {
    constexpr std::string_view ends[] = {".in-addr.arpa", ".ip6.arpa"};
    auto reverse = address.reverse_name();
    for (const auto end : ends)
        if (reverse.ends_with(end)) reverse.resize(reverse.size() - end.size());
    return zone.under(reverse);
}

Result<dns::Name> name_on_list(const dns::Name& domain, const dns::Name& zone) {
    return zone.under(domain.text());
}

net::Task<bool> List::holds(net::Resolver& resolver, Result<dns::Name> name) {
    if (!name) co_return false;
    const auto deadline = net::after(rule_.patience);
    const auto answer = co_await net::look_up<dns::A>(resolver, *std::move(name), deadline);
    co_return std::ranges::any_of(answer.records,
                                  [&](const dns::A& each) { return rule_.is_hit(each.address); });
}

net::Task<List::Structure> List::structure(net::Resolver& resolver, Result<dns::Name> in,
                                           Result<dns::Name> out) {
    auto holds_in = holds(resolver, std::move(in));
    auto holds_out = holds(resolver, std::move(out));
    const auto [is_in, is_out] = co_await net::both(std::move(holds_in), std::move(holds_out));
    if (is_out) co_return Structure::wrong;
    co_return is_in ? Structure::right : Structure::empty;
}

std::optional<bool> List::was_in_order() const {
    const auto last = tested_.load();
    const bool is_fresh =
        last != net::Deadline::min() && std::chrono::steady_clock::now() - last < between_tests;
    return is_fresh ? std::optional(well_.load()) : std::nullopt;
}

bool List::is_known_to_miss(net::Resolver& resolver, const Result<dns::Name>& name) const {
    const auto was = was_in_order();
    if (!was || !*was || !name) return was.has_value();
    const auto raw = resolver.known({.name = *name, .type = dns::Type::a});
    if (!raw) return false;
    const auto answer = dns::read<dns::A>(*raw);
    return std::ranges::none_of(answer.records,
                                [&](const dns::A& each) { return rule_.is_hit(each.address); });
}

// Once in an hour; meanwhile, what was found last counts.
net::Task<bool> List::is_in_order(net::Resolver& resolver) {
    if (const auto was = was_in_order()) co_return *was;
    const auto now = std::chrono::steady_clock::now();
    ListRule any{.zone = rule_.zone, .codes = {}, .patience = rule_.patience};
    List tested(std::move(any), kind_);
    const auto entry = [this](std::string_view address) {
        return name_on_list(dns::IpAddress::parse(address).value(), rule_.zone);
    };
    auto found = Structure::empty;
    if (kind_ == Kind::domains) {
        auto in = rule_.zone.under("test"), out = rule_.zone.under("invalid");
        found = co_await tested.structure(resolver, std::move(in), std::move(out));
    } else {
        auto in = entry("127.0.0.2"), out = entry("127.0.0.1");
        found = co_await tested.structure(resolver, std::move(in), std::move(out));
        if (found == Structure::empty) {
            auto in6 = mapped_entry('2', rule_.zone), out6 = mapped_entry('1', rule_.zone);
            found = co_await tested.structure(resolver, std::move(in6), std::move(out6));
        }
    }
    well_ = found == Structure::right;
    tested_ = now;
    co_return well_.load();
}

net::Task<Listed> List::ask(net::Resolver& resolver, Result<dns::Name> name) {
    Listed listed;
    auto is_listed = holds(resolver, name);
    auto is_well = is_in_order(resolver);
    const auto [is_on, works] = co_await net::both(std::move(is_listed), std::move(is_well));
    listed.is_on = is_on && works;
    if (!listed.is_on) co_return listed;
    const auto deadline = net::after(rule_.patience);
    const auto said = co_await net::look_up<dns::Txt>(resolver, *std::move(name), deadline);
    if (!said.records.empty()) listed.words = printable(said.records.front().text);
    co_return listed;
}

net::Task<Listed> List::ask(net::Resolver& resolver, dns::IpAddress address) {
    return ask(resolver, name_on_list(address, rule_.zone));
}

net::Task<Listed> List::ask(net::Resolver& resolver, dns::Name domain) {
    return ask(resolver, name_on_list(domain, rule_.zone));
}

}  // namespace hongyan::spam
