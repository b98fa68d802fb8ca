// What has become of the names of mailboxes between two looks at them (RFC 5465 §5.4).
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "imap/watched.h"

namespace hongyan::imap {

// Is the one name the other, or below it?
bool is_at_or_below(std::string_view name, std::string_view top);

class NameChanges {
public:
    NameChanges() = default;
    // `is_told`: whether the client wants to hear of the name of this mailbox. `own` it has changed itself.
    using IsTold = std::function<bool(const Watched::Key&, const NotifiedMailbox&)>;
    NameChanges(const Watched& before, const Watched& now, const std::set<Watched::Key>& own,
                const IsTold& is_told);

    // Has it only gone along with a mailbox above it, which is told of?
    bool has_moved_along(std::string_view from, std::string_view to) const;
    // Has somebody else made or removed a mailbox directly below this name, or taken one there or away?
    bool has_affected(const std::string& name) const { return parents_.contains(name); }

private:
    void note_parent(const std::string& name);

    std::vector<std::pair<std::string, std::string>> renamed_;  // from and to
    std::set<std::string> parents_;
};

}  // namespace hongyan::imap
