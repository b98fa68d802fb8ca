#include "base/ascii.h"
#include "directory/directory_fixture.h"

namespace hongyan::directory {
namespace {

using namespace std::chrono_literals;

struct AppPasswordTest : DirectoryFixture {};

template <typename Value>
std::optional<Error::Kind> kind_of(const Result<Value>& result) {
    return result ? std::nullopt : std::optional(result.error().kind);
}

TEST_F(AppPasswordTest, AnAppPasswordOpensWhatItIsForAndNothingElse) {
    domain("here.test");
    const auto id = *directory.add_account({.name = "ann@here.test", .password = crypto::Secret("secret")});
    const auto phone = directory.add_app_password(
        id, {.name = "Phone", .protocols = {"imap", "smtp"}, .expires = clock.now() + 24h});
    ASSERT_TRUE(phone);
    EXPECT_EQ(phone->size(), 29U);
    const auto any = directory.add_app_password(id, {.name = "Any"}).value();
    const auto log_in = directory.authenticate_app("Ann@here.test", *phone, "imap");
    ASSERT_TRUE(log_in);
    EXPECT_EQ(log_in->account, id);
    EXPECT_EQ(log_in->app_password, "Phone");
    std::string typed = ascii::to_upper(*phone);
    std::erase(typed, '-');
    EXPECT_TRUE(directory.authenticate_app("ann@here.test", typed, "smtp"));
    EXPECT_EQ(kind_of(directory.authenticate_app("ann@here.test", *phone, "pop3")), Error::Kind::denied);
    EXPECT_TRUE(directory.authenticate_app("ann@here.test", any, "pop3"));
    EXPECT_EQ(kind_of(directory.authenticate_app("ann@here.test", "secret", "imap")), Error::Kind::denied);
    EXPECT_EQ(kind_of(directory.authenticate_app("bob@here.test", any, "imap")), Error::Kind::denied);
    EXPECT_EQ(kind_of(directory.authenticate("ann@here.test", any)), Error::Kind::denied);
    clock.advance(24h);
    EXPECT_EQ(kind_of(directory.authenticate_app("ann@here.test", *phone, "imap")), Error::Kind::denied);
    EXPECT_TRUE(directory.remove_app_password(id, "Any"));
    EXPECT_EQ(kind_of(directory.remove_app_password(id, "Any")), Error::Kind::not_found);
    EXPECT_EQ(kind_of(directory.authenticate_app("ann@here.test", any, "imap")), Error::Kind::denied);
}

TEST_F(AppPasswordTest, AnAppPasswordOfADisabledAccountOpensNothing) {
    domain("here.test");
    const auto id = *directory.add_account({.name = "ann@here.test", .password = crypto::Secret("secret")});
    const auto password = directory.add_app_password(id, {.name = "Phone"}).value();
    disable(id);
    EXPECT_EQ(kind_of(directory.authenticate_app("ann@here.test", password, "imap")), Error::Kind::denied);
}

TEST_F(AppPasswordTest, AppPasswordsHaveNamesAndAreNotTooMany) {
    domain("here.test");
    const auto id = *directory.add_account({.name = "ann@here.test", .password = crypto::Secret("secret")});
    for (const auto* name : {"", "new\nline"})
        EXPECT_EQ(kind_of(directory.add_app_password(id, {.name = name})), Error::Kind::invalid);
    EXPECT_EQ(kind_of(directory.add_app_password(id, {.name = "x", .protocols = {"gopher"}})),
              Error::Kind::invalid);
    for (std::size_t i = 0; i < max_app_passwords; ++i)
        EXPECT_TRUE(directory.add_app_password(id, {.name = fmt::format("{}", i)}));
    EXPECT_EQ(kind_of(directory.add_app_password(id, {.name = "one more"})), Error::Kind::too_large);
    ASSERT_TRUE(directory.remove_app_password(id, "3"));
    EXPECT_EQ(kind_of(directory.add_app_password(id, {.name = "4"})), Error::Kind::exists);
}

}  // namespace
}  // namespace hongyan::directory
