#include <gmock/gmock.h>

#include "base/record.h"
#include "directory/directory_fixture.h"
#include "directory/records.h"
#include "engine/without_waiting.h"

namespace hongyan::directory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Outcome = Resolution::Outcome;

using DirectoryTest = DirectoryFixture;

template <typename Value>
Error::Kind kind_of(const Result<Value>& result) {
    EXPECT_FALSE(result);
    return result ? Error::Kind::internal : result.error().kind;
}

template <typename Listing>
std::vector<std::string> names_of(const Listing& listing) {
    std::vector<std::string> out;
    for (const auto& item : *listing) out.push_back(to_string(item.name));
    return out;
}

TEST_F(DirectoryTest, ADomainIsThereOnceInAnyNotation) {
    domain("Bücher.example");
    EXPECT_EQ(kind_of(directory.add_domain(*DomainName::parse("xn--bcher-kva.example"))),
              Error::Kind::exists);
    domain("a.example");
    const auto domains = directory.domains();
    ASSERT_EQ(domains->size(), 2U);
    EXPECT_EQ(domains->at(1).name.unicode(), "bücher.example");
    EXPECT_EQ(domains->at(0).created, clock.now());
}

TEST_F(DirectoryTest, AnAccountIsFoundByItsNameAndItsId) {
    domain("here.test");
    const auto id = directory.add_account({.name = "Ann@here.test",
                                           .password = hash_of_secret,
                                           .display_name = "安",
                                           .language = "zh-CN",
                                           .quota = Quota{.bytes = 5, .messages = 0}});
    ASSERT_TRUE(id);
    const auto account = directory.account("ANN@HERE.test");
    ASSERT_TRUE(account);
    EXPECT_EQ(account->id, *id);
    EXPECT_EQ(account->display_name, "安");
    EXPECT_EQ(account->language, "zh-CN");
    EXPECT_EQ(directory.account(*id), *account);
    EXPECT_EQ(directory.quota_of(*account).bytes, 5U);
    EXPECT_EQ(kind_of(directory.account("bob@here.test")), Error::Kind::not_found);
}

TEST_F(DirectoryTest, WhatCannotBeAnAccountIsRefused) {
    domain("here.test");
    account("ann@here.test");
    const auto add = [&](std::string name, NewPassword password = {}, std::string display_name = {}) {
        return kind_of(directory.add_account({.name = std::move(name),
                                              .password = std::move(password),
                                              .display_name = std::move(display_name)}));
    };
    EXPECT_EQ(add("ann@here.test"), Error::Kind::exists);
    EXPECT_EQ(add("ann@there.test"), Error::Kind::not_found);
    EXPECT_EQ(add("@here.test"), Error::Kind::invalid);
    EXPECT_EQ(add("ann"), Error::Kind::invalid);
    EXPECT_EQ(add("bob@here.test", crypto::Secret("")), Error::Kind::invalid);
    EXPECT_EQ(add("bob@here.test", crypto::Secret("a\tb")), Error::Kind::invalid);
    EXPECT_EQ(add("bob@here.test", ImportedHash{"x"}), Error::Kind::invalid);
    EXPECT_EQ(add("bob@here.test", {}, "a\nb"), Error::Kind::invalid);
    EXPECT_THAT(*directory.check_records(), IsEmpty());
}

TEST_F(DirectoryTest, AnIdIsNeverGivenAgain) {
    domain("here.test");
    const auto first = account("ann@here.test");
    ASSERT_TRUE(directory.remove_account(first));
    EXPECT_EQ(kind_of(directory.account(first)), Error::Kind::not_found);
    EXPECT_EQ(kind_of(directory.remove_account(first)), Error::Kind::not_found);
    EXPECT_EQ(kind_of(directory.change_account(first, {})), Error::Kind::not_found);
    EXPECT_EQ(resolve("ann@here.test").outcome, Outcome::unknown);
    EXPECT_GT(account("ann@here.test"), first);
    EXPECT_THAT(*directory.check_records(), IsEmpty());
}

