// Do the places of a message's parts agree? The same question of parts as they are parsed and of parts as
// they are kept. For this folder.
#pragma once

#include <cstddef>

#include "message/structure.h"

namespace hongyan::message {

namespace placement {

template <typename Parts>
bool is_well_placed(const Parts& parts, Part::Index index) {
    const auto& part = parts[index];
    if (part.begin > part.body || part.body > part.end || part.lines > part.body_size()) return false;
    if (index == 0) return part.parent == Part::none;
    if (part.parent >= index) return false;
    const auto& parent = parts[part.parent];
    return parent.body <= part.begin && part.end <= parent.end;
}

// Parts stand in the order of their headers, so the first child comes next.
template <typename Parts>
bool has_well_linked_children(const Parts& parts, Part::Index index) {
    const auto& part = parts[index];
    if (part.first_child == Part::none) return true;
    if (part.first_child != index + 1 || parts.size() <= part.first_child) return false;
    return parts[part.first_child].parent == index;
}

template <typename Parts>
bool has_well_linked_sibling(const Parts& parts, Part::Index index) {
    const auto& part = parts[index];
    if (part.next_sibling == Part::none) return true;
    if (part.next_sibling <= index || part.next_sibling >= parts.size()) return false;
    const auto& next = parts[part.next_sibling];
    return next.parent == part.parent && part.end <= next.begin;
}

// Is every part of a message of that many bytes inside its parent and behind the part before it, and do the
// links of the tree agree?
template <typename Parts>
bool fits(const Parts& parts, std::size_t size) {
    if (parts.empty() || parts[0].begin != 0 || parts[0].end != size) return false;
    for (Part::Index i = 0; i < parts.size(); ++i)
        if (!is_well_placed(parts, i) || !has_well_linked_children(parts, i) ||
            !has_well_linked_sibling(parts, i))
            return false;
    return true;
}

// The links below and beside, from those above, which lead to parts that stand before.
template <typename Parts>
void link(Parts& parts) {
    for (auto i = static_cast<Part::Index>(parts.size()); i-- > 1;) {
        parts[i].next_sibling = parts[parts[i].parent].first_child;
        parts[parts[i].parent].first_child = i;
    }
}

}  // namespace placement
}  // namespace hongyan::message
