#include "store/mailbox.h"

#include <algorithm>

#include "base/ascii.h"

namespace hongyan::store {

const SpecialUseRow* row_of(SpecialUse use) {
    const auto* row = std::ranges::find(special_uses, use, &SpecialUseRow::use);
    return row == special_uses.end() ? nullptr : row;
}

std::optional<SpecialUse> special_use_of(std::string_view attribute) {
    const auto* row = std::ranges::find_if(
        special_uses, [&](const auto& each) { return ascii::iequals(each.attribute, attribute); });
    if (row == special_uses.end()) return std::nullopt;
    return row->use;
}

}  // namespace hongyan::store
