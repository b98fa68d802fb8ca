// The kinds a setting can be of: how its value is read, bounded and shown. A setting refers to its value in
// Config through at<&Config::limits, &Limits::message_size>.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "config/config.h"

namespace hongyan::config {

// What a TOML file can say about a setting, free of the library that read it.
using Raw = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

std::string to_toml(const Raw& raw);
std::string to_json(const Raw& raw);

template <typename Value>
struct Member {
    Value& (*of)(Config&);
    const Value& (*in)(const Config&);
};

template <auto... path>
inline constexpr auto at = [] {
    using Value = std::remove_reference_t<decltype((std::declval<Config&>().*....*path))>;
    return Member<Value>{[](Config& config) -> Value& { return (config.*....*path); },
                         [](const Config& config) -> const Value& { return (config.*....*path); }};
}();

// Each kind offers: read, which takes a value over or says why not; show, its inverse; fallback_value; and
// for the manual name() and bounds(), which may be empty.
namespace kind {

struct Text {
    Member<std::string> member;
    std::string_view fallback;
    std::size_t most = 255;  // bytes

    std::string_view name() const { return "text"; }
    std::string bounds() const;
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const { return member.in(config); }
    Raw fallback_value() const { return std::string(fallback); }
};

struct Path {
    Member<std::filesystem::path> member;
    std::string_view fallback;

    std::string_view name() const { return "path"; }
    std::string bounds() const { return {}; }
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const { return member.in(config).string(); }
    Raw fallback_value() const { return std::string(fallback); }
};

struct CertificateList {
    Member<std::vector<CertificateFiles>> member;

    std::string_view name() const { return "list of certificates"; }
    std::string bounds() const { return {}; }
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const;
    Raw fallback_value() const { return std::vector<std::string>{}; }
};

struct RouteList {
    Member<Routes> member;

    std::string_view name() const { return "list of routes"; }
    std::string bounds() const { return {}; }
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const;
    Raw fallback_value() const { return std::vector<std::string>{}; }
};

struct LimitList {
    Member<DomainLimits> member;

    std::string_view name() const { return "list of limits"; }
    std::string bounds() const { return {}; }
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const;
    Raw fallback_value() const { return std::vector<std::string>{}; }
};

struct MilterList {
    Member<Milters> member;

    std::string_view name() const { return "list of filters"; }
    std::string bounds() const { return {}; }
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const;
    Raw fallback_value() const { return std::vector<std::string>{}; }
};

// Where one filter listens, or nowhere.
struct FilterAt {
    Member<std::optional<FilterAddress>> member;

    std::string_view name() const { return "address of a filter"; }
    std::string bounds() const { return {}; }
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const;
    Raw fallback_value() const { return std::string(); }
};

struct Integer {
    Member<std::uint64_t> member;
    std::int64_t fallback;
    std::int64_t least;
    std::int64_t most;

    std::string_view name() const { return "integer"; }
    std::string bounds() const { return fmt::format("{} to {}", least, most); }
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const { return static_cast<std::int64_t>(member.in(config)); }
    Raw fallback_value() const { return fallback; }
};

struct Bytes {
    Member<std::uint64_t> member;
    std::uint64_t fallback;
    std::uint64_t least;
    std::uint64_t most;

    std::string_view name() const { return "size"; }
    std::string bounds() const;
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const;
    Raw fallback_value() const;
};

struct Duration {
    Member<std::chrono::milliseconds> member;
    std::chrono::milliseconds fallback;
    std::chrono::milliseconds least;
    std::chrono::milliseconds most;

    std::string_view name() const { return "time"; }
    std::string bounds() const;
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const;
    Raw fallback_value() const;
};

struct DurationList {
    Member<std::vector<std::chrono::milliseconds>> member;
    std::span<const std::chrono::milliseconds> fallback;
    std::chrono::milliseconds least;  // of each
    std::chrono::milliseconds most;
    std::size_t longest;  // how many

    std::string_view name() const { return "list of times"; }
    std::string bounds() const;
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const;
    Raw fallback_value() const;
};

struct Boolean {
    Member<bool> member;
    bool fallback;

    std::string_view name() const { return "boolean"; }
    std::string bounds() const { return {}; }
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const { return member.in(config); }
    Raw fallback_value() const { return fallback; }
};

// Names or addresses of servers; what they mean is their reader's business.
struct ServerList {
    Member<std::vector<std::string>> member;

    std::string_view name() const { return "list of texts"; }
    std::string bounds() const { return {}; }
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const { return member.in(config); }
    Raw fallback_value() const { return std::vector<std::string>{}; }
};

struct DomainList {
    Member<std::vector<std::string>> member;

    std::string_view name() const { return "list of domains"; }
    std::string bounds() const { return {}; }
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const { return member.in(config); }
    Raw fallback_value() const { return std::vector<std::string>{}; }
};

// What it means is checked where it is used.
struct TextList {
    Member<std::vector<std::string>> member;

    std::string_view name() const { return "list of texts"; }
    std::string bounds() const { return {}; }
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const { return member.in(config); }
    Raw fallback_value() const { return std::vector<std::string>{}; }
};

// One of several names; in Config an enumeration whose values count up from 0 in the order of the names.
struct Choice {
    std::span<const std::string_view> names;
    std::size_t fallback;
    void (*set)(Config&, std::size_t);
    std::size_t (*get)(const Config&);

    template <auto... path>
    static constexpr Choice of(std::span<const std::string_view> names, auto fallback) {
        return {names, static_cast<std::size_t>(fallback),
                [](Config& config, std::size_t index) {
                    (config.*....*path) = static_cast<decltype(fallback)>(index);
                },
                [](const Config& config) { return static_cast<std::size_t>((config.*....*path)); }};
    }

    std::string_view name() const { return "choice"; }
    std::string bounds() const;
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const { return std::string(names[get(config)]); }
    Raw fallback_value() const { return std::string(names[fallback]); }
};

// Permissions of a file, in octal digits as chmod(1) takes them.
struct Permissions {
    Member<std::uint32_t> member;
    std::uint32_t fallback;

    std::string_view name() const { return "permissions"; }
    std::string bounds() const { return "\"0000\" to \"0777\""; }
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const { return fmt::format("{:04o}", member.in(config)); }
    Raw fallback_value() const { return fmt::format("{:04o}", fallback); }
};

struct ListenAt {
    Member<Addresses> member;
    std::string_view fallback = {};  // one address, or empty for none

    std::string_view name() const { return "list of addresses"; }
    std::string bounds() const { return {}; }
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const;
    Raw fallback_value() const;
};

struct NetworkList {
    Member<Networks> member;
    std::span<const std::string_view> fallback;

    std::string_view name() const { return "list of networks"; }
    std::string bounds() const { return {}; }
    Result<void> read(Config& config, const Raw& raw) const;
    Raw show(const Config& config) const;
    Raw fallback_value() const { return std::vector<std::string>(fallback.begin(), fallback.end()); }
};

}  // namespace kind

using Kind = std::variant<kind::Text, kind::Path, kind::Integer, kind::Bytes, kind::Duration, kind::Boolean,
                          kind::Choice, kind::Permissions, kind::ListenAt, kind::NetworkList,
                          kind::CertificateList, kind::DurationList, kind::ServerList, kind::DomainList,
                          kind::TextList, kind::RouteList, kind::LimitList, kind::MilterList, kind::FilterAt>;

}  // namespace hongyan::config
