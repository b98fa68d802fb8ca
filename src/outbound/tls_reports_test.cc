// Reports that wait to be posted.
#include "outbound/tls_reports.h"

#include <fstream>
#include <set>

#include <gmock/gmock.h>

#include "base/record.h"
#include "base/testing/scratch_folder.h"
#include "flow/flow_fixture.h"
#include "net/memory_resolver.h"
#include "outbound/settings.h"
#include "outbound/tls_keys.h"
#include "reports/losses.h"

namespace hongyan::outbound {
namespace {

using namespace std::chrono_literals;

// Knows nobody, and remembers who was asked for.
class EmptyResolver final : public net::Resolver {
public:
    net::Task<dns::RawAnswer> ask(dns::Question question, net::Deadline) override {
        asked.insert(question.name.text());
        dns::RawAnswer answer;
        answer.status = dns::Status::no_domain;
        answer.canonical = question.name;
        co_return answer;
    }
    std::set<std::string> asked;
};

class TlsReportsTest : public flow::FlowTest {
public:
    TlsReportsTest() {
        settings.hostname = "mail.here.test";
        settings.tls_reports = true;
        settings.dns_patience = 1s;
        settings.policy = policy;
    }
    static std::string key_of(int number) {
        return fmt::format("{}20400host{:04}.test", tls_keys::posts, number) + '\0' +
               fmt::format("https://host{:04}.test/report", number);
    }
    void put_letters(int count) {
        const auto first = static_cast<std::uint64_t>(clock.now().time_since_epoch().count());
        for (int number = 0; number < count; ++number)
            put(key_of(number), RecordWriter(1).text(1, "a report").number(2, first).take());
    }
    void put(const std::string& key, const std::string& value) {
        ASSERT_TRUE(engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) {
            transaction.put(key, value);
            return Result<void>{};
        }));
    }
    std::size_t letters() {
        std::size_t count = 0;
        const auto snapshot = engine->snapshot(engine::Scope::global());
        for (const auto at = snapshot->scan(engine::Range::starting_with(tls_keys::posts)); at->valid();
             at->next())
            ++count;
        return count;
    }
    // How many reports of TLS nobody got.
    std::uint64_t lost() {
        const auto all = ::hongyan::reports::losses(*engine->snapshot(engine::Scope::global())).value();
        if (all.empty()) return 0;
        EXPECT_EQ(all.size(), 1U);
        EXPECT_EQ(all[0].what, ::hongyan::reports::Loss::late_tls);
        return all[0].count;
    }
    // As the dispatcher does it, until there is nothing more to do at once.
    void work() {
        for (int turns = 0; reports.has_work(); ++turns) {
            ASSERT_LT(turns, 20) << "there is an end";
            net::asio::io_context context(1);
            net::asio::co_spawn(context.get_executor(), reports.work(), [](const std::exception_ptr& broken) {
                if (broken) std::rethrow_exception(broken);
            });
            context.run();
        }
    }

    EmptyResolver resolver;
    std::unique_ptr<net::TlsClientContext> tls = net::TlsClientContext::make().value();
    net::Ourselves ourselves;
    Settings settings;
    TlsCounts counts{*engine, clock, log::Log(output)};
    TlsReports reports{{.world = world,
                        .resolver = resolver,
                        .tls = *tls,
                        .random = random,
                        .counts = counts,
                        .ourselves = ourselves},
                       settings};
};

TEST_F(TlsReportsTest, AreAllPostedHoweverManyDoNotAnswer) {
    constexpr int count = 250;  // two pages and a half
    put_letters(count);
    work();
    EXPECT_EQ(resolver.asked.size(), count) << "nobody stands before the others";
    EXPECT_EQ(letters(), count) << "they are tried again";
    clock.advance(25h);
    put(std::string(tls_keys::wanted), "");
    work();
    EXPECT_EQ(letters(), 0U) << "for a day at most (RFC 8460 §5.5)";
    EXPECT_EQ(lost(), count);
}

class TlsReportsByMail : public TlsReportsTest {
public:
    TlsReportsByMail() {
        names.add("_smtp._tls.there.test", dns::Txt{"v=TLSRPTv1; rua=mailto:reports@there.test"});
        EXPECT_TRUE(output.apply({log::Format::human, log::Level::warning, log_file}));
    }