TEST_F(DirectoryTest, OnlyWhatIsNamedChanges) {
    domain("here.test");
    const auto id = account("ann@here.test");
    ASSERT_TRUE(
        directory.change_account(id, {.display_name = "Ann", .quota = Quota{.bytes = 1, .messages = 2}}));
    ASSERT_TRUE(directory.change_account(id, {.disabled = true}));
    auto account = directory.account(id);
    EXPECT_EQ(account->display_name, "Ann");
    EXPECT_TRUE(account->disabled);
    EXPECT_EQ(account->quota, (Quota{.bytes = 1, .messages = 2}));
    ASSERT_TRUE(directory.change_account(id, {.quota = std::optional<Quota>()}));
    directory.apply({.quota = {.bytes = 7, .messages = 0}});
    EXPECT_EQ(directory.quota_of(*directory.account(id)).bytes, 7U);
}

TEST_F(DirectoryTest, ADomainWithAccountsIsRemovedOnlyByForce) {
    domain("here.test");
    domain("there.test");
    const auto id = account("ann@here.test");
    account("ann@there.test");
    alias("info@here.test", {"ann@here.test"});
    const auto here = *DomainName::parse("here.test");
    EXPECT_EQ(kind_of(directory.remove_domain(here, Force::no)), Error::Kind::conflict);
    EXPECT_EQ(resolve("info@here.test").outcome, Outcome::delivered);
    EXPECT_TRUE(directory.remove_domain(here, Force::yes));
    EXPECT_EQ(kind_of(directory.account(id)), Error::Kind::not_found);
    EXPECT_EQ(resolve("info@here.test").outcome, Outcome::not_ours);
    EXPECT_EQ(resolve("ann@there.test").outcome, Outcome::delivered);
    EXPECT_EQ(kind_of(directory.remove_domain(here, Force::yes)), Error::Kind::not_found);
    EXPECT_THAT(*directory.check_records(), IsEmpty());
}

TEST_F(DirectoryTest, AThousandAccountsAreAddedTogetherAndRemovedWithTheirDomain) {
    domain("here.test");
    std::vector<NewAccount> wanted;
    for (int i = 0; i < 1000; ++i)
        wanted.push_back({.name = fmt::format("u{:04}@here.test", i % 900), .password = hash_of_secret});
    const auto outcomes = directory.add_accounts(wanted);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        ASSERT_EQ(outcomes[i].has_value(), i < 900) << i;
        if (!outcomes[i]) EXPECT_EQ(outcomes[i].error().kind, Error::Kind::exists);
    }
    EXPECT_EQ(directory.accounts({.limit = 5000})->size(), 900U);
    EXPECT_TRUE(directory.remove_domain(*DomainName::parse("here.test"), Force::yes));
    EXPECT_THAT(*directory.check_records(), IsEmpty());
}

TEST_F(DirectoryTest, ListingsComeInPages) {
    domain("a.test");
    domain("b.test");
    for (const auto* name : {"ann@a.test", "anton@a.test", "bob@a.test", "anna@b.test"}) account(name);
    alias("and@a.test", {"ann@a.test"});
    EXPECT_THAT(names_of(directory.accounts({})),
                ElementsAre("ann@a.test", "anton@a.test", "bob@a.test", "anna@b.test"));
    EXPECT_THAT(names_of(directory.accounts({.prefix = "AN"})),
                ElementsAre("ann@a.test", "anton@a.test", "anna@b.test"));
    Page page{.domain = *DomainName::parse("a.test"), .limit = 2};
    EXPECT_THAT(names_of(directory.accounts(page)), ElementsAre("ann@a.test", "anton@a.test"));
    page.after = *Name::parse("anton@a.test");
    EXPECT_THAT(names_of(directory.accounts(page)), ElementsAre("bob@a.test"));
    EXPECT_THAT(names_of(directory.aliases({})), ElementsAre("and@a.test"));
}

TEST_F(DirectoryTest, AnAliasLeadsToItsTargetsEachOnce) {
    domain("here.test");
    const auto ann = account("ann@here.test");
    const auto bob = account("bob@here.test");
    alias("team@here.test",
          {"Bob@here.test", "ann@here.test", "X@There.test", "X@there.test", "\"a b\"@there.test"});
    alias("all@here.test", {"team@here.test", "ann+list@here.test", "y@bücher.example"});
    const auto found = resolve("ALL@here.test");
    EXPECT_EQ(found.outcome, Outcome::delivered);
    EXPECT_THAT(found.local, ElementsAre(LocalRecipient{ann, "list"}, LocalRecipient{bob, ""}));
    EXPECT_THAT(found.remote, ElementsAre("y@xn--bcher-kva.example", "X@there.test", "\"a b\"@there.test"));
}

