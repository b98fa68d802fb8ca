#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "config/load.h"
#include "config/show.h"
#include "config/units.h"

namespace hongyan::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

Settings parsed(std::string_view toml) {
    auto settings = parse(toml, "/etc/hongyan/hongyan.toml");
    EXPECT_TRUE(settings) << to_string(settings.error().front());
    return settings.value_or(Settings::fallbacks());
}

std::vector<std::string> problems(std::string_view toml) {
    std::vector<std::string> out;
    if (const auto settings = parse(toml, "h.toml"); !settings)
        for (const auto& problem : settings.error()) out.push_back(to_string(problem));
    return out;
}

TEST(Parse, AnEmptyFileIsAllDefaults) {
    const auto settings = parsed("");
    EXPECT_EQ(settings.config.limits.message_size, 50 * MiB);
    EXPECT_EQ(settings.config.listen.smtp, (Addresses{{.host = "*", .port = 25, .path = {}}}));
    EXPECT_TRUE(settings.config.listen.lmtp.empty());
    EXPECT_EQ(settings.config.language, Language::english);
    EXPECT_EQ(settings.sources, Settings::fallbacks().sources);
}

TEST(Parse, ValuesOfEveryKindAreTaken) {
    const auto settings = parsed(R"(
hostname = "mail.here.test"
language = "zh-CN"
drain_time = "1 min"
[listen]
smtp = ["0.0.0.0:2025", "[::1]:2025"]
lmtp = "unix:/run/lmtp"
pop3 = []
[limits]
message_size = 1048576
exempt_networks = ["192.0.2.0/24"]
[tls]
others = ["one.pem", "/etc/two/cert.pem:two/key.pem"]
[dns]
servers = ["system", "127.0.0.1@5353"]
[log]
level = "debug"
file = "logs/mail.log"
[control]
mode = "0660"
[queue]
retry = ["30 s", "1 h"]
)");
    const auto& config = settings.config;
    EXPECT_THAT(config.dns.servers, ElementsAre("system", "127.0.0.1@5353"));
    EXPECT_EQ(config.hostname, "mail.here.test");
    EXPECT_EQ(config.language, Language::simplified_chinese);
    EXPECT_EQ(config.drain_time, 60s);
    EXPECT_EQ(config.listen.smtp[1], (ListenAddress{.host = "::1", .port = 2025, .path = {}}));
    EXPECT_EQ(config.listen.lmtp[0].path, "/run/lmtp");
    EXPECT_TRUE(config.listen.pop3.empty());
    EXPECT_EQ(config.limits.message_size, 1 * MiB);
    EXPECT_TRUE(config.limits.exempt_networks[0].contains(*parse_address("192.0.2.77")));
    EXPECT_THAT(config.tls.others,
                ElementsAre(CertificateFiles{"/etc/hongyan/one.pem", "/etc/hongyan/one.pem"},
                            CertificateFiles{"/etc/two/cert.pem", "/etc/hongyan/two/key.pem"}));
    EXPECT_EQ(config.log.level, log::Level::debug);
    EXPECT_EQ(config.log.file, "/etc/hongyan/logs/mail.log");
    EXPECT_EQ(config.control.mode, 0660U);
    EXPECT_THAT(config.queue.retry, ElementsAre(30s, 1h));
}

TEST(Parse, DottedKeysAndTablesAreTheSame) {
    EXPECT_EQ(parsed("log.level = 'error'").config.log.level, log::Level::error);
}

