// Reports that wait to be posted.
#include "outbound/tls_reports.h"

#include <set>

#include <gmock/gmock.h>

#include "base/record.h"
#include "flow/flow_fixture.h"
#include "net/memory_resolver.h"
#include "outbound/settings.h"
#include "outbound/tls_keys.h"

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
}

// RFC 8460 §3: signed by the domain of the submitter, and under way whatever TLS comes to (RFC 8689 §5),
// which the signature covers.
TEST_F(TlsReportsTest, ByMailAreSignedAndNeedNoTls) {
    const auto name = directory::DomainName::parse("here.test").value();
    const directory::NewSigningKey key{"s", crypto::PrivateKey::generate_ed25519()};
    ASSERT_TRUE(directory.add_signing_keys(name, {&key, 1}));
    ASSERT_TRUE(directory.change_signing_keys(
        name, std::vector<directory::SigningKeyChange>{{"s", directory::KeyState::active}}));
    net::MemoryResolver names;
    names.add("_smtp._tls.there.test", dns::Txt{"v=TLSRPTv1; rua=mailto:reports@there.test"});
    settings.tls_reports_from = "tls@here.test";
    tls_policy::TlsDay sums;
    sums.add_success({}, 3);
    const auto today = std::chrono::floor<std::chrono::days>(clock.now());
    put(tls_keys::key_of({today, "there.test"}), sums.to_record());
    put(std::string(tls_keys::wanted), "");
    TlsReports sending({.world = world,
                        .resolver = names,
                        .tls = *tls,
                        .random = random,
                        .counts = counts,
                        .ourselves = ourselves},
                       settings);
    net::asio::io_context context(1);
    net::asio::co_spawn(context.get_executor(), sending.work(), [](const std::exception_ptr& broken) {
        if (broken) std::rethrow_exception(broken);
    });
    context.run();
    ASSERT_EQ(queued().size(), 1U);
    const auto entry = queued()[0];
    EXPECT_EQ(entry.recipients.at(0).address, "reports@there.test");
    EXPECT_EQ(entry.sender, "tls@here.test");
    EXPECT_TRUE(entry.tls_optional);
    EXPECT_THAT(entry.prefix, testing::StartsWith("DKIM-Signature:"));
    EXPECT_THAT(entry.prefix, testing::HasSubstr("d=here.test"));
    EXPECT_THAT(entry.prefix, testing::EndsWith("\r\nTLS-Required: No\r\n"));
    EXPECT_THAT(engine->read_blob(entry.blob).value(),
                testing::HasSubstr("TLS-Report-Domain: there.test\r\n"));
}

}  // namespace
}  // namespace hongyan::outbound
