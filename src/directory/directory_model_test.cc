// Random directories against a model, and every n-th failure of the engine.
#include <random>
#include <set>

#include <gmock/gmock.h>

#include "directory/directory_fixture.h"

namespace hongyan::directory {
namespace {

// What leads where, as plain sets: names are numbers, the even ones accounts, the odd ones aliases.
struct Model {
    std::map<int, std::set<int>> aliases;
    static constexpr int stranger = 1000;  // and above: remote addresses

    // All that is reached; nothing if that takes more than max_alias_depth aliases in a row.
    std::optional<std::set<int>> reached(int start) const {
        std::set<int> seen{start}, edge{start};
        for (std::size_t depth = 0; depth < max_alias_depth; ++depth) {
            std::set<int> next;
            for (const int name : edge)
                if (const auto found = aliases.find(name); found != aliases.end())
                    for (const int target : found->second)
                        if (seen.insert(target).second) next.insert(target);
            edge = std::move(next);
        }
        if (std::ranges::any_of(edge, [this](int name) { return aliases.contains(name); }))
            return std::nullopt;
        return seen;
    }
};

std::string address_of(int number) {
    return fmt::format("n{}@{}", number, number < Model::stranger ? "here.test" : "there.test");
}

class AliasGraph : public testing::WithParamInterface<unsigned>, public DirectoryFixture {};

TEST_P(AliasGraph, LeadsWhereTheModelSays) {
    std::mt19937 dice(GetParam());
    const auto roll = [&](int below) { return static_cast<int>(dice() % static_cast<unsigned>(below)); };
    const int names = 4 + roll(30);
    domain("here.test");
    std::map<AccountId, int> accounts;
    for (int i = 0; i < names; i += 2) accounts[account(address_of(i))] = i;

    Model model;
    for (int i = 1; i < names; i += 2) {
        std::vector<std::string> targets;
        for (int n = 1 + roll(3); n > 0; --n) {
            const int target = roll(5) == 0 ? Model::stranger + roll(4) : roll(names);
            if (target == i) continue;
            model.aliases[i].insert(target);
            targets.push_back(address_of(target));
        }
        if (!targets.empty()) alias(address_of(i), targets);
    }

    for (int i = 0; i < names; ++i) {
        const auto reached = model.reached(i);
        if (!reached) {
            EXPECT_EQ(directory.resolve(fmt::format("n{}", i), "here.test").error().kind,
                      Error::Kind::too_large);
            continue;
        }
        std::set<int> wanted;
        for (const int number : *reached)
            if (number >= Model::stranger || number % 2 == 0) wanted.insert(number);
        const auto found = resolve(address_of(i));
        std::set<int> got;
        for (const auto& recipient : found.local) got.insert(accounts.at(recipient.account));
        for (int n = 0; n < 4; ++n)
            if (std::ranges::find(found.remote, address_of(Model::stranger + n)) != found.remote.end())
                got.insert(Model::stranger + n);
        EXPECT_EQ(got, wanted) << address_of(i);
        EXPECT_EQ(found.local.size() + found.remote.size(), got.size()) << "each once";
    }
    EXPECT_THAT(*directory.check_records(), testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, AliasGraph, testing::Range(0U, 200U));

// Fails one batch, the n-th.
struct OneFailure {
    std::uint64_t n;
    Result<void> operator()(std::uint64_t batch) const {
        if (batch == n) return fail(Error::Kind::no_space, "the disk is full");
        return {};
    }
};

struct Failing : DirectoryFixture {
    explicit Failing(std::uint64_t n) : DirectoryFixture({.before_write = OneFailure{n}}) {}
    void TestBody() override {}

    // Everything that writes, each outcome kept.
    std::vector<bool> run() {
        std::vector<bool> out;
        const auto note = [&](const auto& result) { out.push_back(result.has_value()); };
        const auto here = *DomainName::parse("here.test");
        const NewAccount two[] = {{.name = "a@here.test", .password = hash_of_secret},
                                  {.name = "b@here.test", .password = hash_of_secret}};
        const std::vector<std::string> targets{"a@here.test"};
        note(directory.add_domain(here));
        for (const auto& outcome : directory.add_accounts(two)) note(outcome);
        note(directory.add_alias("c@here.test", targets));
        note(directory.change_account(AccountId(1), {.disabled = true}));
        note(directory.change_password(AccountId(2), hash_of_secret));
        note(directory.remove_account(AccountId(2)));
        note(directory.remove_alias("c@here.test"));
        note(directory.remove_domain(here, Force::yes));
        return out;
    }
};

TEST(Directory, EveryNthFailureOfTheEngineLeavesItWhole) {
    std::size_t failures = 0;
    for (std::uint64_t n = 1;; ++n) {
        Failing failing(n);
        const auto outcomes = failing.run();
        EXPECT_THAT(*failing.directory.check_records(), testing::IsEmpty()) << n;
        if (std::ranges::find(outcomes, false) == outcomes.end()) break;
        ++failures;
        // What failed can be done again, up to the end.
        const auto here = *DomainName::parse("here.test");
        if (failing.directory.domains()->size() == 1)
            EXPECT_TRUE(failing.directory.remove_domain(here, Force::yes)) << n;
        EXPECT_THAT(*failing.directory.domains(), testing::IsEmpty());
        EXPECT_THAT(*failing.directory.accounts({}), testing::IsEmpty());
        EXPECT_THAT(*failing.directory.check_records(), testing::IsEmpty()) << n;
    }
    EXPECT_EQ(failures, 10U) << "one for each commit";
}

TEST(Directory, ALogInStandsEvenIfTheNewHashCannotBeKept) {
    Failing failing(3);
    failing.domain("here.test");
    failing.account("ann@here.test");
    const auto log_in = failing.directory.authenticate("ann@here.test", "secret");
    ASSERT_TRUE(log_in);
    EXPECT_FALSE(log_in->rehashed);
    EXPECT_TRUE(failing.directory.authenticate("ann@here.test", "secret")->rehashed);
}

}  // namespace
}  // namespace hongyan::directory