TEST_F(DirectoryTest, WhatCannotBeAnAliasIsRefused) {
    domain("here.test");
    account("ann@here.test");
    const auto add = [&](std::string_view name, const std::vector<std::string>& targets) {
        return kind_of(directory.add_alias(name, targets));
    };
    EXPECT_EQ(add("ann@here.test", {"bob@here.test"}), Error::Kind::exists);
    EXPECT_EQ(add("x@here.test", {}), Error::Kind::invalid);
    EXPECT_EQ(add("x@here.test", {"X@here.test"}), Error::Kind::invalid);
    EXPECT_EQ(add("x@here.test", {"@here.test"}), Error::Kind::invalid);
    EXPECT_EQ(add("x@here.test", {"nobody"}), Error::Kind::invalid);
    EXPECT_EQ(add("x@there.test", {"ann@here.test"}), Error::Kind::not_found);
    EXPECT_EQ(add("x@here.test", std::vector<std::string>(max_alias_targets + 1, "a@b.test")),
              Error::Kind::too_large);
    EXPECT_EQ(kind_of(directory.remove_alias("ann@here.test")), Error::Kind::not_found);
    alias("x@here.test", {"ann@here.test"});
    EXPECT_EQ(kind_of(directory.add_account({.name = "x@here.test", .password = {}})), Error::Kind::exists);
    EXPECT_TRUE(directory.remove_alias("x@here.test"));
    EXPECT_EQ(resolve("x@here.test").outcome, Outcome::unknown);
}

TEST_F(DirectoryTest, AliasesThatLeadInACircleLeadNowhere) {
    domain("here.test");
    alias("a@here.test", {"b@here.test"});
    alias("b@here.test", {"a@here.test"});
    EXPECT_EQ(resolve("a@here.test").outcome, Outcome::alias_fails);
    alias("c@here.test", {"a@here.test", "x@there.test"});
    EXPECT_THAT(resolve("c@here.test").remote, ElementsAre("x@there.test"));
}

TEST_F(DirectoryTest, AChainOfAliasesIsFollowedTenTimes) {
    domain("here.test");
    account("ann@here.test");
    for (std::size_t i = 0; i < max_alias_depth; ++i)
        alias(fmt::format("a{}@here.test", i + 1),
              {i == 0 ? "ann@here.test" : fmt::format("a{}@here.test", i)});
    EXPECT_EQ(resolve("a10@here.test").outcome, Outcome::delivered);
    alias("a11@here.test", {"a10@here.test"});
    EXPECT_EQ(kind_of(directory.resolve("a11", "here.test")), Error::Kind::too_large);
    alias("all@here.test", {"x@there.test", "a10@here.test"});
    EXPECT_EQ(kind_of(directory.resolve("all", "here.test")), Error::Kind::too_large)
        << "nobody takes x for all of them";
    alias("short@here.test", {"a11@here.test", "a10@here.test"});
    EXPECT_EQ(kind_of(directory.resolve("short", "here.test")), Error::Kind::too_large);
    alias("shorter@here.test", {"a8@here.test", "a9@here.test"});
    EXPECT_EQ(resolve("shorter@here.test").outcome, Outcome::delivered) << "the shortest way counts";
}

TEST_F(DirectoryTest, OfAListThatIsTooLongNoPartIsTakenForTheWhole) {
    domain("here.test");
    std::vector<std::string> lists;
    for (std::size_t members = 0; members < max_expansion; members += max_alias_targets) {
        std::vector<std::string> targets;
        for (std::size_t i = 0; i < max_alias_targets; ++i)
            targets.push_back(fmt::format("member{}@there.test", members + i));
        lists.push_back(fmt::format("list{}@here.test", lists.size()));
        alias(lists.back(), targets);
    }
    alias("all@here.test", lists);
    EXPECT_EQ(directory.resolve("all", "here.test").error().kind, Error::Kind::too_large);
    lists.pop_back();
    alias("most@here.test", lists);
    EXPECT_THAT(resolve("most@here.test").remote, testing::SizeIs(max_expansion - max_alias_targets));
}

