#include "engine/testing/random_work.h"

#include <charconv>

#include "engine/check.h"

namespace hongyan::engine {

namespace {

const std::string counter_key = "counter";
constexpr std::size_t scope_count = 3;
constexpr unsigned keys = 40;
constexpr unsigned distinct_blobs = 60;
constexpr unsigned failures_of_ten = 1;

const std::vector<Scope>& scopes() {
    static const std::vector<Scope> all = {Scope::global(), Scope::account(AccountId(1)),
                                           Scope::account(AccountId(2))};
    return all;
}

std::string noise(std::size_t size, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::string out(size, '\0');
    for (auto& c : out) c = static_cast<char>(random());
    return out;
}

// Whoever follows a transaction that was lost would do something else than it is known to do.
Result<void> expect_counter(std::uint64_t expected, Transaction& transaction) {
    TRY(const auto value, transaction.get(counter_key));
    if (value.value_or("0") == std::to_string(expected)) return {};
    return fail(Error::Kind::conflict, "the transaction before was lost");
}

// Some stay in the key-value store, some go to packs, some shrink on the way.
std::string blob_content(std::uint64_t number) {
    if (number % 3 == 0) return noise(200 + number, number);
    if (number % 3 == 1) return noise(3'000 + number, number);
    return fmt::format("{}{}", number, std::string(5'000, 'x'));
}

}  // namespace

struct RandomWork::Step {
    enum class Kind { put, erase, keep, copy, release } kind = Kind::put;
    std::size_t scope = 0;
    std::string key;  // or the content of a blob
    std::string value;
};

namespace {

using Step = RandomWork::Step;

Result<void> carry_out(const Step& step, Transaction& transaction) {
    switch (step.kind) {
        case Step::Kind::put:
            transaction.put(step.key, step.value);
            return {};
        case Step::Kind::erase:
            transaction.erase(step.key);
            return {};
        case Step::Kind::keep:
            transaction.keep(prepare_blob(step.key));
            return {};
        case Step::Kind::copy:
            return transaction.keep(BlobId::of(step.key));
        case Step::Kind::release:
            return transaction.release(BlobId::of(step.key));
    }
    return {};
}

void carry_out(const Step& step, Contents& contents) {
    switch (step.kind) {
        case Step::Kind::put:
            contents.scopes[step.scope][step.key] = step.value;
            return;
        case Step::Kind::erase:
            contents.scopes[step.scope].erase(step.key);
            return;
        case Step::Kind::keep:
        case Step::Kind::copy:
            ++contents.blobs[step.key];
            return;
        case Step::Kind::release:
            if (--contents.blobs[step.key] == 0) contents.blobs.erase(step.key);
            return;
    }
}

Work work_of(std::vector<Step> steps, bool succeeds, std::optional<std::uint64_t> counter) {
    return [steps = std::move(steps), succeeds, counter](Transaction& transaction) -> Result<void> {
        if (counter) TRY(expect_counter(*counter, transaction));
        for (const auto& step : steps) TRY(carry_out(step, transaction));
        if (!succeeds) return fail(Error::Kind::denied, "it shall not be");
        return {};
    };
}

References references_in(const Contents& contents) {
    References references;
    for (const auto& [content, count] : contents.blobs) references[BlobId::of(content)] = count;
    return references;
}

std::map<std::string, std::string> read_scope(Engine& engine, const Scope& scope) {
    std::map<std::string, std::string> found;
    const auto snapshot = engine.snapshot(scope);
    const auto cursor = snapshot->scan({});
    for (; cursor->valid(); cursor->next()) found.emplace(cursor->key(), cursor->value());
    return found;
}

}  // namespace

RandomWork::RandomWork(std::uint64_t seed)
    : RandomWork(seed,
                 {.scopes = std::vector<std::map<std::string, std::string>>(scope_count), .blobs = {}}) {}

Step RandomWork::make_step(Contents& after) {
    Step step{.kind = static_cast<Step::Kind>(random_() % 5),
              .scope = random_() % scope_count,
              .key = {},
              .value = {}};
    const bool needs_blob = step.kind == Step::Kind::copy || step.kind == Step::Kind::release;
    if (needs_blob && after.blobs.empty()) step.kind = Step::Kind::keep;
    if (step.kind == Step::Kind::put || step.kind == Step::Kind::erase) {
        step.key = fmt::format("key {:02}", random_() % keys);
        step.value = noise(random_() % 400, random_());
    } else if (step.kind == Step::Kind::keep) {
        step.key = blob_content(random_() % distinct_blobs);
    } else {
        const auto chosen = static_cast<std::ptrdiff_t>(random_() % after.blobs.size());
        step.key = std::next(after.blobs.begin(), chosen)->first;
    }
    carry_out(step, after);
    return step;
}

RandomWork::Item RandomWork::next() {
    auto after = contents_;
    std::vector<std::vector<Step>> by_scope(scope_count);
    // Blobs belong to no scope, so the order among the parts must not matter: one part has all their steps.
    for (auto count = 1 + random_() % 6; count > 0; --count) {
        auto step = make_step(after);
        const bool is_blob = step.kind != Step::Kind::put && step.kind != Step::Kind::erase;
        by_scope[is_blob ? 0 : step.scope].push_back(std::move(step));
    }
    by_scope[0].push_back({Step::Kind::put, 0, counter_key, std::to_string(committed(contents_) + 1)});
    carry_out(by_scope[0].back(), after);

    Item item;
    item.succeeds = random_() % 10 >= failures_of_ten;
    item.parts.push_back({scopes()[0], work_of(std::move(by_scope[0]), item.succeeds, committed(contents_))});
    for (std::size_t i = 1; i < scope_count; ++i)
        if (!by_scope[i].empty())
            item.parts.push_back({scopes()[i], work_of(std::move(by_scope[i]), true, std::nullopt)});
    if (item.succeeds) contents_ = std::move(after);
    return item;
}

std::uint64_t committed(const Contents& contents) {
    const auto& first = contents.scopes.front();
    const auto at = first.find(counter_key);
    return at == first.end() ? 0 : std::stoull(at->second);
}

Result<std::uint64_t> committed(Engine& engine) {
    TRY(const auto value, engine.snapshot(scopes().front())->get(counter_key));
    return value ? std::stoull(*value) : 0;
}

std::vector<std::string> differences(Engine& engine, const Contents& expected) {
    std::vector<std::string> found;
    for (std::size_t i = 0; i < scope_count; ++i)
        if (read_scope(engine, scopes()[i]) != expected.scopes[i])
            found.push_back(fmt::format("scope {} holds something else", i));
    for (const auto& [content, count] : expected.blobs) {
        const auto read = engine.read_blob(BlobId::of(content));
        if (!read) found.push_back(read.error().message);
        if (read && *read != content) found.push_back("a blob has another content");
    }
    const auto references = references_in(expected);
    const auto report = engine.check({.references = &references});
    if (!report) found.push_back(report.error().message);
    if (report)
        for (const auto& finding : report->findings) found.push_back(finding.what);
    return found;
}

}  // namespace hongyan::engine
