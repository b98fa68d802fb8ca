#include "drop/taken.h"

namespace hongyan::drop {

namespace {

constexpr std::string_view key_prefix = "t";
constexpr std::size_t most_at_a_time = 10'000;

std::string key_of(std::string_view name) { return std::string(key_prefix) + std::string(name); }

}  // namespace

engine::Part mark_taken(const std::string& name) {
    auto work = [key = key_of(name)](engine::Transaction& transaction) -> Result<void> {
        TRY(const auto found, transaction.get(key));
        if (found) return fail(Error::Kind::exists, "this letter has been taken in already");
        transaction.put(key, "");
        return {};
    };
    return {.scope = engine::Scope::global(), .work = std::move(work)};
}

Result<void> forget(engine::Engine& engine, const std::string& name) {
    return engine.transact(engine::Scope::global(),
                           [key = key_of(name)](engine::Transaction& transaction) -> Result<void> {
                               transaction.erase(key);
                               return {};
                           });
}

Result<std::vector<std::string>> marked(engine::Engine& engine) {
    const auto now = engine.snapshot(engine::Scope::global());
    const auto cursor = now->scan(engine::Range::starting_with(key_prefix));
    std::vector<std::string> names;
    for (; cursor->valid() && names.size() < most_at_a_time; cursor->next())
        names.emplace_back(cursor->key().substr(key_prefix.size()));
    TRY(cursor->status());
    return names;
}

}  // namespace hongyan::drop
