#include "flow/url.h"

#include "flow/flow_fixture.h"
#include "imap/url_leave.h"
#include "store/url_keys.h"
#include "support/interrupted_engine.h"

namespace hongyan::flow {
namespace {

class UrlTest : public FlowTest {
protected:
    UrlTest() { deliver(mail({"<ann@here.test>"}, {}, "Subject: hi\r\n\r\nHello.\r\n")); }

    // A URL of Ann's first message, with leave from her.
    std::string url(std::string_view access, std::string_view user = "ann@here.test") {
        const auto rump = fmt::format("imap://{}@mail.here.test/INBOX/;uid=1{}{}", user,
                                      access.empty() ? "" : ";urlauth=", access);
        if (access.empty()) return rump;
        const auto key = store::need_url_key(store, ann, store::inbox, std::string(32, 'k')).value();
        return fmt::format("{}:internal:{}", rump, imap::url_token(key, rump));
    }
    std::string fetched(const std::string& asked, std::string_view account = "ann@here.test",
                        std::uint64_t most = 10'000) {
        const auto answer = ask(smtp::FetchUrl{{.account = std::string(account)}, asked, most});
        if (const auto* octets = std::get_if<smtp::FetchedUrl>(&answer)) return octets->octets;
        const auto& reply = std::get<smtp::Reply>(answer);
        return fmt::format("{} {}", reply.code, reply.status);
    }
};

TEST_F(UrlTest, LeadsToTheMessageForWhomThereIsLeave) {
    const auto message = testing::EndsWith("Subject: hi\r\n\r\nHello.\r\n");
    EXPECT_THAT(fetched(url("submit+ann")), message);
    EXPECT_THAT(fetched(url("submit+ann@here.test", "ann")), message);
    EXPECT_THAT(fetched(url("submit+bob"), "bob@here.test"), message);
    EXPECT_THAT(fetched(url("authuser"), "bob@here.test"), message);
    EXPECT_THAT(fetched(url("anonymous"), "bob@here.test"), message);
    // RFC 4468 §3.3: MUST be refused.
    EXPECT_EQ(fetched(url("submit+ann"), "bob@here.test"), "554 5.7.0");
    EXPECT_EQ(fetched(url("user+ann")), "554 5.7.0");
    // A name without a domain is of the owner's.
    EXPECT_EQ(fetched(url("submit+bob"), "bob@there.test"), "554 5.7.0");
    EXPECT_EQ(fetched(url("")), "554 5.7.8");
}

TEST_F(UrlTest, ThatLeadsNowhereIsRefusedAndNothingTellsWhy) {
    const auto good = url("submit+ann");
    EXPECT_EQ(fetched(good.substr(0, good.size() - 1) + "0") == "554 5.6.6" ||
                  fetched(good.substr(0, good.size() - 1) + "1") == "554 5.6.6",
              true);
    for (const auto* owner : {"nobody", "nobody@here.test", "bob", "%20"})
        EXPECT_EQ(fetched(url("submit+ann", owner)), "554 5.6.6") << owner;
    EXPECT_EQ(fetched(url("submit+ann@here.test", "ann@there.test")), "554 5.6.6");
    EXPECT_EQ(fetched(url("submit+ann", "ann@there.test")), "554 5.7.0") << "Ann of there is meant";
    EXPECT_EQ(fetched("http://here.test/"), "554 5.5.4");
    EXPECT_EQ(fetched("/INBOX/;uid=1"), "554 5.5.4");
    ASSERT_TRUE(store::reset_url_key(store, ann, store::inbox, std::string(32, 'n')));
    EXPECT_EQ(fetched(good), "554 5.6.6");
}

// Nothing is read before there is memory for it; the whole message counts, however little of it is wanted.
TEST_F(UrlTest, WaitsForMemoryBeforeItReads) {
    world.memory = std::make_shared<Budget>(10);
    Share others(world.memory);
    ASSERT_TRUE(others.grow_to(11)) << "as a favour, so that nobody else gets one";
    const auto good = url("submit+ann");
    EXPECT_EQ(fetched(good), "451 4.3.2");
    others.release();
    EXPECT_THAT(fetched(good), testing::EndsWith("Hello.\r\n"));
    EXPECT_EQ(world.memory->held(), 0U);
}

// RFC 4467 §6: neither the words nor the work tell who has an account here.
TEST_F(UrlTest, OfNobodysMailIsAsMuchWorkAsOfSomebodys) {
    InterruptedEngine counted;
    store::Store other{counted, clock};
    const World watched{other, directory, queue, workers, log_in_workers, clock, log::Log(output)};
    const auto work_for = [&](std::string_view owner) {
        const auto before = counted.snapshots;
        const auto text =
            fmt::format("imap://{}/INBOX/;uid=1;urlauth=anonymous:internal:{}", owner, std::string(66, '0'));
        const auto answer = fetch_url(watched, {{.account = "ann@here.test"}, text, 10'000});
        EXPECT_EQ(std::get<smtp::Reply>(answer).status, "5.6.6") << owner;
        return counted.snapshots - before;
    };
    const auto of_somebody = work_for("bob@here.test");
    EXPECT_GT(of_somebody, 0U);
    EXPECT_EQ(work_for("nobody@here.test"), of_somebody);
    EXPECT_EQ(work_for("nobody"), of_somebody);
    EXPECT_EQ(work_for("nobody@there.test"), of_somebody);
}

TEST_F(UrlTest, OfMoreThanMayBeSentIsRefused) {
    EXPECT_EQ(fetched(url("submit+ann"), "ann@here.test", 20), "554 5.3.4");
}

}  // namespace
}  // namespace hongyan::flow
