#include "imap/name_changes.h"

#include <algorithm>

#include "store/mailbox_name.h"

namespace hongyan::imap {
namespace {

// Each mailbox of `one`, with what it is in `other`.
template <typename Do>
void each_pair(const Watched& one, const Watched& other, Do&& action) {
    for (const auto* kind : {&one.mailboxes, &one.others})
        for (const auto& [key, mailbox] : *kind) action(key, mailbox, other.find(key));
}

}  // namespace

bool is_at_or_below(std::string_view name, std::string_view top) {
    return name == top || (name.starts_with(top) && name[top.size()] == store::hierarchy_separator);
}

NameChanges::NameChanges(const Watched& before, const Watched& now, const std::set<Watched::Key>& own,
                         const IsTold& is_told) {
    each_pair(before, now, [&](const auto& key, const auto& old, const auto* same) {
        if (same == nullptr || same->name == old.name) return;
        if (own.contains(key) || is_told(key, old) || is_told(key, *same))
            renamed_.emplace_back(old.name, same->name);
    });
    each_pair(before, now, [&](const auto& key, const auto& old, const auto* same) {
        if (own.contains(key) || (same != nullptr && same->name == old.name)) return;
        if (same != nullptr && has_moved_along(old.name, same->name)) return;
        note_parent(old.name);
        if (same != nullptr) note_parent(same->name);
    });
    each_pair(now, before, [&](const auto& key, const auto& made, const auto* old) {
        if (old == nullptr && !own.contains(key)) note_parent(made.name);
    });
}

bool NameChanges::has_moved_along(std::string_view from, std::string_view to) const {
    return std::ranges::any_of(renamed_, [&](const auto& names) {
        const auto& [top_from, top_to] = names;
        return top_from.size() < from.size() && is_at_or_below(from, top_from) &&
               is_at_or_below(to, top_to) && from.substr(top_from.size()) == to.substr(top_to.size());
    });
}

void NameChanges::note_parent(const std::string& name) {
    const auto end = name.rfind(store::hierarchy_separator);
    if (end != std::string::npos) parents_.insert(name.substr(0, end));
}

}  // namespace hongyan::imap