TEST(Parse, EveryProblemIsToldWithItsPlace) {
    EXPECT_THAT(
        problems("hostnam = 'x'\n"
                 "workers = 999\n"
                 "data = 5\n"
                 "[limits]\n"
                 "message_size = \"2 TiB\"\n"
                 "  smtp_patience = \"5 parsecs\"\n"
                 "exempt_networks = [\"192.0.2.0/33\"]\n"
                 "[listn]\n"
                 "smtp = []\n"
                 "[log]\n"
                 "level = \"loud\"\n"
                 "file = 2026-01-01\n"
                 "[tls]\n"
                 "others = [\"a:b:c\"]\n"
                 "[queue]\n"
                 "retry = [\"1 h\", \"8 d\"]\n"),
        ElementsAre("h.toml:1:1: there is no setting \"hostnam\"; is \"hostname\" meant?",
                    "h.toml:2:11: workers: 999 is more than 256, the most",
                    "h.toml:3:8: data: expected a path, found an integer",
                    "h.toml:5:16: limits.message_size: 2 TiB is more than 1 GiB, the most",
                    "h.toml:6:19: limits.smtp_patience: \"5 parsecs\" is not a time such as \"5 min\" (ms, "
                    "s, min, h, d)",
                    "h.toml:7:19: limits.exempt_networks: \"192.0.2.0/33\" is not a network such as "
                    "\"192.0.2.0/24\"",
                    "h.toml:9:1: there is no setting \"listn.smtp\"; is \"listen.smtp\" meant?",
                    "h.toml:11:9: log.level: \"loud\" is none of \"debug\", \"info\", \"warning\", \"error\"",
                    "h.toml:12:8: log.file: this sort of value fits no setting",
                    "h.toml:14:10: tls.others: \"a:b:c\" is not a certificate such as \"cert.pem:key.pem\"",
                    "h.toml:16:9: queue.retry: 8 d is more than 7 d, the most"));
}

TEST(Parse, BrokenTomlIsToldWithItsPlace) {
    for (const auto* broken : {"a = \n", "[^x]\n", "[a\n", "a = '\n", "= 1\n", "a = 1 b\n", "\xff\n"})
        EXPECT_THAT(problems(broken), ElementsAre(HasSubstr("h.toml:1:"))) << broken;
}

TEST(Suggest, TheNearestNameIsFoundAlsoInTheWrongTable) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"limits.mesage_size", "limits.message_size"},
        {"message_size", "limits.message_size"},
        {"log.levle", "log.level"},
        {"Workers", "workers"},
        {"listen.imapss", "listen.imaps"},
        {"quux.frobnicate", ""},
    };
    for (const auto& [unknown, meant] : rows) EXPECT_EQ(nearest_setting(unknown), meant) << unknown;
}

TEST(Table, NamesAreDifferentAndGroupsStandTogether) {
    std::vector<std::string_view> names, groups;
    for (const auto& row : settings()) {
        names.push_back(row.name);
        if (groups.empty() || groups.back() != row.group()) groups.push_back(row.group());
        EXPECT_TRUE(row.meaning.ends_with('.')) << row.name;
    }
    EXPECT_THAT(std::set(names.begin(), names.end()), testing::SizeIs(names.size()));
    EXPECT_THAT(std::set(groups.begin(), groups.end()), testing::SizeIs(groups.size()));
}

TEST(Show, WhatIsShownIsReadBackTheSame) {
    const auto settings = parsed("workers = 3\nlisten.smtp = []\nuser = 'a\"\\b'");
    const auto again = parsed(to_toml(settings));
    EXPECT_EQ(to_toml(Settings{again.config, settings.file, settings.sources}), to_toml(settings));
    EXPECT_EQ(again.config.user, "a\"\\b");
}

TEST(Show, EachValueTellsWhereItComesFrom) {
    auto settings = parsed("\nworkers = 3");
    ASSERT_TRUE(settings.set("language", "zh-CN"));
    EXPECT_THAT(to_toml(settings), HasSubstr("workers = 3  # /etc/hongyan/hongyan.toml:2\n"));
    EXPECT_THAT(to_toml(settings), HasSubstr("language = \"zh-CN\"  # command line\n"));
    EXPECT_THAT(to_toml(settings), HasSubstr("user = \"\"  # default\n"));
    EXPECT_THAT(to_json(settings), HasSubstr(R"("workers": {"value": 3, "source": "file", "line": 2})"));
}

TEST(Set, TakesTomlOrBareText) {
    auto settings = Settings::fallbacks();
    EXPECT_TRUE(settings.set("listen.imap", "[\"127.0.0.1:2143\"]"));
    EXPECT_TRUE(settings.set("listen.pop3", "127.0.0.1:2110"));
    EXPECT_TRUE(settings.set("limits.message_size", "1 MiB"));
    EXPECT_TRUE(settings.set("workers", "2"));
    EXPECT_EQ(settings.config.listen.imap[0].port, 2143);
    EXPECT_EQ(settings.config.listen.pop3[0].port, 2110);
    EXPECT_EQ(settings.config.workers, 2U);
    EXPECT_EQ(settings.set("workers", "many").error().message, "workers: expected an integer, found a text");
    EXPECT_EQ(settings.set("wrokers", "2").error().kind, Error::Kind::invalid);
}

