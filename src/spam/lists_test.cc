#include "spam/lists.h"

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/caching_resolver.h"
#include "net/memory_resolver.h"
#include "spam/links.h"
#include "spam/score.h"

namespace hongyan::spam {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

dns::IpAddress address(std::string_view text) { return dns::IpAddress::parse(text).value(); }
dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }
ListRule rule(std::string_view text) { return ListRule::parse(text).value(); }

template <typename Make>
auto wait_for(Make make) {
    net::asio::io_context context(1);
    std::optional<typename decltype(make())::value_type> value;
    auto run = [&]() -> net::Task<> { value = co_await make(); };
    net::asio::co_spawn(context.get_executor(), run(), [](const std::exception_ptr& broken) {
        if (broken) std::rethrow_exception(broken);
    });
    context.run();
    return *std::move(value);
}

class ListsTest : public testing::Test {
protected:
    ListsTest() { add("2.0.0.127.bl.test", "127.0.0.2"); }
    void add(std::string_view at, std::string_view answer) { names.add(at, dns::A{address(answer)}); }

    // What the client hears at MAIL, or else the codes of what is found.
    std::string verdict(std::vector<std::string> lists, std::vector<std::string> links, std::string_view from,
                        std::string text = {}) {
        ListsSettings settings;
        for (const auto& each : lists) settings.addresses.push_back(rule(each));
        for (const auto& each : links) settings.links.push_back(rule(each));
        Lists judge(settings, names, workers);
        const auto visit = judge.visit({.address = std::string(from)}, log::Log(output));
        if (const auto refused = wait_for([&] { return visit->sender({}); })) return refused->lines.front();
        const smtp::Deliver came{
            .client = {}, .envelope = {}, .message = std::make_shared<const std::string>("\r\n" + text)};
        Judgement judgement;
        (void)wait_for([&]() -> net::Task<bool> {
            co_await visit->message(came, judgement);
            co_return true;
        });
        std::string found;
        for (const auto& each : judgement.findings) found += fmt::format("{}={} ", each.code, each.score);
        return found;
    }

    ManualClock clock;
    log::Output output{clock};
    net::MemoryResolver names;
    net::Workers workers{1, 10};
};

}  // namespace

TEST(ListRule, IsReadFromText) {
    EXPECT_EQ(rule("bl.test").weight, 3);
    const auto all = rule("bl.test  weight=-2.5 codes=127.0.0.2-127.0.0.4,127.0.1.9 refuse timeout=5s");
    EXPECT_EQ(all.weight, -2.5);
    EXPECT_TRUE(all.refuses);
    EXPECT_EQ(all.patience, std::chrono::seconds(5));
    EXPECT_TRUE(all.is_hit(address("127.0.0.3")));
    EXPECT_TRUE(all.is_hit(address("127.0.1.9")));
    EXPECT_FALSE(all.is_hit(address("127.0.0.5")));
    for (const auto* text : {"", "bl..test", "bl.test weight=x", "bl.test codes=10.0.0.1", "bl.test codes=",
                             "bl.test codes=127.0.0.4-127.0.0.2", "bl.test timeout=0s", "bl.test what"})
        EXPECT_FALSE(ListRule::parse(text)) << text;
}

TEST(ListRule, TakesNoAnswerForOneThatListsDoNotGive) {
    EXPECT_FALSE(rule("bl.test").is_hit(address("192.0.2.1")));
    EXPECT_FALSE(rule("bl.test").is_hit(address("127.255.255.254"))) << "the list refuses to answer us";
    EXPECT_FALSE(rule("bl.test").is_hit(address("::1")));
}

TEST(ListNames, AreThoseOfTheRfc) {
    EXPECT_EQ(name_on_list(address("192.0.2.99"), name("bad.example.com"))->text(),
              "99.2.0.192.bad.example.com");
    EXPECT_EQ(name_on_list(address("2001:db8:1:2:3:4:567:89ab"), name("ugly.example.com"))->text(),
              "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ugly.example.com");
    EXPECT_EQ(name_on_list(name("invalid.edu"), name("doms.example.net"))->text(),
              "invalid.edu.doms.example.net");
}