TEST_F(DirectoryTest, WhatIsRememberedOfAnAddressIsForgottenWhenAnythingChanges) {
    domain("here.test");
    const auto ann = account("ann@here.test");
    alias("info@here.test", {"ann@here.test"});
    const auto to_ann = Resolution{Outcome::delivered, {{ann, ""}}, {}};
    EXPECT_EQ(resolve("info@here.test"), to_ann);
    EXPECT_EQ(resolve("info@here.test"), to_ann);
    disable(ann);
    EXPECT_EQ(resolve("info@here.test").outcome, Outcome::alias_fails);
    EXPECT_EQ(resolve("ann@here.test").outcome, Outcome::disabled);
    ASSERT_TRUE(directory.change_account(ann, {.disabled = false}));
    EXPECT_EQ(resolve("info@here.test"), to_ann);
    ASSERT_TRUE(directory.remove_alias("info@here.test"));
    EXPECT_EQ(resolve("info@here.test").outcome, Outcome::unknown);
    EXPECT_EQ(resolve("ann-lists@here.test").outcome, Outcome::unknown);
    EXPECT_EQ(resolve("ann+lists@here.test").outcome, Outcome::delivered);
    directory.apply({.separator = "-"});
    EXPECT_EQ(resolve("ann+lists@here.test").outcome, Outcome::unknown);
    EXPECT_EQ(resolve("ann-lists@here.test").outcome, Outcome::delivered);
}

TEST(ResolutionMemory, KeepsNothingThatWasFoundBeforeAChange) {
    const Resolution found{Outcome::delivered, {{AccountId(7), ""}}, {}};
    ResolutionMemory memory;
    const auto before = memory.edition();
    memory.forget();
    memory.keep("ann", "here.test", found, before);
    EXPECT_FALSE(memory.find("ann", "here.test"));
    memory.keep("ann", "here.test", found, memory.edition());
    EXPECT_EQ(memory.find("ann", "here.test"), found);
    EXPECT_FALSE(memory.find("ann h", "ere.test"));
    memory.keep("bob", "here.test", {Outcome::unknown, {}, {}}, memory.edition());
    EXPECT_FALSE(memory.find("bob", "here.test"));
}

// Nobody's session waits while a list is followed for another's (engine/without_waiting.h).
TEST_F(DirectoryTest, LongListsAreNotFollowedInHaste) {
    domain("here.test");
    account("zoe@here.test");
    alias("team@here.test", {"zoe@here.test", "x@there.test"});
    std::vector<std::string> everybody;
    for (int i = 0; i < 100; ++i) everybody.push_back(fmt::format("a{}@there.test", i));
    alias("all@here.test", everybody);
    {
        const engine::WithoutWaiting here;
        EXPECT_EQ(resolve("team@here.test").local.size(), 1U);
        EXPECT_EQ(resolve("postmaster@here.test").local.size(), 1U);
        EXPECT_FALSE(here.missed());
        EXPECT_FALSE(directory.resolve("all", "here.test"));
        EXPECT_TRUE(here.missed());
    }
    EXPECT_EQ(resolve("all@here.test").remote.size(), 100U);
    for (int i = 0; i < 100; ++i) alias(fmt::format("b{}@here.test", i), {"zoe@here.test"});
    {
        const engine::WithoutWaiting here;
        EXPECT_FALSE(directory.resolve("postmaster", "here.test"));
        EXPECT_TRUE(here.missed());
    }
    EXPECT_EQ(resolve("postmaster@here.test").local.size(), 1U);
}