TEST(Reload, TakesWhatItMayAndNamesTheRest) {
    const auto running = parsed("workers = 3");
    const auto after = reload(running, parsed("workers = 4\nlog.level = 'debug'"));
    EXPECT_EQ(after.settings.config.workers, 3U);
    EXPECT_EQ(after.settings.config.log.level, log::Level::debug);
    EXPECT_THAT(after.not_applied, ElementsAre("workers"));
}

TEST(Units, SizesAndTimesGoRound) {
    for (const auto* text : {"0", "1 B", "1023 B", "64 KiB", "1 TiB", "1025 MiB"})
        EXPECT_EQ(bytes_to_string(*parse_bytes(text)), text);
    for (const auto* text : {"0", "1 ms", "90 s", "5 min", "25 h", "30 d"})
        EXPECT_EQ(duration_to_string(*parse_duration(text)), text);
    EXPECT_EQ(*parse_bytes("10kb"), 10'000U);
    for (const auto* bad : {"", "MiB", "-1 B", "1", "1 XiB", "1.5 MiB", "99999999999 TiB", "9999999 TiB"})
        EXPECT_FALSE(parse_bytes(bad)) << bad;
}

TEST(ListenAddress, GoesRoundOrIsRefused) {
    for (const auto* text : {"*:25", "127.0.0.1:0", "[::1]:65535", "mail.here.test:25", "unix:/run/x"})
        EXPECT_EQ(to_string(*ListenAddress::parse(text)), text);
    for (const auto* bad : {"", ":25", "*", "*:", "*:65536", "::1:25", "[::1:25", "[x]:25", "a b:1", "unix:"})
        EXPECT_FALSE(ListenAddress::parse(bad)) << bad;
}

TEST(Network, ContainsWhatItsPrefixSays) {
    struct Row {
        std::string_view network, address;
        bool inside;
    };
    const Row rows[] = {
        {"127.0.0.0/8", "127.1.2.3", true},
        {"127.0.0.0/8", "128.0.0.1", false},
        {"10.0.0.0/9", "10.127.0.1", true},
        {"10.0.0.0/9", "10.128.0.1", false},
        {"::1", "::1", true},
        {"::1", "::2", false},
        {"2001:db8::/33", "2001:db8::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"0.0.0.0/0", "192.0.2.1", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "192.0.2.1", true},
        {"192.0.2.0/24", "::ffff:192.0.2.9", true},
    };
    for (const auto& row : rows)
        EXPECT_EQ(Network::parse(row.network)->contains(*parse_address(row.address)), row.inside)
            << row.network << " " << row.address;
    for (const auto* bad : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "x/8", "10.0.0.0/8/8"})
        EXPECT_FALSE(Network::parse(bad)) << bad;
}

TEST(Boolean, TakesTruthAndNothingElse) {
    static bool flag = false;
    const kind::Boolean boolean{{[](Config&) -> bool& { return flag; }, nullptr}, false};
    Config config;
    EXPECT_TRUE(boolean.read(config, true));
    EXPECT_TRUE(flag);
    EXPECT_EQ(boolean.read(config, std::string("yes")).error().message,
              "expected true or false, found a text");
}

// HONGYAN_WRITE_DOCS=1 config_test brings the page up to date.
TEST(Manual, ThePageInDocsIsTheTable) {
    const auto page = std::filesystem::path(SOURCE_ROOT) / "docs" / "settings.md";
    if (std::getenv("HONGYAN_WRITE_DOCS") != nullptr) ASSERT_TRUE(write_file(page, settings_markdown()));
    EXPECT_EQ(read_file(page), settings_markdown());
}

TEST(Manual, NoLineOfTheManPageIsTakenForARequestByMistake) {
    const auto section = settings_man_section();
    EXPECT_THAT(section, HasSubstr(".TP\n.B limits.message_size\n"));
    EXPECT_THAT(section, HasSubstr("zh\\-CN"));
}

TEST(Load, AFileThatIsNotThereIsNotFound) {
    EXPECT_EQ(load("/nonexistent/hongyan.toml").error().kind, Error::Kind::not_found);
}

}  // namespace
}  // namespace hongyan::config