TEST_F(ListsTest, RefusesWithTheWordsOfTheListOrAddsToTheScore) {
    add("1.2.0.192.bl.test", "127.0.0.2");
    names.add("1.2.0.192.bl.test", dns::Txt{"Sent\r\n junk"});
    EXPECT_EQ(verdict({"bl.test refuse"}, {}, "192.0.2.1"),
              "192.0.2.1 is on the list bl.test: \"Sent?? junk\" (dnsbl)");
    EXPECT_EQ(verdict({"bl.test weight=4"}, {}, "192.0.2.1"), "dnsbl=4 ");
    EXPECT_EQ(verdict({"bl.test refuse codes=127.0.0.9"}, {}, "192.0.2.1"), "");
    EXPECT_EQ(verdict({"bl.test refuse"}, {}, "192.0.2.2"), "");
}

TEST_F(ListsTest, WhoIsVouchedForIsNotRefused) {
    add("1.2.0.192.bl.test", "127.0.0.2");
    add("2.0.0.127.wl.test", "127.0.0.2");
    add("1.2.0.192.wl.test", "127.0.0.2");
    EXPECT_EQ(verdict({"bl.test refuse", "wl.test weight=-1"}, {}, "192.0.2.1"), "dnsbl=3 dnswl=-1 ");
}

TEST_F(ListsTest, AListThatDoesNotHoldItsTestEntriesCountsForNothing) {
    add("1.2.0.192.dead.test", "127.0.0.2");
    EXPECT_EQ(verdict({"dead.test refuse"}, {}, "192.0.2.1"), "") << "it does not hold 127.0.0.2";
    add("1.0.0.127.bl.test", "127.0.0.2");
    add("1.2.0.192.bl.test", "127.0.0.2");
    EXPECT_EQ(verdict({"bl.test refuse"}, {}, "192.0.2.1"), "") << "it holds everything";
}

// RFC 5782 §5: which test entries a list must have, and which it must not have.
TEST_F(ListsTest, TheTestEntriesAreThoseOfTheRfc) {
    const std::string zeros = "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.";
    const std::string six = "2.0.0.0.0.0.f.7.f.f.f.f." + zeros, no_six = "1.0.0.0.0.0.f.7.f.f.f.f." + zeros;
    // A client of each kind, and the domain of a link.
    const std::string four = "9.2.0.192.",
                      client6 = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.";
    struct Row {
        std::string zone;
        std::vector<std::string> entries;
        bool holds_four, holds_six, holds_domain;
    };
    const std::vector<Row> rows{
        {"v4.test", {"2.0.0.127."}, true, true, false},
        {"v6.test", {six}, true, true, false},
        {"both.test", {"2.0.0.127.", six}, true, true, false},
        {"domains.test", {"test."}, false, false, true},
        {"none.test", {}, false, false, false},
        {"wild4.test", {"2.0.0.127.", "1.0.0.127."}, false, false, false},
        {"wild6.test", {six, no_six}, false, false, false},
        {"mixed.test", {"1.0.0.127.", six}, false, false, false},
        {"all.test", {"test.", "invalid."}, false, false, false},
    };
    for (const auto& row : rows) {
        for (const auto& entry : row.entries) add(entry + row.zone, "127.0.0.2");
        for (const auto& entry : {four, client6, std::string("evil.example.")})
            add(entry + row.zone, "127.0.0.3");
        EXPECT_EQ(verdict({row.zone}, {}, "192.0.2.9"), row.holds_four ? "dnsbl=3 " : "") << row.zone;
        EXPECT_EQ(verdict({row.zone}, {}, "2001:db8::1"), row.holds_six ? "dnsbl=3 " : "") << row.zone;
        EXPECT_EQ(verdict({}, {row.zone}, "192.0.2.8", "http://evil.example/"),
                  row.holds_domain ? "link-list=3 " : "")
            << row.zone;
    }
}