TEST_F(DirectoryTest, TheNameItselfWinsOverTheSubAddressAndThatOverTheCatchAll) {
    domain("here.test");
    const auto ann = account("ann@here.test");
    const auto list = account("ann+list@here.test");
    const auto rest = account("rest@here.test");
    alias("@here.test", {"rest@here.test"});
    EXPECT_THAT(resolve("ann+list@here.test").local, ElementsAre(LocalRecipient{list, ""}));
    EXPECT_THAT(resolve("Ann+Foo+Bar@here.test").local, ElementsAre(LocalRecipient{ann, "Foo+Bar"}));
    EXPECT_THAT(resolve("+ann@here.test").local, ElementsAre(LocalRecipient{rest, ""}));
    EXPECT_THAT(resolve("bob+x@here.test").local, ElementsAre(LocalRecipient{rest, ""}));
    directory.apply({.separator = "-"});
    EXPECT_THAT(resolve("ann-x@here.test").local, ElementsAre(LocalRecipient{ann, "x"}));
    EXPECT_THAT(resolve("ann+x@here.test").local, ElementsAre(LocalRecipient{rest, ""}));
    directory.apply({.separator = ""});
    EXPECT_THAT(resolve("ann-x@here.test").local, ElementsAre(LocalRecipient{rest, ""}));
}

TEST_F(DirectoryTest, ADisabledAccountTakesNoMail) {
    domain("here.test");
    disable(account("ann@here.test"));
    alias("x@here.test", {"ann@here.test"});
    EXPECT_EQ(resolve("ann@here.test").outcome, Outcome::disabled);
    EXPECT_EQ(resolve("x@here.test").outcome, Outcome::alias_fails);
}

TEST_F(DirectoryTest, StrangersAreNotOurs) {
    domain("here.test");
    for (const auto* address : {"ann@there.test", "ann@[192.0.2.1]", "ann@-", "postmaster@there.test"})
        EXPECT_EQ(resolve(address).outcome, Outcome::not_ours) << address;
    EXPECT_EQ(directory.resolve(*message::parse_address("ann@there.test"))->outcome, Outcome::not_ours);
    for (const auto* address : {"ann@here.test", "ann", "", "\xff@here.test", "@here.test"})
        EXPECT_EQ(resolve(address).outcome, Outcome::unknown) << address;
}

// RFC 5321 §4.5.1
TEST_F(DirectoryTest, PostmasterLeadsToSomebody) {
    domain("a.test");
    domain("b.test");
    EXPECT_EQ(resolve("postmaster@a.test").outcome, Outcome::unknown);
    const auto bob = account("bob@b.test");
    EXPECT_THAT(resolve("Postmaster@a.test").local, ElementsAre(LocalRecipient{bob, ""}));
    EXPECT_THAT(resolve("postmaster").local, ElementsAre(LocalRecipient{bob, ""}));
    const auto zoe = account("zoe@a.test");
    EXPECT_THAT(resolve("postmaster@a.test").local, ElementsAre(LocalRecipient{zoe, ""}));
    const auto ann = account("ann@b.test");
    directory.apply({.postmaster = "ann@b.test"});
    EXPECT_THAT(resolve("postmaster@a.test").local, ElementsAre(LocalRecipient{ann, ""}));
    disable(ann);
    EXPECT_THAT(resolve("postmaster@a.test").local, ElementsAre(LocalRecipient{zoe, ""}));
    alias("postmaster@a.test", {"bob@b.test"});
    EXPECT_THAT(resolve("postmaster@a.test").local, ElementsAre(LocalRecipient{bob, ""}));
}

TEST_F(DirectoryTest, ALogInNeedsTheRightPasswordOfAnAccountThatIsNotDisabled) {
    domain("here.test");
    const auto id = directory.add_account({.name = "ann@here.test", .password = crypto::Secret("pass wörd")});
    const auto log_in = directory.authenticate("Ann@here.test", "pass wo\u0308rd");
    ASSERT_TRUE(log_in) << log_in.error().message;
    EXPECT_EQ(log_in->account, *id);
    EXPECT_FALSE(log_in->rehashed);
    EXPECT_TRUE(directory.authenticate("ann@here.test", "pass wörd"));
    const auto refusal = directory.authenticate("ann@here.test", "pass");
    EXPECT_EQ(kind_of(refusal), Error::Kind::denied);
    for (const auto* name : {"bob@here.test", "ann@there.test", "ann", "\xff"})
        EXPECT_EQ(directory.authenticate(name, "pass").error(), refusal.error()) << name;
    disable(*id);
    EXPECT_THAT(directory.authenticate("ann@here.test", "pass wörd").error().message, HasSubstr("disabled"));
    EXPECT_EQ(directory.authenticate("ann@here.test", "pass").error(), refusal.error());
}

