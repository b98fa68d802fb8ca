#include "config/kinds.h"

#include "base/ascii.h"
#include "base/scanner.h"
#include "config/units.h"

namespace hongyan::config {

namespace {

// The escapes that TOML 1.0 and JSON (RFC 8259 §7) have in common.
void put_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += {'\\', c};
        else if (ascii::is_control(c))
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
        else
            out += c;
    }
    out += '"';
}

// The two notations differ only in what surrounds the values.
struct Printer {
    std::string out;

    void operator()(bool value) { out = value ? "true" : "false"; }
    void operator()(std::int64_t value) { out = fmt::to_string(value); }
    void operator()(const std::string& value) { put_quoted(out, value); }
    void operator()(const std::vector<std::string>& values) {
        out = "[";
        for (const auto& value : values) {
            if (out.size() > 1) out += ", ";
            put_quoted(out, value);
        }
        out += "]";
    }
};

std::string print(const Raw& raw) {
    Printer printer;
    std::visit(printer, raw);
    return std::move(printer.out);
}

struct Describe {
    std::string operator()(bool) const { return "a boolean"; }
    std::string operator()(std::int64_t) const { return "an integer"; }
    std::string operator()(const std::string&) const { return "a text"; }
    std::string operator()(const std::vector<std::string>&) const { return "a list"; }
};

template <typename Wanted>
Result<Wanted> expect(const Raw& raw, std::string_view wanted) {
    if (const auto* value = std::get_if<Wanted>(&raw)) return *value;
    return fail(Error::Kind::invalid, "expected {}, found {}", wanted, std::visit(Describe{}, raw));
}

template <typename Value>
Result<void> within(Value value, Value least, Value most, std::string_view shown,
                    std::string_view shown_least, std::string_view shown_most) {
    if (value < least) return fail(Error::Kind::invalid, "{} is less than {}, the least", shown, shown_least);
    if (value > most) return fail(Error::Kind::invalid, "{} is more than {}, the most", shown, shown_most);
    return {};
}

// A list may also be given as one text, since most have one member.
Result<std::vector<std::string>> expect_list(const Raw& raw, std::string_view wanted) {
    if (const auto* one = std::get_if<std::string>(&raw)) return std::vector{*one};
    return expect<std::vector<std::string>>(raw, wanted);
}

template <typename Item>
Result<std::vector<Item>> read_items(const Raw& raw, std::string_view wanted) {
    TRY(const auto texts, expect_list(raw, wanted));
    std::vector<Item> items;
    for (const auto& text : texts) {
        TRY(auto item, Item::parse(text));
        items.push_back(std::move(item));
    }
    return items;
}

std::vector<std::string> shown(std::span<const std::chrono::milliseconds> durations) {
    std::vector<std::string> out;
    for (const auto duration : durations) out.push_back(duration_to_string(duration));
    return out;
}

}  // namespace

// A path with a colon in it cannot be written.
Result<CertificateFiles> CertificateFiles::parse(std::string_view text) {
    const auto colon = text.find(':');
    const auto certificate = text.substr(0, colon);
    const auto key = colon == text.npos ? certificate : text.substr(colon + 1);
    if (certificate.empty() || key.empty() || key.contains(':') || text.contains('\0'))
        return fail(Error::Kind::invalid, "\"{}\" is not a certificate such as \"cert.pem:key.pem\"", text);
    return CertificateFiles{certificate, key};
}

std::string CertificateFiles::to_string() const {
    return certificate == key ? certificate.string() : certificate.string() + ":" + key.string();
}

std::string to_toml(const Raw& raw) { return print(raw); }
std::string to_json(const Raw& raw) { return print(raw); }