    void has_key(std::string_view domain) {
        const auto name = directory::DomainName::parse(domain).value();
        (void)directory.add_domain(name);  // perhaps it is there
        const directory::NewSigningKey key{"s", crypto::PrivateKey::generate_ed25519()};
        ASSERT_TRUE(directory.add_signing_keys(name, {&key, 1}));
        ASSERT_TRUE(directory.change_signing_keys(
            name, std::vector<directory::SigningKeyChange>{{"s", directory::KeyState::active}}));
    }
    void count_sessions() {
        tls_policy::TlsDay sums;
        sums.add_success({}, 3);
        const auto today = std::chrono::floor<std::chrono::days>(clock.now());
        put(tls_keys::key_of({today, "there.test"}), sums.to_record());
    }
    // As `hongyan report tls --send` asks.
    void send() {
        put(std::string(tls_keys::wanted), "");
        net::asio::io_context context(1);
        net::asio::co_spawn(context.get_executor(), sending.work(), [](const std::exception_ptr& broken) {
            if (broken) std::rethrow_exception(broken);
        });
        context.run();
    }
    bool is_counted() {
        const auto snapshot = engine->snapshot(engine::Scope::global());
        return snapshot->scan(engine::Range::starting_with(tls_keys::days))->valid();
    }
    std::string logged() const {
        std::ifstream in(log_file);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    // The one report that waits in the queue: its sender.
    std::string sender() {
        const auto entries = queued();
        EXPECT_EQ(entries.size(), 1U);
        return entries.empty() ? std::string() : entries[0].sender;
    }

    ScratchFolder folder;
    const std::string log_file = folder.path() / "log";
    net::MemoryResolver names;
    TlsReports sending{{.world = world,
                        .resolver = names,
                        .tls = *tls,
                        .random = random,
                        .counts = counts,
                        .ourselves = ourselves},
                       settings};
};

// RFC 8460 §3: signed by the domain of the submitter, and under way whatever TLS comes to (RFC 8689 §5),
// which the signature covers.
TEST_F(TlsReportsByMail, AreSignedAndNeedNoTls) {
    has_key("here.test");
    settings.tls_reports_from = "tls@here.test";
    count_sessions();
    send();
    EXPECT_EQ(sender(), "tls@here.test");
    const auto entry = queued().at(0);
    EXPECT_EQ(entry.recipients.at(0).address, "reports@there.test");
    EXPECT_TRUE(entry.tls_optional);
    EXPECT_THAT(entry.prefix, testing::StartsWith("DKIM-Signature:"));
    EXPECT_THAT(entry.prefix, testing::HasSubstr("d=here.test"));
    EXPECT_THAT(entry.prefix, testing::EndsWith("\r\nTLS-Required: No\r\n"));
    EXPECT_THAT(engine->read_blob(entry.blob).value(),
                testing::HasSubstr("TLS-Report-Domain: there.test\r\n"));
    EXPECT_FALSE(is_counted());
}

// Our host is mail.here.test.
TEST_F(TlsReportsByMail, AreFromADomainThatSignsIfNothingIsSaid) {
    has_key("a.test");
    count_sessions();
    send();
    EXPECT_EQ(sender(), "postmaster@a.test") << "the only one";
    EXPECT_THAT(queued().at(0).prefix, testing::HasSubstr("d=a.test"));
    EXPECT_THAT(engine->read_blob(queued().at(0).blob).value(),
                testing::AllOf(testing::HasSubstr("From: postmaster@a.test\r\n"),
                               testing::HasSubstr("TLS-Report-Submitter: a.test\r\n")));
}

TEST_F(TlsReportsByMail, AreFromTheDomainOfTheHostIfThatSigns) {
    has_key("a.test");
    has_key("here.test");
    count_sessions();
    send();
    EXPECT_EQ(sender(), "postmaster@here.test");
}

// RFC 8460 §3: who gets them ignores them without a signature, so they are not sent without one.
TEST_F(TlsReportsByMail, WaitTwoDaysForAKeyThatSigns) {
    count_sessions();
    send();
    EXPECT_THAT(queued(), testing::IsEmpty());
    EXPECT_TRUE(is_counted());
    EXPECT_THAT(logged(), testing::HasSubstr("here.test has no key that signs"));
    clock.advance(47h);
    send();
    EXPECT_TRUE(is_counted());
    has_key("here.test");
    send();
    EXPECT_EQ(sender(), "postmaster@here.test");
    EXPECT_FALSE(is_counted());
}

TEST_F(TlsReportsByMail, AreGivenUpIfNoKeyComes) {
    count_sessions();
    clock.advance(72h);
    send();
    EXPECT_THAT(queued(), testing::IsEmpty());
    EXPECT_FALSE(is_counted());
    EXPECT_THAT(logged(), testing::HasSubstr("report not sent"));
    EXPECT_EQ(lost(), 1U);
}

// Whether its domain wants one is not to be found out for two days.
TEST_F(TlsReportsByMail, AreGivenUpWhereNobodyAnswers) {
    has_key("here.test");
    names.set("_smtp._tls.there.test", dns::Type::txt, dns::Status::failed);
    count_sessions();
    send();
    EXPECT_TRUE(is_counted());
    EXPECT_EQ(lost(), 0U);
    clock.advance(72h);
    send();
    EXPECT_FALSE(is_counted());
    EXPECT_THAT(logged(), testing::HasSubstr("report given up"));
    EXPECT_EQ(lost(), 1U);
}

// The other domains that sign are not asked: it is said who reports.
TEST_F(TlsReportsByMail, AreNotSentInANameThatDoesNotSign) {
    has_key("a.test");
    settings.tls_reports_from = "tls@here.test";
    count_sessions();
    send();
    EXPECT_THAT(queued(), testing::IsEmpty());
    EXPECT_THAT(logged(), testing::HasSubstr("here.test has no key that signs"));
}

// RFC 8460 §3: delivered once one of the endpoints has it, and a post needs no signature.
TEST_F(TlsReportsByMail, ThatNobodySignsDoNotHinderThePost) {
    names.add("_smtp._tls.both.test",
              dns::Txt{"v=TLSRPTv1; rua=mailto:a@both.test,https://both.test/report"});
    tls_policy::TlsDay sums;
    sums.add_success({}, 3);
    const auto today = std::chrono::floor<std::chrono::days>(clock.now());
    put(tls_keys::key_of({today, "both.test"}), sums.to_record());
    send();
    EXPECT_THAT(queued(), testing::IsEmpty());
    EXPECT_EQ(letters(), 1U);
    EXPECT_FALSE(is_counted());
}

}  // namespace
}  // namespace hongyan::outbound