TEST_F(DirectoryTest, AnAccountWithoutAPasswordCannotLogIn) {
    domain("here.test");
    ASSERT_TRUE(directory.add_account({.name = "ann@here.test", .password = {}}));
    for (const auto* password : {"", "x"})
        EXPECT_EQ(kind_of(directory.authenticate("ann@here.test", password)), Error::Kind::denied);
}

TEST_F(DirectoryTest, AnImportedHashIsMadeOursAtTheFirstLogIn) {
    domain("here.test");
    const auto id = account("ann@here.test");
    EXPECT_TRUE(directory.authenticate("ann@here.test", "secret")->rehashed);
    const auto credentials = directory.account(id)->credentials;
    EXPECT_TRUE(credentials.hash.starts_with("$argon2id$"));
    EXPECT_EQ(credentials.scram.size(), 2U);
    EXPECT_FALSE(directory.authenticate("ann@here.test", "secret")->rehashed);
    EXPECT_EQ(directory.account(id)->credentials, credentials);
}

TEST_F(DirectoryTest, APasswordThatComesUnhashedIsHashedAtOnce) {
    domain("here.test");
    const auto id =
        *directory.add_account({.name = "ann@here.test", .password = ImportedHash{"{PLAIN}secret"}});
    EXPECT_TRUE(directory.account(id)->credentials.hash.starts_with("$argon2id$"));
    EXPECT_TRUE(directory.authenticate("ann@here.test", "secret"));
}

TEST_F(DirectoryTest, AChangedPasswordIsRightAtOnceAndTheOldOneWrong) {
    domain("here.test");
    const auto id = *directory.add_account({.name = "ann@here.test", .password = crypto::Secret("old")});
    ASSERT_TRUE(directory.authenticate("ann@here.test", "old"));
    ASSERT_TRUE(directory.change_password(id, crypto::Secret("new")));
    EXPECT_FALSE(directory.authenticate("ann@here.test", "old"));
    EXPECT_TRUE(directory.authenticate("ann@here.test", "new"));
}

TEST_F(DirectoryTest, APasswordCanBeReadWhereTheAccountOptedInUntilItIsChangedOrForgotten) {
    domain("here.test");
    const auto id = *directory.add_account({.name = "ann@here.test",
                                            .password = crypto::Secret("pass wo\u0308rd"),
                                            .recoverable = Recoverable::yes});
    const auto recovered = [&] { return directory.recover_password(*directory.account(id)); };
    EXPECT_EQ(recovered()->reveal(), "pass wörd");
    EXPECT_FALSE(directory.account(id)->sealed_password.contains("rd"));

    ASSERT_TRUE(directory.forget_recoverable_password(id));
    EXPECT_EQ(kind_of(recovered()), Error::Kind::denied);
    EXPECT_TRUE(directory.authenticate("ann@here.test", "pass wörd"));

    ASSERT_TRUE(directory.change_password(id, ImportedHash{"{PLAIN}second"}, Recoverable::yes));
    EXPECT_EQ(recovered()->reveal(), "second");
    ASSERT_TRUE(directory.change_password(id, crypto::Secret("third")));
    EXPECT_EQ(kind_of(recovered()), Error::Kind::denied);
}

TEST_F(DirectoryTest, WhatIsNoPasswordCannotBeRecoverable) {
    domain("here.test");
    const auto id = account("ann@here.test");
    EXPECT_EQ(kind_of(directory.change_password(id, hash_of_secret, Recoverable::yes)), Error::Kind::invalid);
    EXPECT_EQ(kind_of(directory.change_password(id, {}, Recoverable::yes)), Error::Kind::invalid);
    EXPECT_TRUE(directory.authenticate("ann@here.test", "secret"));
    Directory without_key(*engine, clock, random);
    EXPECT_EQ(kind_of(without_key.change_password(id, crypto::Secret("x"), Recoverable::yes)),
              Error::Kind::unsupported);
    EXPECT_EQ(kind_of(without_key.recover_password(*directory.account(id))), Error::Kind::denied);
}

