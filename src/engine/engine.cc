#include "engine/engine.h"

#include <future>

#include "base/bytes.h"
#include "engine/keys.h"

namespace hongyan::engine {

Scope Scope::global() { return Scope("g"); }

Scope Scope::account(AccountId id) {
    std::string prefix = "a";
    bytes::put_big_endian(prefix, id.value());
    return Scope(std::move(prefix));
}

Range Range::starting_with(std::string_view prefix, Direction direction) {
    return {std::string(prefix), end_of_prefix(prefix), direction};
}

std::vector<Result<void>> Engine::transact(std::vector<Part> parts, Together together) {
    std::promise<std::vector<Result<void>>> outcome;
    submit(std::move(parts), together,
           [&outcome](std::vector<Result<void>> results) { outcome.set_value(std::move(results)); });
    return outcome.get_future().get();
}

Result<void> Engine::transact(const Scope& scope, Work work) {
    return transact({{scope, std::move(work)}}, Together::each_by_itself).front();
}

}  // namespace hongyan::engine