// RFC 5782 §2.3: values in 127.0.0.0/8, each with its meaning, several at once.
TEST_F(ListsTest, SeveralValuesAreSeveralSublists) {
    add("9.2.0.192.bl.test", "127.0.0.4");
    add("9.2.0.192.bl.test", "127.0.0.10");
    add("8.2.0.192.bl.test", "192.0.2.1");
    EXPECT_EQ(verdict({"bl.test codes=127.0.0.10"}, {}, "192.0.2.9"), "dnsbl=3 ");
    EXPECT_EQ(verdict({"bl.test codes=127.0.0.2-127.0.0.4 weight=5"}, {}, "192.0.2.9"), "dnsbl=5 ");
    EXPECT_EQ(verdict({"bl.test codes=127.0.0.5-127.0.0.9"}, {}, "192.0.2.9"), "");
    EXPECT_EQ(verdict({"bl.test"}, {}, "192.0.2.8"), "") << "beyond 127.0.0.0/8";
}

TEST_F(ListsTest, AListThatDoesNotAnswerHarmsNobody) {
    names.set("1.2.0.192.bl.test", dns::Type::a, dns::Status::failed);
    EXPECT_EQ(verdict({"bl.test refuse"}, {}, "192.0.2.1"), "");
}

TEST_F(ListsTest, LinksAreLookedUpByTheirRegistrableDomain) {
    add("test.links.test", "127.0.0.2");
    add("bad.co.uk.links.test", "127.0.0.2");
    EXPECT_EQ(
        verdict({}, {"links.test weight=5"}, "192.0.2.1", "see https://a.b.bad.co.uk/x and www.good.org"),
        "link-list=5 ");
}

TEST_F(ListsTest, LinksInWhatAccountsSendAddToTheScoreWhereThatIsWanted) {
    add("test.links.test", "127.0.0.2");
    add("bad.test.links.test", "127.0.0.2");
    ListsSettings settings;
    settings.links = {rule("links.test weight=5 refuse")};
    const smtp::Client ann{.address = "192.0.2.1", .account = "ann@here.test"};
    EXPECT_EQ(Lists(settings, names, workers).visit(ann, log::Log(output)), nullptr);
    settings.outgoing = true;
    Lists judge(settings, names, workers);
    const auto visit = judge.visit(ann, log::Log(output));
    EXPECT_FALSE(wait_for([&] { return visit->sender({}); }));
    const smtp::Deliver came{.client = ann,
                             .envelope = {},
                             .message = std::make_shared<const std::string>("\r\nhttps://www.bad.test/")};
    Judgement judgement;
    (void)wait_for([&]() -> net::Task<bool> {
        co_await visit->message(came, judgement);
        co_return true;
    });
    EXPECT_EQ(judgement.score(), 5);
    EXPECT_EQ(judgement.disposition, Disposition::accept) << "others decide what becomes of it";
}

TEST(Links, AreFoundInPlainTextAndInHtml) {
    const auto found = link_domains(
        "Content-Type: text/html\r\n\r\n<a href=\"HTTP://user:pw@Www.One.example:8080/x\">two.example</a> "
        "www.three.example. http://[::1]/ http://192.0.2.1/ https://xn--bcher-kva.example, awww.no.example "
        "http://one.example?q");
    std::vector<std::string> texts;
    for (const auto& each : found) texts.push_back(each.text());
    EXPECT_THAT(texts, ElementsAre("one.example", "three.example", "xn--bcher-kva.example"));
}

// A list that is asked through a cache: what is known to be on none of them takes no turn of the loop.
TEST_F(ListsTest, WhatIsKnownToBeOnNoListIsNotAskedAgain) {
    add("test.links.test", "127.0.0.2");
    add("bad.example.links.test", "127.0.0.2");
    add("good.example.links.test", "127.0.0.9");  // of a code that we do not care for
    net::CachingResolver cache(names, std::uint64_t{1} << 20U);
    List list(rule("links.test codes=127.0.0.2"), List::Kind::domains);
    const auto at = [&](std::string_view domain) { return name_on_list(name(domain), list.rule().zone); };
    const auto is_on = [&](std::string_view domain) {
        return wait_for([&] { return list.ask(cache, name(domain)); }).is_on;
    };
    EXPECT_FALSE(list.is_known_to_miss(cache, at("good.example"))) << "nobody has tested the list";
    EXPECT_FALSE(is_on("good.example"));
    EXPECT_TRUE(is_on("bad.example"));
    const auto asked = names.times_asked();
    EXPECT_TRUE(list.is_known_to_miss(cache, at("good.example")));
    EXPECT_FALSE(list.is_known_to_miss(cache, at("bad.example")));
    EXPECT_FALSE(list.is_known_to_miss(cache, at("new.example"))) << "nobody has asked for it";
    EXPECT_EQ(names.times_asked(), asked);
    List broken(rule("bl.test codes=127.0.0.9"), List::Kind::domains);
    (void)wait_for([&] { return broken.ask(cache, name("good.example")); });
    EXPECT_TRUE(broken.is_known_to_miss(cache, at("bad.example")))
        << "nothing is on a list that does not work";
}