TEST_F(DirectoryTest, APasswordThatAnotherKeyHasSealedIsDamagedAndTheCheckSaysSo) {
    domain("here.test");
    const auto id = account("ann@here.test");
    ASSERT_TRUE(directory.change_password(id, crypto::Secret("secret"), Recoverable::yes));
    EXPECT_THAT(*directory.check_records(), IsEmpty());
    const Directory other(*engine, clock, random, {}, crypto::Seal(crypto::Secret(std::string(32, 'x'))));
    EXPECT_EQ(kind_of(other.recover_password(*directory.account(id))), Error::Kind::corrupt);
    EXPECT_THAT(*other.check_records(), ElementsAre(HasSubstr("ann@here.test cannot be read")));
    auto renamed = *directory.account(id);
    renamed.name = *Name::parse("bob@here.test");
    EXPECT_EQ(kind_of(directory.recover_password(renamed)), Error::Kind::corrupt);
}

const std::string fingerprint_a(64, 'a');
const std::string fingerprint_b(64, 'b');

TEST_F(DirectoryTest, ACertificateStandsForOneAccountUntilItIsTakenAway) {
    domain("here.test");
    const auto ann = account("ann@here.test");
    const auto bob = account("bob@here.test");
    ASSERT_TRUE(directory.add_certificate(ann, fingerprint_a));
    ASSERT_TRUE(directory.add_certificate(ann, fingerprint_b));
    EXPECT_EQ(kind_of(directory.add_certificate(bob, fingerprint_a)), Error::Kind::exists);
    EXPECT_EQ(directory.account_of_certificate(fingerprint_b)->id, ann);
    EXPECT_THAT(directory.account(ann)->certificates, ElementsAre(fingerprint_a, fingerprint_b));
    EXPECT_EQ(kind_of(directory.remove_certificate(bob, fingerprint_a)), Error::Kind::not_found);
    ASSERT_TRUE(directory.remove_certificate(ann, fingerprint_a));
    EXPECT_EQ(kind_of(directory.account_of_certificate(fingerprint_a)), Error::Kind::not_found);
    EXPECT_TRUE(directory.add_certificate(bob, fingerprint_a));
    EXPECT_THAT(*directory.check_records(), IsEmpty());
}

TEST_F(DirectoryTest, ARemovedAccountFreesItsCertificatesHoweverItWent) {
    domain("here.test");
    domain("there.test");
    const auto ann = account("ann@here.test");
    const auto bob = account("bob@there.test");
    ASSERT_TRUE(directory.add_certificate(ann, fingerprint_a));
    ASSERT_TRUE(directory.add_certificate(bob, fingerprint_b));
    ASSERT_TRUE(directory.remove_account(ann));
    ASSERT_TRUE(directory.remove_domain(*DomainName::parse("there.test"), Force::yes));
    for (const auto& fingerprint : {fingerprint_a, fingerprint_b})
        EXPECT_EQ(kind_of(directory.account_of_certificate(fingerprint)), Error::Kind::not_found);
    EXPECT_THAT(*directory.check_records(), IsEmpty());
}

TEST_F(DirectoryTest, AnAccountHasABoundedNumberOfCertificates) {
    domain("here.test");
    const auto ann = account("ann@here.test");
    for (std::size_t i = 0; i < max_certificates; ++i)
        ASSERT_TRUE(directory.add_certificate(ann, fmt::format("{:064x}", i)));
    EXPECT_EQ(kind_of(directory.add_certificate(ann, fingerprint_a)), Error::Kind::too_large);
}

TEST_F(DirectoryTest, TheCheckFindsCertificatesWhoseTwoSidesDisagree) {
    domain("here.test");
    const auto ann = account("ann@here.test");
    const auto damage = [&](const engine::Work& work) {
        ASSERT_TRUE(engine->transact(engine::Scope::global(), work));
    };
    damage([&](engine::Transaction& transaction) -> Result<void> {
        transaction.put(certificate_key(fingerprint_a), encode_counter(ann));
        return {};
    });
    EXPECT_THAT(*directory.check_records(), ElementsAre(HasSubstr("does not know it")));
    damage([&](engine::Transaction& transaction) -> Result<void> {
        transaction.erase(certificate_key(fingerprint_a));
        return {};
    });
    ASSERT_TRUE(directory.add_certificate(ann, fingerprint_b));
    damage([&](engine::Transaction& transaction) -> Result<void> {
        transaction.erase(certificate_key(fingerprint_b));
        return {};
    });
    EXPECT_THAT(*directory.check_records(), ElementsAre(HasSubstr("does not lead to it")));
}

