// Which way a message takes, how fast, with which secret, and what a refusal means.
#include "outbound/routes.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.h"
#include "outbound/destination.h"
#include "outbound/explain.h"
#include "outbound/meter.h"
#include "outbound/secret.h"

namespace hongyan::outbound {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

Routes routes_of(std::initializer_list<std::string_view> lines) {
    config::Routes routes;
    for (const auto line : lines) routes.push_back(config::Route::parse(line).value());
    return Routes(routes);
}

TEST(Routes, TheMostExactOneCounts) {
    const auto routes =
        routes_of({"* all.test", "far.test exact.test", "far.test second.test", ".far.test below.test",
                   ".deep.far.test deeper.test", "from:ann@here.test ann.test", "from:@here.test here.test",
                   "kept.test direct", ".例子.测试 chinese.test"});
    struct Row {
        std::string_view domain, sender, host;
    };
    const Row rows[] = {
        {"far.test", "ann@here.test", "exact.test"},
        {"FAR.test", "", "exact.test"},
        {"a.far.test", "ann@here.test", "below.test"},
        {"a.deep.far.test", "", "deeper.test"},
        {"deep.far.test", "", "below.test"},
        {"other.test", "Ann@Here.test", "ann.test"},
        {"other.test", "bob@here.test", "here.test"},
        {"other.test", "bob@sub.here.test", "all.test"},
        {"other.test", "", "all.test"},
        {"kept.test", "ann@here.test", ""},
        {"mail.xn--fsqu00a.xn--0zwm56d", "", "chinese.test"},
        {"mail.例子.测试", "", "chinese.test"},
        {"[192.0.2.1]", "", "all.test"},
    };
    for (const auto& row : rows) {
        const auto* const hop = routes.find(row.domain, row.sender);
        EXPECT_EQ(hop == nullptr ? "" : hop->host, row.host) << row.domain << " from " << row.sender;
    }
    EXPECT_TRUE(routes.depend_on_sender());
    EXPECT_FALSE(routes_of({"far.test exact.test"}).depend_on_sender());
    EXPECT_EQ(routes_of({"far.test exact.test"}).find("other.test", "ann@here.test"), nullptr);
    EXPECT_EQ(Routes().find("far.test", "ann@here.test"), nullptr);
}

TEST(Routes, ByHandAHostIsToldFromADomain) {
    for (const auto* name : {"far.test", "[192.0.2.1]", "[IPv6:2001:db8::1]", "例子.测试", "a:b:c"})
        EXPECT_FALSE(hop_of_name(name)) << name;
    EXPECT_EQ(hop_of_name("[192.0.2.1]:2525")->port, 2525);
    EXPECT_EQ(hop_of_name("relay.test:587")->host, "relay.test");
    EXPECT_FALSE(hop_of_name("[relay.test]")->looks_up_mx);
}

Limits limits_of(std::initializer_list<std::string_view> lines) {
    config::DomainLimits limits;
    for (const auto line : lines) limits.push_back(config::DomainLimit::parse(line).value());
    return Limits(limits);
}

TEST(Limits, TheMostExactOneCounts) {
    const auto limits = limits_of({"* messages=600", "far.test connections=2 messages=60",
                                   "far.test messages=9", ".far.test messages=30", "qq:", "163: messages=5",
                                   "foxmail.com connections=1", ".例子.测试 messages=7"});
    struct Row {
        std::string_view domain;
        std::size_t connections;
        std::uint64_t messages;
    };
    const auto* const qq = config::find_provider("qq");
    const Row rows[] = {{"other.test", 20, 600},
                        {"FAR.test", 2, 60},
                        {"a.far.test", 20, 30},
                        {"qq.com", qq->connections_from_outside, qq->messages_from_outside},
                        {"vip.qq.com", qq->connections_from_outside, qq->messages_from_outside},
                        {"163.com", 3, 5},
                        {"foxmail.com", 1, 0},
                        {"mail.xn--fsqu00a.xn--0zwm56d", 20, 7},
                        {"[192.0.2.1]", 20, 600}};
    for (const auto& row : rows) {
        const auto limit = limits.of(row.domain, 20);
        EXPECT_EQ(limit.connections, row.connections) << row.domain;
        EXPECT_EQ(limit.messages, row.messages) << row.domain;
    }
    EXPECT_EQ(Limits().of("far.test", 20).connections, 20U);
    EXPECT_EQ(Limits().of("far.test", 20).messages, 0U);
}

TEST(Limits, NewSettingsHoldAtOnce) {
    Bearing bearing({.connections = 20, .messages = 0});
    const Meter::Time start{1h};
    for (int i = 0; i < 1000; ++i) bearing.pace.succeeded();
    EXPECT_EQ(bearing.pace.connections(), 20U);
    bearing.apply({.connections = 2, .messages = 1});
    EXPECT_EQ(bearing.pace.connections(), 2U);
    bearing.meter.count(start);
    EXPECT_FALSE(bearing.meter.allows(start));
    bearing.apply({.connections = 2, .messages = 1});
    EXPECT_FALSE(bearing.meter.allows(start)) << "nobody begins anew because something else was changed";
    bearing.apply({.connections = 20, .messages = 0});
    EXPECT_TRUE(bearing.meter.allows(start));
    for (int i = 0; i < 1000; ++i) bearing.pace.succeeded();
    EXPECT_EQ(bearing.pace.connections(), 20U);
}

TEST(Meter, LetsSomeThroughAtOnceAndThenOneAfterTheOther) {
    Meter meter(20);  // one in three seconds, two ahead
    const Meter::Time start{1h};
    int passed = 0;
    for (auto now = start; now < start + 60s; now += 100ms)
        for (; meter.allows(now); meter.count(now)) ++passed;
    EXPECT_EQ(passed, 20 + 2);
    EXPECT_GT(meter.next(), start + 59s);
    for (int i = 0; i < 10; ++i) {
        Meter slow(1);
        ASSERT_TRUE(slow.allows(start));
        slow.count(start);
        EXPECT_FALSE(slow.allows(start + 59s));
        EXPECT_TRUE(slow.allows(start + 60s));
    }
    Meter free(0);
    for (int i = 0; i < 1000; ++i, free.count(start)) EXPECT_TRUE(free.allows(start));
}

class SecretTest : public testing::Test {
public:
    SecretTest() {
        std::string name = (std::filesystem::temp_directory_path() / "hongyan-secret-XXXXXX").string();
        folder = ::mkdtemp(name.data());
        secrets = folder / "secrets";
    }
    ~SecretTest() override { std::filesystem::remove_all(folder); }

