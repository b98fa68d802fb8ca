// Whether the engine still holds what it was given, and whether its books agree with it. `store check` asks
// this after it has walked its own records and counted their references to blobs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace hongyan::engine {

// How many references each blob has.
using References = std::map<BlobId, std::uint64_t>;

struct CheckRequest {
    // As the caller counted them, over all scopes; null: they are not compared.
    const References* references = nullptr;
    bool read_blobs =
        true;  // every blob is read and hashed; otherwise the books and the sizes of files are compared
    bool repair = false;  // what can be derived is set right: references, counts, garbage
};

struct Finding {
    std::string what;  // for a person: which blob or pack, what was expected, what was found
    bool repaired = false;

    friend bool operator==(const Finding&, const Finding&) = default;
};

struct CheckReport {
    std::uint64_t blobs = 0;
    std::uint64_t bytes = 0;  // of content
    std::vector<Finding> findings;
};

}  // namespace hongyan::engine
