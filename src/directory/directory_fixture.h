// A directory in memory, for tests.
#pragma once

#include <gtest/gtest.h>

#include "directory/directory.h"
#include "engine/memory_engine.h"

namespace hongyan::directory {

// Of the password "secret"; costs nothing to check.
inline const ImportedHash hash_of_secret{"{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="};

struct DirectoryFixture : testing::Test {
    explicit DirectoryFixture(engine::MemoryFaults faults = {})
        : engine(engine::make_memory_engine(std::move(faults))),
          directory(*engine, clock, random, {}, crypto::Seal(crypto::Secret(random.bytes(32)))) {}

    void domain(std::string_view name) {
        const auto added = directory.add_domain(*DomainName::parse(name));
        ASSERT_TRUE(added) << added.error().message;
    }
    // Its password is "secret".
    AccountId account(std::string_view name) {
        const auto id = directory.add_account({.name = std::string(name), .password = hash_of_secret});
        EXPECT_TRUE(id) << id.error().message;
        return id.value_or(AccountId());
    }
    void alias(std::string_view name, const std::vector<std::string>& targets) {
        const auto added = directory.add_alias(name, targets);
        ASSERT_TRUE(added) << added.error().message;
    }
    Resolution resolve(std::string_view address) {
        const auto at = address.rfind('@');
        auto found =
            directory.resolve(address.substr(0, at), at == address.npos ? "" : address.substr(at + 1));
        EXPECT_TRUE(found) << found.error().message;
        return std::move(found).value_or(Resolution{});
    }
    void disable(AccountId id) { ASSERT_TRUE(directory.change_account(id, {.disabled = true})); }

    ManualClock clock;
    SeededRandom random{1};
    std::unique_ptr<engine::Engine> engine;
    Directory directory;
};

}  // namespace hongyan::directory
