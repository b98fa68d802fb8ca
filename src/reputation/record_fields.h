// What the records of this folder have in common: docs/formats/reputation.md. For this folder.
#pragma once

#include "base/clock.h"
#include "base/record.h"

namespace hongyan::reputation {

inline constexpr std::uint32_t record_version = 1;
inline constexpr FieldTag expires_tag = 1;  // of every record: until when it matters

inline std::uint64_t to_number(Instant when) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, when.time_since_epoch().count()));
}
inline Instant to_instant(std::uint64_t number) {
    return Instant(std::chrono::milliseconds(static_cast<std::int64_t>(number)));
}

inline std::unexpected<Error> corrupt(std::string_view what) {
    return fail(Error::Kind::corrupt, "the record of {} is damaged", what);
}

}  // namespace hongyan::reputation