TEST(LoginMemory, ForgetsAfterFiveMinutesAndTellsTextsApart) {
    ManualClock clock;
    SeededRandom random(1);
    LoginMemory memory(clock, random);
    memory.remember("hash", "password");
    EXPECT_TRUE(memory.knows("hash", "password"));
    EXPECT_FALSE(memory.knows("hashp", "assword"));
    EXPECT_FALSE(memory.knows("hash", "passwort"));
    clock.advance(std::chrono::minutes(5));
    EXPECT_FALSE(memory.knows("hash", "password"));
}

TEST(LoginMemory, HoldsNoMoreThanItMayAndNothingWhereItIsOff) {
    ManualClock clock;
    SeededRandom random(1);
    LoginMemory memory(clock, random, {.time = std::chrono::minutes(1), .most = 2});
    memory.remember("hash", "first");
    clock.advance(std::chrono::seconds(30));
    memory.remember("hash", "second");
    clock.advance(std::chrono::seconds(30));
    memory.remember("hash", "third");  // the first has grown old
    EXPECT_TRUE(memory.knows("hash", "second"));
    EXPECT_TRUE(memory.knows("hash", "third"));
    memory.remember("hash", "fourth");  // none is old, so all go
    EXPECT_FALSE(memory.knows("hash", "third"));
    EXPECT_TRUE(memory.knows("hash", "fourth"));
    memory.apply({.time = std::chrono::minutes(0), .most = 2});
    EXPECT_FALSE(memory.knows("hash", "fourth"));
    memory.remember("hash", "fifth");
    EXPECT_FALSE(memory.knows("hash", "fifth"));
    memory.apply({});
    EXPECT_FALSE(memory.knows("hash", "fourth"));
    EXPECT_FALSE(memory.knows("hash", "fifth"));
}

TEST_F(DirectoryTest, ARememberedPasswordIsWorthNothingOnceTheAccountIsDisabledOrAnotherIsTyped) {
    domain("here.test");
    const auto id = *directory.add_account({.name = "ann@here.test", .password = crypto::Secret("secret")});
    ASSERT_TRUE(directory.authenticate("ann@here.test", "secret"));
    EXPECT_EQ(kind_of(directory.authenticate("ann@here.test", "Secret")), Error::Kind::denied);
    disable(id);
    EXPECT_EQ(kind_of(directory.authenticate("ann@here.test", "secret")), Error::Kind::denied);
    ASSERT_TRUE(directory.remove_account(id));
    EXPECT_EQ(kind_of(directory.authenticate("ann@here.test", "secret")), Error::Kind::denied);
}

TEST(Records, UnknownFieldsAreKeptWhenAnAccountChanges) {
    Account account;
    account.id = AccountId(7);
    account.name = *Name::parse("ann@here.test");
    account.credentials = {.hash = "{PLAIN}x", .scram = {}};
    account.sealed_password = std::string("sealed\0", 7);
    account.certificates = {fingerprint_a, fingerprint_b};
    account.app_passwords = {{.name = "Phone",
                              .salt = "s",
                              .digest = "d",
                              .protocols = {"imap"},
                              .expires = Instant(std::chrono::milliseconds(9))}};
    account.quota = Quota{.bytes = 0, .messages = 9};
    account.unknown = RecordWriter(1).text(6, "SCRAM-SHA-512$1:x").number(77, 1).take().substr(1);
    EXPECT_EQ(decode_account(account.id, encode(account)), account);
    Domain domain{.name = account.name.domain, .created = {}, .closing = true, .unknown = account.unknown};
    EXPECT_EQ(decode_domain(domain.name, encode(domain)), domain);
}

TEST(Records, KeysGoRound) {
    const auto name = *Name::parse("ann@here.test");
    EXPECT_EQ(name_of_key(name_key(name)), name);
    EXPECT_EQ(account_of_key(account_key(AccountId(300))), AccountId(300));
    EXPECT_EQ(kind_of(account_of_key("da\0")), Error::Kind::corrupt);
    EXPECT_EQ(kind_of(name_of_key("dnx")), Error::Kind::corrupt);
}

}  // namespace
}  // namespace hongyan::directory
