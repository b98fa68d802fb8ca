#include "verify/public_suffix.h"

#include <array>

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

std::optional<dns::Name> look_up(const dns::Name& name) {
    check(list() != nullptr, "libpsl has a list");
    const char* const found = psl_registrable_domain(list(), name.text().c_str());
    if (found == nullptr) return std::nullopt;
    auto domain = dns::Name::parse(found);
    return domain ? std::optional(*std::move(domain)) : std::nullopt;
}

}  // namespace

// Kept for the names that a thread has asked about last: links and senders lead to the same few.
std::optional<dns::Name> registrable_domain(const dns::Name& name) {
    struct Known {
        dns::Name name;  // the root, which has none, where nothing is known yet
        std::optional<dns::Name> domain;
    };
    thread_local std::array<Known, 128> lately;
    auto& known = lately[std::hash<dns::Name>()(name) % lately.size()];
    if (known.name != name) known = {name, look_up(name)};
    return known.domain;
}

}  // namespace hongyan::verify
