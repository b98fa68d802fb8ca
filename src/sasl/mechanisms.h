// The table of mechanisms, and which of them a client may use where.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sasl/circumstances.h"
#include "sasl/machine.h"

namespace hongyan::sasl {

enum class Password { shown, hidden };                       // to whoever listens
enum class First { client, server };                         // who speaks (RFC 4422 §5)
enum class Needs { nothing, binding, certificate, tokens };  // from the connection; tokens: from the settings

enum class ByDefault { offered, where_passwords_are_recoverable };

struct Mechanism {
    std::string_view name;
    std::unique_ptr<Machine> (*make)(const Context&);
    Password password;
    First first;
    Needs needs;
    ByDefault by_default;
    std::string_view section;
};

// All that exist, the strongest first.
std::span<const Mechanism> mechanisms();
// By name, without regard to case; whether it may be used here is another question.
const Mechanism* find_mechanism(std::string_view name);

// Nothing: it may be used. Otherwise the reason it may not: needs_encryption where TLS would change that,
// malformed where it would not.
std::optional<Refusal> objection(const Mechanism& mechanism, const Settings& settings,
                                 const Circumstances& circumstances);

// What to list in EHLO, CAPA, CAPABILITY: the strongest first.
std::vector<std::string_view> offered(const Settings& settings, const Circumstances& circumstances);

}  // namespace hongyan::sasl