    void write(const std::filesystem::path& path, std::string_view text, ::mode_t mode = 0600) {
        ASSERT_TRUE(write_file(path, text, Mode::secret));
        ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    }
    Result<sasl::Credentials> ask(const std::string& hop) {
        return credentials_for(config::NextHop::parse(hop).value(), secrets);
    }
    std::string complaint(const std::string& hop) {
        const auto found = ask(hop);
        return found ? "none" : found.error().message;
    }

    std::filesystem::path folder, secrets;
};

TEST_F(SecretTest, IsTheUsersLineOrAFileOfItsOwn) {
    write(secrets, "# those of routes\r\nann secret one\r\nann2\tsecret two  \nempty\n");
    write(folder / "own", "secret three\nof no interest");
    EXPECT_EQ(ask("relay.test user=ann")->password, "secret one");
    EXPECT_EQ(ask("relay.test user=ann2")->password, "secret two");
    EXPECT_EQ(ask("relay.test user=ann secret=" + (folder / "own").string())->password, "secret three");
    const auto token = ask("outlook:ann token=" + (folder / "own").string());
    EXPECT_EQ(token->token, "secret three");
    EXPECT_TRUE(token->password.empty());
    write(folder / "own", "renewed");
    EXPECT_EQ(ask("outlook:ann token=" + (folder / "own").string())->token, "renewed");
    EXPECT_FALSE(ask("relay.test user=ann")->without_encryption);
    EXPECT_TRUE(ask("relay.test user=ann tls=none")->without_encryption);
}

TEST_F(SecretTest, WhatIsMissingOrOpenToOthersIsSaidAndNoSecretIs) {
    EXPECT_THAT(complaint("relay.test user=ann"), HasSubstr("there is no file"));
    write(secrets, "ann secret\nempty\n");
    EXPECT_THAT(complaint("relay.test user=bob"), HasSubstr("no line for bob"));
    EXPECT_THAT(complaint("relay.test user=empty"), HasSubstr("no line for empty"));
    for (const ::mode_t mode : {0640U, 0604U, 0660U}) {
        write(secrets, "ann secret\n", mode);
        EXPECT_THAT(complaint("relay.test user=ann"),
                    testing::AllOf(HasSubstr("chmod 600"), Not(HasSubstr("ann secret"))));
    }
    write(folder / "own", "\n");
    EXPECT_THAT(complaint("relay.test user=ann secret=" + (folder / "own").string()), HasSubstr("is empty"));
    EXPECT_THAT(complaint("relay.test user=ann secret=" + folder.string()), HasSubstr("is no file"));
}

smtp_client::Outcome refusal(smtp_client::Stage stage, int code, std::string_view status,
                             std::string_view text) {
    return smtp_client::refused(stage, smtp::Reply(code, std::string(status), std::string(text)));
}

TEST(Explain, ARefusedLogInSaysWhatTheProviderWants) {
    using smtp_client::Stage;
    struct Row {
        std::string_view hop;
        smtp_client::Outcome outcome;
        std::string_view words;
    };
    const Row rows[] = {
        {"qq:me@qq.com",
         refusal(Stage::authentication, 535, "", "Login Fail. Please enter your authorization code"),
         "authorization code"},
        {"163:me@163.com", refusal(Stage::authentication, 535, "", "Error: authentication failed"),
         "authorization code"},
        {"126:me@126.com", refusal(Stage::authentication, 550, "", "User has no permission"),
         "not switched on"},
        {"gmail:me@gmail.com",
         refusal(Stage::authentication, 535, "5.7.8", "Username and Password not accepted"), "app password"},
        {"outlook:me@example.net token=/t",
         refusal(Stage::authentication, 535, "5.7.3", "Authentication unsuccessful"), "token"},
        {"outlook:me@example.net token=/t",
         refusal(Stage::message, 554, "5.2.252", "SendAsDenied; 5.7.60 no permissions"), "may not send as"},
        {"qq:me@qq.com",
         refusal(Stage::mail, 501, "", "mail from address must be same as authorization user"),
         "address of the log-in"},
        {"qq:me@qq.com", refusal(Stage::mail, 550, "", "Ip frequency limited"), "messages="},
        {"163:me@163.com", refusal(Stage::message, 554, "", "DT:SPM 163 smtp9"), "unwanted"},
        {"relay.test user=ann", refusal(Stage::authentication, 535, "5.7.8", "Wrong"), "secret of ann"},
        {"qq:me@qq.com", refusal(Stage::recipient, 550, "", "No such user"), ""},
        {"relay.test", refusal(Stage::recipient, 550, "5.1.1", "No such user"), ""},
    };
    for (const auto& row : rows) {
        const auto words = explain(config::NextHop::parse(row.hop).value(), row.outcome);
        if (row.words.empty())
            EXPECT_EQ(words, "") << row.hop;
        else
            EXPECT_THAT(words, HasSubstr(row.words)) << row.hop;
    }
}

TEST(Explain, WhoTakesHisOwnUsersMailOnlyIsSpared) {
    smtp_client::Outgoing mail;
    mail.sender = message::parse_path("<me@163.com>").value();
    const auto complaint = [&](std::string_view provider, std::string_view sender,
                               const std::string& header) {
        mail.sender = message::parse_path(sender).value();
        mail.content = std::make_shared<const std::string>(header + "\r\nText\r\n");
        return complaint_about_sender(*config::find_provider(provider), "me@163.com", mail).value_or("");
    };
    EXPECT_EQ(complaint("163", "<me@163.com>", "From: Me <ME@163.com>\r\n"), "");
    EXPECT_THAT(complaint("163", "<ann@here.test>", "From: me@163.com\r\n"), HasSubstr("<ann@here.test>"));
    EXPECT_THAT(complaint("126", "<>", "From: me@163.com\r\n"), HasSubstr("<>"));
    EXPECT_THAT(complaint("163", "<me@163.com>", "From: ann@here.test\r\n"), HasSubstr("from ann@here.test"));
    EXPECT_THAT(complaint("163", "<me@163.com>", "Subject: x\r\n"), HasSubstr("no From"));
    EXPECT_EQ(complaint("gmail", "<ann@here.test>", "From: ann@here.test\r\n"), "");
}

}  // namespace
}  // namespace hongyan::outbound
