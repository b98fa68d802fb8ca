#include "imap/rights.h"

#include <algorithm>
#include <array>

namespace hongyan::imap {
namespace {

struct Letter {
    char letter;
    Rights rights;
};
constexpr std::array letters{
    Letter{'l', {Right::lookup}},
    Letter{'r', {Right::read}},
    Letter{'s', {Right::seen}},
    Letter{'w', {Right::write}},
    Letter{'i', {Right::insert}},
    Letter{'p', {Right::post}},
    Letter{'k', {Right::create}},
    Letter{'x', {Right::remove}},
    Letter{'t', {Right::mark_deleted}},
    Letter{'e', {Right::expunge}},
    Letter{'c', {Right::create, Right::remove}},
    Letter{'d', {Right::mark_deleted, Right::expunge}},
    Letter{'a', {Right::administer}},
};

}  // namespace

std::string to_text(Rights rights) {
    std::string text;
    for (const auto& row : letters)
        if (rights.contains_any(row.rights)) text += row.letter;
    return text;
}

std::optional<Rights> parse_rights(std::string_view text) {
    Rights rights;
    for (const auto letter : text) {
        const auto* const row = std::ranges::find(letters, letter, &Letter::letter);
        if (row == letters.end()) return std::nullopt;
        rights = rights.with(row->rights);
    }
    return rights;
}

store::FlagChange::Untouchable untouchable(Rights rights) {
    return {.seen = !rights.contains(Right::seen),
            .deleted = !rights.contains(Right::mark_deleted),
            .others = !rights.contains(Right::write)};
}

store::Flags permitted(const store::Flags& flags, Rights rights) {
    const store::FlagChange change{
        .how = store::FlagChange::How::replace, .flags = flags, .untouchable = untouchable(rights)};
    return change.applied_to({});
}

}  // namespace hongyan::imap
