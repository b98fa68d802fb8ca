// Keys by which domains sign: kept sealed, and used by their state.
#include "directory/signing_keys.h"

#include <gmock/gmock.h>

#include "directory/directory_fixture.h"

namespace hongyan::directory {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

struct SigningKeysTest : DirectoryFixture {
    void add(std::string_view selector) {
        std::vector<NewSigningKey> keys;
        keys.push_back({std::string(selector), crypto::PrivateKey::generate_ed25519()});
        ASSERT_TRUE(directory.add_signing_keys(here, keys));
    }
    Result<void> change(std::string_view selector, std::optional<KeyState> state) {
        const SigningKeyChange changes[] = {{std::string(selector), state}};
        return directory.change_signing_keys(here, changes);
    }
    std::vector<std::string> who_signs() {
        std::vector<std::string> selectors;
        for (const auto& signer : *directory.signers(here).value()) selectors.push_back(signer.selector);
        return selectors;
    }

    DomainName here = DomainName::parse("here.test").value();
};

TEST_F(SigningKeysTest, AKeySignsFromWhenItIsActiveUntilItIsRetired) {
    add("one");
    EXPECT_THAT(who_signs(), IsEmpty()) << "it is pending";
    ASSERT_TRUE(change("one", KeyState::active));
    EXPECT_THAT(who_signs(), testing::ElementsAre("one"));
    add("two");
    const SigningKeyChange rotation[] = {{"one", KeyState::retired}, {"two", KeyState::active}};
    ASSERT_TRUE(directory.change_signing_keys(here, rotation));
    EXPECT_THAT(who_signs(), testing::ElementsAre("two"));
    EXPECT_THAT(directory.signing_keys(here).value(), SizeIs(2));
    ASSERT_TRUE(change("one", std::nullopt));
    EXPECT_THAT(directory.signing_keys(here).value(), SizeIs(1));
    EXPECT_EQ(change("one", KeyState::active).error().kind, Error::Kind::not_found);
}

TEST_F(SigningKeysTest, AllOfAChangeIsDoneOrNothing) {
    add("one");
    const SigningKeyChange changes[] = {{"one", KeyState::active}, {"none", KeyState::active}};
    EXPECT_EQ(directory.change_signing_keys(here, changes).error().kind, Error::Kind::not_found);
    EXPECT_THAT(who_signs(), IsEmpty());
}

TEST_F(SigningKeysTest, WhatIsKeptIsSealedAndTheSameKeyWhenOpened) {
    const auto key = crypto::PrivateKey::generate_rsa(1024);
    const auto octets = key.public_octets();
    std::vector<NewSigningKey> keys;
    keys.push_back({"one", crypto::PrivateKey::from_pem(key.to_pem().reveal()).value()});
    ASSERT_TRUE(directory.add_signing_keys(here, keys));
    EXPECT_EQ(directory.add_signing_keys(here, keys).error().kind, Error::Kind::exists);
    const auto kept = directory.signing_keys(std::nullopt).value();
    ASSERT_THAT(kept, SizeIs(1));
    EXPECT_FALSE(kept[0].sealed.contains("PRIVATE"));
    EXPECT_EQ(directory.private_key(kept[0]).value().public_octets(), octets);
    auto moved = kept[0];
    moved.selector = "two";
    EXPECT_FALSE(directory.private_key(moved)) << "it is sealed for its place";
}

TEST_F(SigningKeysTest, RecordsGoRoundAndDamageIsFound) {
    SigningKey key{.domain = here,
                   .selector = "one",
                   .state = KeyState::retired,
                   .made = clock.now(),
                   .changed = clock.now(),
                   .sealed = "sealed"};
    const auto place = signing_key_key(here, "one");
    EXPECT_EQ(decode_signing_key(place, encode(key)).value(), key);
    EXPECT_FALSE(decode_signing_key("dk", encode(key)));
    EXPECT_FALSE(decode_signing_key(place, encode(key).substr(0, 5)));
}

}  // namespace
}  // namespace hongyan::directory
