#include "imap/commands/filters.h"

#include <algorithm>
#include <variant>

#include "base/ascii.h"
#include "imap/wire/search_parser.h"

namespace hongyan::imap::commands {
namespace {

// Filters within filters: RFC 5466 §3.1 asks for 3. A filter that leads to itself ends here too.
constexpr int deepest_filter = 5;
// Of one search, so that filters that name each other several times do not multiply.
constexpr int most_filters = 50;

Completion undefined(const std::string& name) {
    return {wire::Condition::no, {wire::Code::undefined_filter, name, "There is no such filter"}};
}

Completion bad_charset() {
    return {wire::Condition::bad, {wire::Code::bad_charset, "(UTF-8)", "Filters are in UTF-8"}};
}

class Filters {
public:
    explicit Filters(Desk& desk) : desk_(desk) {}

    // Refusals are errors of ours only where reading fails.
    Result<std::optional<Completion>> put_in_place(wire::SearchKey& key, int depth = 0) {
        if (auto* all = std::get_if<wire::AllOf>(&key.is)) return put_in_places(all->keys, depth);
        if (auto* either = std::get_if<wire::EitherOf>(&key.is)) return put_in_places(either->keys, depth);
        if (auto* no = std::get_if<wire::NotThis>(&key.is)) return put_in_places(no->key, depth);
        if (auto* fuzzy = std::get_if<wire::Fuzzy>(&key.is)) return put_in_places(fuzzy->key, depth);
        const auto* const filter = std::get_if<wire::ByFilter>(&key.is);
        if (filter == nullptr) return std::nullopt;
        const auto name = filter->name;
        if (depth == deepest_filter || ++count_ > most_filters) return undefined(name);
        TRY(const auto text, value_of(name));
        if (!text) return undefined(name);
        wire::Parser in(*text);
        auto meaning = wire::SearchParser(in).keys();
        if (!in.complete()) return undefined(name);
        key = std::move(meaning);
        return put_in_place(key, depth + 1);
    }
    bool any() const { return count_ > 0; }

private:
    Result<std::optional<Completion>> put_in_places(std::vector<wire::SearchKey>& keys, int depth) {
        for (auto& key : keys) {
            TRY(auto refused, put_in_place(key, depth));
            if (refused) return refused;
        }
        return std::nullopt;
    }

    Result<std::optional<std::string>> value_of(const std::string& name) const {
        const auto home = desk_.home();
        const auto mail = home.view();
        const auto entry = "/filters/values/" + ascii::to_lower(name);
        for (const auto of : {home.id(), store::shared_notes}) {
            TRY(const auto notes, mail.annotations(store::no_mailbox, of));
            const auto note = std::ranges::find(notes, entry, &store::Annotation::entry);
            if (note != notes.end() && note->value) return note->value;
        }
        return std::nullopt;
    }

    Desk& desk_;
    int count_ = 0;
};

}  // namespace

std::optional<Completion> put_filters_in_place(Desk& desk, wire::SearchProgram& program) {
    Filters filters(desk);
    auto refused = filters.put_in_place(program.key);
    if (!refused) return refusal(refused.error());
    if (*refused) return *std::move(*refused);
    const bool is_utf8 = program.charset.empty() || ascii::iequals(program.charset, "UTF-8") ||
                         ascii::iequals(program.charset, "US-ASCII");
    if (filters.any() && !is_utf8) return bad_charset();
    return std::nullopt;
}

}  // namespace hongyan::imap::commands
