#include "verify/public_suffix.h"

#include <libpsl.h>

#include "base/check.h"

namespace hongyan::verify {

namespace {

// Read once, for the life of the program.
const psl_ctx_t* list() {
    static const psl_ctx_t* const kept = [] {
        const psl_ctx_t* const latest = psl_latest(nullptr);
        return latest != nullptr ? latest : psl_builtin();
    }();
    return kept;
}

}  // namespace

std::optional<dns::Name> registrable_domain(const dns::Name& name) {
    check(list() != nullptr, "libpsl has a list");
    const char* const found = psl_registrable_domain(list(), name.text().c_str());
    if (found == nullptr) return std::nullopt;
    auto domain = dns::Name::parse(found);
    return domain ? std::optional(*std::move(domain)) : std::nullopt;
}

}  // namespace hongyan::verify
