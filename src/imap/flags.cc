#include "imap/flags.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace hongyan::imap {
namespace {

struct Row {
    std::string_view name;
    store::Flag flag;
};
constexpr std::array system_flags{
    Row{"\\Answered", store::Flag::answered}, Row{"\\Flagged", store::Flag::flagged},
    Row{"\\Deleted", store::Flag::deleted},   Row{"\\Seen", store::Flag::seen},
    Row{"\\Draft", store::Flag::draft},
};

const Row* find_system_flag(std::string_view name) {
    const auto* const row = std::ranges::find_if(
        system_flags, [name](const Row& flag) { return ascii::iequals(flag.name, name); });
    return row == system_flags.end() ? nullptr : row;
}

}  // namespace

wire::FlagNames names_of(const store::Flags& flags, Recent recent) {
    wire::FlagNames names;
    for (const auto& row : system_flags)
        if (flags.contains(row.flag)) names.emplace_back(row.name);
    if (recent == Recent::yes) names.emplace_back("\\Recent");
    names.insert(names.end(), flags.keywords().begin(), flags.keywords().end());
    return names;
}

const std::string* unknown_flag(const wire::FlagNames& names) {
    const auto found = std::ranges::find_if(names, [](const std::string& name) {
        return name.starts_with('\\') && find_system_flag(name) == nullptr;
    });
    return found == names.end() ? nullptr : &*found;
}

Result<store::Flags> flags_of(const wire::FlagNames& names) {
    store::Flags flags;
    for (const auto& name : names) {
        if (const auto* row = find_system_flag(name))
            flags.add(row->flag);
        else if (store::is_keyword(name))
            flags.add(name);
        else
            return fail(Error::Kind::invalid, "{} is no flag that a message can have", name);
    }
    if (flags.keywords().size() > store::max_keywords)
        return fail(Error::Kind::invalid, "a message can have {} keywords", store::max_keywords);
    return flags;
}

}  // namespace hongyan::imap