TEST(Links, BeginAnywhereInTheText) {
    const auto links = [](std::string_view text) {
        std::vector<std::string> texts;
        for (const auto& each : link_domains(fmt::format("\r\n{}", text))) texts.push_back(each.text());
        return texts;
    };
    EXPECT_THAT(links("http://a.example"), ElementsAre("a.example"));
    EXPECT_THAT(links("WWW.a.example www"), ElementsAre("a.example"));
    EXPECT_THAT(links("wwww.a.example :// w www. http:/"), ElementsAre());
    EXPECT_THAT(links("ftp://b.example:x www.a.example"), ElementsAre("b.example", "a.example"));
    // Programs that show mail make links of these, and browsers follow them (URL Standard §4.4).
    for (const auto* text : {"see http:\\\\evil.example\\x", "https:/\\evil.example", "http:\\/evil.example",
                             "http:////evil.example/", "http:///\\\\evil.example"})
        EXPECT_THAT(links(text), ElementsAre("evil.example")) << text;
    EXPECT_THAT(links("a:b 12:30:00 c:/x d:\\e f:/ g:"), ElementsAre());
}

// Each of these leads a browser to evil.example.
TEST(Links, AreFoundInHtmlAsBrowsersUnderstandThem) {
    constexpr std::string_view targets[] = {
        "\"http://evil&#46;example/\"",
        "'http&#58;//evil.example'",
        "http:&#47;&#x2f;evil.example",
        "\"http&colon;&sol;&sol;evil&period;example\"",
        "\"http:\\\\evil.example\"",
        "http:evil.example",
        "\"https:/\\/evil.example\"",
        "\" http://evil%2eexample:80/\"",
        "\"ht\ntp://ev\r\nil.exa\tmple\"",
        "\"//evil.example/x\"",
        "\"\\\\evil.example/x\"",
        "\"http://good.example\\@evil.example\"",
        "\"http://user:good.example@evil.example/@other.example\"",
        "\"http://evil\u3002example/\"",
        "\"http://\uff45vil.example/\"",
    };
    for (const auto target : targets) {
        const auto found = link_domains(fmt::format(
            "Content-Type: text/html; charset=utf-8\r\n\r\n<a title=\"x\" href={}>x</a>", target));
        std::vector<std::string> texts;
        for (const auto& each : found) texts.push_back(each.text());
        const bool has_another_host = target.contains("good.example\\");
        EXPECT_THAT(texts, testing::Contains(has_another_host ? "good.example" : "evil.example")) << target;
    }
    EXPECT_TRUE(link_domains("Content-Type: text/html\r\n\r\n<a href=\"mailto:a@evil.example\"><a href=x:y>"
                             "<img src=cid:a.example><a href=/evil.example><a href=\"http:\"><a href=\"\">")
                    .empty());
}

TEST(Links, OfWhatIsReadAreFoundThoughCharactersAreReferences) {
    const auto found =
        link_domains("Content-Type: text/html\r\n\r\nhttp&#58;//evil&#46;example or www&period;two.example");
    std::vector<std::string> texts;
    for (const auto& each : found) texts.push_back(each.text());
    EXPECT_THAT(texts, ElementsAre("evil.example", "two.example"));
}

TEST(Links, AreFoundAtTheBeginningOfALargeText) {
    const std::string padding(std::size_t{3} << 20U, ' ');
    EXPECT_EQ(link_domains("\r\nhttp://evil.example/" + padding).size(), 1U);
    EXPECT_EQ(link_domains("Content-Type: text/html\r\n\r\n<a href=http:evil.example>" + padding).size(), 1U);
}