namespace kind {

std::string Text::bounds() const { return fmt::format("at most {} byte{}", most, most == 1 ? "" : "s"); }

Result<void> Text::read(Config& config, const Raw& raw) const {
    TRY(auto text, expect<std::string>(raw, "a text"));
    if (text.size() > most)
        return fail(Error::Kind::invalid, "{} bytes are more than {}, the most", text.size(), most);
    if (std::ranges::any_of(text, ascii::is_control))
        return fail(Error::Kind::invalid, "control characters are not allowed here");
    member.of(config) = std::move(text);
    return {};
}

Result<void> Path::read(Config& config, const Raw& raw) const {
    TRY(auto text, expect<std::string>(raw, "a path"));
    if (text.find('\0') != std::string::npos) return fail(Error::Kind::invalid, "a path holds no NUL");
    member.of(config) = std::move(text);
    return {};
}

Result<void> Integer::read(Config& config, const Raw& raw) const {
    TRY(const auto number, expect<std::int64_t>(raw, "an integer"));
    TRY(within(number, least, most, fmt::to_string(number), fmt::to_string(least), fmt::to_string(most)));
    member.of(config) = static_cast<std::uint64_t>(number);
    return {};
}

std::string Bytes::bounds() const {
    return fmt::format("{} to {}", bytes_to_string(least), bytes_to_string(most));
}

Result<void> Bytes::read(Config& config, const Raw& raw) const {
    std::uint64_t size = 0;
    if (const auto* plain = std::get_if<std::int64_t>(&raw); plain != nullptr && *plain >= 0) {
        size = static_cast<std::uint64_t>(*plain);
    } else {
        TRY(const auto text, expect<std::string>(raw, "a size such as \"64 MiB\""));
        TRY(size, parse_bytes(text));
    }
    TRY(within(size, least, most, bytes_to_string(size), bytes_to_string(least), bytes_to_string(most)));
    member.of(config) = size;
    return {};
}

Raw Bytes::show(const Config& config) const { return bytes_to_string(member.in(config)); }
Raw Bytes::fallback_value() const { return bytes_to_string(fallback); }

std::string Duration::bounds() const {
    return fmt::format("{} to {}", duration_to_string(least), duration_to_string(most));
}

Result<void> Duration::read(Config& config, const Raw& raw) const {
    TRY(const auto text, expect<std::string>(raw, "a time such as \"5 min\""));
    TRY(const auto duration, parse_duration(text));
    TRY(within(duration, least, most, duration_to_string(duration), duration_to_string(least),
               duration_to_string(most)));
    member.of(config) = duration;
    return {};
}

Raw Duration::show(const Config& config) const { return duration_to_string(member.in(config)); }
Raw Duration::fallback_value() const { return duration_to_string(fallback); }

std::string DurationList::bounds() const {
    return fmt::format("1 to {} of {} to {}", longest, duration_to_string(least), duration_to_string(most));
}

Result<void> DurationList::read(Config& config, const Raw& raw) const {
    TRY(const auto texts, expect_list(raw, "a list of times such as [\"5 min\", \"1 h\"]"));
    if (texts.empty() || texts.size() > longest)
        return fail(Error::Kind::invalid, "{} times where 1 to {} are allowed", texts.size(), longest);
    std::vector<std::chrono::milliseconds> durations;
    for (const auto& text : texts) {
        TRY(durations.emplace_back(), parse_duration(text));
        TRY(within(durations.back(), least, most, text, duration_to_string(least), duration_to_string(most)));
    }
    member.of(config) = std::move(durations);
    return {};
}

Raw DurationList::show(const Config& config) const { return shown(member.in(config)); }
Raw DurationList::fallback_value() const { return shown(fallback); }

Result<void> Boolean::read(Config& config, const Raw& raw) const {
    TRY(member.of(config), expect<bool>(raw, "true or false"));
    return {};
}

std::string Choice::bounds() const {
    std::string out;
    for (const auto choice : names) {
        out += out.empty() ? "" : ", ";
        put_quoted(out, choice);
    }
    return out;
}

Result<void> Choice::read(Config& config, const Raw& raw) const {
    TRY(const auto text, expect<std::string>(raw, fmt::format("one of {}", bounds())));
    const auto found = std::ranges::find(names, text);
    if (found == names.end()) return fail(Error::Kind::invalid, "\"{}\" is none of {}", text, bounds());
    set(config, static_cast<std::size_t>(found - names.begin()));
    return {};
}

Result<void> Permissions::read(Config& config, const Raw& raw) const {
    TRY(const auto text, expect<std::string>(raw, "permissions such as \"0660\""));
    std::uint32_t mode = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
    if (error != std::errc{} || end != text.data() + text.size() || mode > 0777)
        return fail(Error::Kind::invalid, "\"{}\" is not {}", text, bounds());
    member.of(config) = mode;
    return {};
}

Result<void> ListenAt::read(Config& config, const Raw& raw) const {
    TRY(member.of(config), read_items<ListenAddress>(raw, "a list of addresses such as [\"*:25\"]"));
    return {};
}

Raw ListenAt::show(const Config& config) const {
    std::vector<std::string> out;
    for (const auto& address : member.in(config)) out.push_back(to_string(address));
    return out;
}

Raw ListenAt::fallback_value() const {
    return fallback.empty() ? std::vector<std::string>{} : std::vector{std::string(fallback)};
}

Result<void> NetworkList::read(Config& config, const Raw& raw) const {
    TRY(member.of(config), read_items<Network>(raw, "a list of networks such as [\"192.0.2.0/24\"]"));
    return {};
}

Result<void> CertificateList::read(Config& config, const Raw& raw) const {
    TRY(member.of(config),
        read_items<CertificateFiles>(raw, "a list of certificates such as [\"cert.pem:key.pem\"]"));
    return {};
}

Result<void> MilterList::read(Config& config, const Raw& raw) const {
    constexpr std::size_t most = 20;
    TRY(auto milters, read_items<Milter>(raw, "a list of filters such as [\"inet:127.0.0.1:8891\"]"));
    if (milters.size() > most)
        return fail(Error::Kind::invalid, "{} filters are more than {}, the most", milters.size(), most);
    member.of(config) = std::move(milters);
    return {};
}

Raw MilterList::show(const Config& config) const {
    std::vector<std::string> out;
    for (const auto& milter : member.in(config)) out.push_back(milter.text);
    return out;
}

Result<void> FilterAt::read(Config& config, const Raw& raw) const {
    TRY(const auto text, expect<std::string>(raw, "an address such as \"inet:127.0.0.1:11333\""));
    auto& address = member.of(config);
    address.reset();
    if (text.empty()) return {};
    TRY(address, FilterAddress::parse(text));
    return {};
}

Raw FilterAt::show(const Config& config) const {
    const auto& address = member.in(config);
    return address ? address->to_string() : std::string();
}

Result<void> RouteList::read(Config& config, const Raw& raw) const {
    TRY(member.of(config), read_items<Route>(raw, "a list of routes such as [\"* relay.example.net\"]"));
    return {};
}
Raw RouteList::show(const Config& config) const {
    std::vector<std::string> out;
    for (const auto& route : member.in(config)) out.push_back(route.to_string());
    return out;
}

Result<void> LimitList::read(Config& config, const Raw& raw) const {
    TRY(member.of(config),
        read_items<DomainLimit>(raw, "a list of limits such as [\"example.org messages=60\"]"));
    return {};
}
Raw LimitList::show(const Config& config) const {
    std::vector<std::string> out;
    for (const auto& limit : member.in(config)) out.push_back(limit.to_string());
    return out;
}

Raw CertificateList::show(const Config& config) const {
    std::vector<std::string> out;
    for (const auto& files : member.in(config)) out.push_back(files.to_string());
    return out;
}

Result<void> ServerList::read(Config& config, const Raw& raw) const {
    TRY(auto texts, expect_list(raw, "a list of servers such as [\"192.0.2.53\"]"));
    for (const auto& text : texts)
        if (text.empty() ||
            std::ranges::any_of(text, [](char c) { return ascii::is_control(c) || c == ' '; }))
            return fail(Error::Kind::invalid, "\"{}\" is not a server such as \"192.0.2.53\"", text);
    member.of(config) = std::move(texts);
    return {};
}

Result<void> DomainList::read(Config& config, const Raw& raw) const {
    TRY(auto texts, expect_list(raw, "a list of domains such as [\"lists.example.org\"]"));
    constexpr std::string_view never = " @/\\\"<>[]";
    for (const auto& text : texts) {
        const auto is_wrong = [&](char c) { return ascii::is_control(c) || never.contains(c); };
        if (text.empty() || text.front() == '.' || text.back() == '.' || std::ranges::any_of(text, is_wrong))
            return fail(Error::Kind::invalid, "\"{}\" is not a domain such as \"lists.example.org\"", text);
    }
    member.of(config) = std::move(texts);
    return {};
}

Result<void> TextList::read(Config& config, const Raw& raw) const {
    TRY(member.of(config), expect_list(raw, "a list of texts"));
    return {};
}

Raw NetworkList::show(const Config& config) const {
    std::vector<std::string> out;
    for (const auto& network : member.in(config)) out.push_back(network.to_string());
    return out;
}

}  // namespace kind

}  // namespace hongyan::config
