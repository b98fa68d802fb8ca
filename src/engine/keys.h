// Where things are in the one ordered map under an engine (docs/formats/engine.md). Accounts and the global
// scope have their prefixes from Scope; what the engine keeps for itself is here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/named.h"
#include "engine/engine.h"

namespace hongyan::engine {

using PackNumber = Named<std::uint32_t, struct PackNumberTag>;

inline const std::string format_key = "ev";
inline const std::string blob_prefix = "eb";    // + blob id: BlobRecord
inline const std::string inline_prefix = "ei";  // + blob id: the frame itself
inline const std::string pack_prefix = "ep";    // + pack number, big-endian: PackRecord

inline std::string blob_key(const BlobId& id) { return blob_prefix + std::string(id.bytes()); }
inline std::string inline_key(const BlobId& id) { return inline_prefix + std::string(id.bytes()); }
inline std::string pack_key(PackNumber number) {
    auto key = pack_prefix;
    bytes::put_big_endian(key, number.value());
    return key;
}

// The first key that sorts after all keys beginning with `prefix`; empty if there is none (all bytes 0xff).
inline std::string end_of_prefix(std::string_view prefix) {
    std::string end(prefix);
    while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
    if (!end.empty()) ++end.back();
    return end;
}

}  // namespace hongyan::engine