TEST(Links, AreFoundBehindMuchText) {
    for (const auto mebibytes : {1U, 4U, 7U}) {
        const std::string padding(std::size_t{mebibytes} << 20U, ' ');
        EXPECT_EQ(link_domains("\r\n" + padding + "http://evil.example/").size(), 1U) << mebibytes;
        EXPECT_EQ(
            link_domains("Content-Type: text/html\r\n\r\n<!--" + padding + "--><a href=http:evil.example>")
                .size(),
            1U)
            << mebibytes;
    }
    const std::string padding(most_link_text, ' ');
    EXPECT_EQ(link_domains("\r\n" + padding + "http://evil.example/").size(), 0U);
}

TEST(Links, AreNotTooMany) {
    std::string text = "\r\n";
    for (int i = 0; i < 100; ++i) text += fmt::format("http://d{}.example/ ", i);
    EXPECT_EQ(link_domains(text).size(), most_link_domains);
}

TEST(ScoreTest, SumsUpAndSaysWhy) {
    ManualClock clock;
    log::Output output(clock);
    Score judge({.junk = 5, .reject = 10});
    const auto visit = judge.visit({}, log::Log(output));
    const auto judged = [&](std::vector<Finding> findings) {
        Judgement judgement{.findings = std::move(findings)};
        (void)wait_for([&]() -> net::Task<bool> {
            co_await visit->message({}, judgement);
            co_return true;
        });
        return judgement;
    };
    EXPECT_EQ(judged({}).fields, "");
    EXPECT_EQ(judged({{"a", "A", 4.5}}).disposition, Disposition::accept);
    const auto junk = judged({{"a", "A", 4.5}, {"b", "B", -0.5}, {"c", "C", 1}, {"said", "Only", 0}});
    EXPECT_EQ(junk.disposition, Disposition::junk);
    EXPECT_EQ(junk.fields, "X-Hongyan-Spam: yes, score=5.0;\r\n\ta=4.5;\r\n\tb=-0.5;\r\n\tc=1.0\r\n");
    const auto rejected = judged({{"a", "A", 4}, {"b", "B", 7}});
    EXPECT_EQ(rejected.disposition, Disposition::reject);
    EXPECT_EQ(rejected.reply->lines.front(), "This looks like junk: b (7.0), a (4.0) (score)");
    EXPECT_EQ(judge.visit({.account = "ann@here.test"}, log::Log(output)), nullptr);
}

TEST(ScoreTest, WhereItDependsOnWhoGetsItEachHasASumOfItsOwn) {
    ManualClock clock;
    log::Output output(clock);
    Score judge({.junk = 5, .reject = 10});
    const auto visit = judge.visit({}, log::Log(output));
    const auto judged = [&](double first, double second) {
        Judgement judgement{.findings = {{"all", "A", 4}}};
        judgement.placements = {{.account = engine::AccountId(1), .findings = {{"own", "O", first}}},
                                {.account = {}, .findings = {{"own", "O", second}}}};
        (void)wait_for([&]() -> net::Task<bool> {
            co_await visit->message({}, judgement);
            co_return true;
        });
        return judgement;
    };
    const auto one = judged(-2, 2);
    EXPECT_EQ(one.disposition, Disposition::accept);
    EXPECT_EQ(one.fields, "");
    EXPECT_FALSE(one.placements[0].is_junk);
    EXPECT_EQ(one.placements[0].fields, "X-Hongyan-Spam: no, score=2.0;\r\n\tall=4.0;\r\n\town=-2.0\r\n");
    EXPECT_TRUE(one.placements[1].is_junk);
    EXPECT_EQ(judged(9, 2).disposition, Disposition::accept) << "one of them wants it";
    const auto rejected = judged(9, 7);
    EXPECT_EQ(rejected.disposition, Disposition::reject);
    EXPECT_EQ(rejected.reply->lines.front(), "This looks like junk: own (7.0), all (4.0) (score)");
}

}  // namespace hongyan::spam
