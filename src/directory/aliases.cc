#include "directory/tables.h"
#include "message/address.h"

namespace hongyan::directory {

namespace {

constexpr std::size_t max_alias_record = 60'000;  // bytes, within the engine's limit for a value

// The target as it is kept: its local part as it was written, its domain as A-labels.
Result<std::string> parse_target(const Name& alias, std::string_view text) {
    TRY(const auto address, message::parse_address(text));
    TRY(const auto domain, DomainName::parse(address.domain.text()));
    TRY(const auto local_part, normalise_local_part(address.local_part.text()));
    if (Name{local_part, domain} == alias)
        return fail(Error::Kind::invalid, "{} would be an alias for itself", text);
    return fmt::format("{}@{}", address.local_part.to_string(), domain.ascii());
}

Result<std::vector<std::string>> parse_targets(const Name& alias, std::span<const std::string> targets) {
    if (targets.empty()) return fail(Error::Kind::invalid, "an alias needs a target");
    if (targets.size() > max_alias_targets)
        return fail(Error::Kind::too_large, "an alias has at most {} targets", max_alias_targets);
    std::vector<std::string> out;
    for (const auto& text : targets) {
        TRY(auto target, parse_target(alias, text));
        if (std::ranges::find(out, target) == out.end()) out.push_back(std::move(target));
    }
    return out;
}

}  // namespace

Result<void> Directory::add_alias(std::string_view text, std::span<const std::string> targets,
                                  KeepSender keep_sender) {
    TRY(const auto name, Name::parse(text));
    TRY(auto parsed, parse_targets(name, targets));
    const Entry alias = Alias{.name = name,
                              .targets = std::move(parsed),
                              .created = clock_.now(),
                              .keeps_sender = keep_sender == KeepSender::yes,
                              .unknown = {}};
    if (encode(alias).size() > max_alias_record)
        return fail(Error::Kind::too_large, "the targets of {} are too long together", text);
    return transact([&](engine::Transaction& transaction) -> Result<void> {
        const Tables tables(transaction);
        TRY(tables.expect_open(name.domain));
        TRY(const auto taken, tables.entry(name));
        if (taken) return fail(Error::Kind::exists, "{} is here already", to_string(name));
        put(transaction, name, alias);
        return {};
    });
}

Result<void> Directory::remove_alias(std::string_view text) {
    TRY(const auto name, Name::parse(text));
    return transact([&](engine::Transaction& transaction) -> Result<void> {
        TRY(const auto entry, Tables(transaction).entry(name));
        if (!entry || !std::holds_alternative<Alias>(*entry))
            return fail(Error::Kind::not_found, "there is no alias {}", to_string(name));
        transaction.erase(name_key(name));
        return {};
    });
}

Result<std::vector<Alias>> Directory::aliases(const Page& page) const {
    std::vector<Alias> out;
    const auto now = snapshot();
    TRY(Tables(*now).for_each_entry(page, [&](const Tables::NamedEntry& named) -> Result<bool> {
        const auto* alias = std::get_if<Alias>(&named.entry);
        if (alias == nullptr) return true;
        if (out.size() == page.limit) return false;
        out.push_back(*alias);
        return true;
    }));
    return out;
}

}  // namespace hongyan::directory
