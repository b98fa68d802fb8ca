// A house with two people, and short ways to ask it. For tests.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/memory_engine.h"
#include "flow/reception.h"
#include "net/loops.h"

namespace hongyan::flow {

// A house with two people, and a loop on which questions are answered.
class FlowTest : public testing::Test {
public:
    FlowTest() {
        EXPECT_TRUE(directory.add_domain(directory::DomainName::parse("here.test").value()));
        EXPECT_TRUE(output.apply({log::Format::human, log::Level::error, ""}));
        ann = add("ann@here.test");
        bob = add("bob@here.test");
    }

    directory::AccountId add(std::string_view name, const store::Quota& quota = {}) {
        const auto id = directory
                            .add_account({.name = std::string(name),
                                          .password = directory::ImportedHash{"{PLAIN}secret"}})
                            .value();
        EXPECT_TRUE(store.create_account(id, quota));
        return id;
    }
    void alias(std::string_view name, const std::vector<std::string>& targets) {
        EXPECT_TRUE(directory.add_alias(name, targets));
    }

    // To its end, on a loop of its own; what it breaks with breaks the test.
    static void run(net::Task<> talk) {
        net::asio::io_context context(1);
        net::asio::co_spawn(context.get_executor(), std::move(talk), [](const std::exception_ptr& broken) {
            if (broken) std::rethrow_exception(broken);
        });
        context.run();
    }
    smtp::Answer ask(const smtp::Question& question) {
        Reception reception(world, std::make_shared<const Policy>(policy),
                            world.log.for_session("session-7"));
        std::optional<smtp::Answer> answer;
        auto talk = [&]() -> net::Task<> { answer = co_await reception.answer(question); };
        run(talk());
        return answer.value();
    }
    std::string reply_to(const smtp::Question& question) {
        const auto reply = std::get<smtp::Reply>(ask(question));
        return fmt::format("{} {}", reply.code, reply.status);
    }
    std::string recipient(std::string_view address, smtp::Client client = {}, std::uint64_t size = 0) {
        return reply_to(smtp::CheckRecipient{
            std::move(client), {}, {.size = size}, {.path = message::parse_path(address).value()}});
    }
    std::string sender(std::string_view address, std::string_view account) {
        return reply_to(
            smtp::CheckSender{{.account = std::string(account)}, message::parse_path(address).value(), {}});
    }

    smtp::Deliver mail(const std::vector<std::string_view>& recipients, smtp::Client client = {},
                       std::string text = "Subject: hello\r\n\r\nHello\r\n") {
        smtp::Deliver message{.client = std::move(client),
                              .envelope = {.sender = message::parse_path("<out@there.test>").value()},
                              .message = std::make_shared<const std::string>(std::move(text))};
        for (const auto address : recipients)
            message.envelope.recipients.push_back({.path = message::parse_path(address).value()});
        return message;
    }
    std::vector<std::string> deliver(const smtp::Deliver& message) {
        return codes_of(std::get<smtp::Replies>(ask(message)));
    }
    static std::vector<std::string> codes_of(const smtp::Replies& replies) {
        std::vector<std::string> codes;
        for (const auto& reply : replies) codes.push_back(fmt::format("{} {}", reply.code, reply.status));
        return codes;
    }
    std::vector<std::string> inbox_of(directory::AccountId account) {
        std::vector<std::string> messages;
        const auto view = store.account(account).view();
        for (const auto& entry : view.entries(store::inbox).value())
            messages.push_back(view.read(entry.message).value());
        return messages;
    }
    std::vector<queue::Entry> queued() { return queue.list({}).value(); }
    // What has been refused is in the history then: a commit behind the one that is under way, of which the
    // end is heard first, and one behind all that waited for that end.
    void wait_for_refusals() {
        for (int i = 0; i < 2; ++i)
            EXPECT_TRUE(engine->transact(engine::Scope::global(), [](auto&) { return Result<void>{}; }));
    }

    ManualClock clock;
    SeededRandom random{1};
    std::function<Result<void>(std::uint64_t)> fault = [](std::uint64_t) -> Result<void> { return {}; };
    std::unique_ptr<engine::Engine> engine =
        engine::make_memory_engine({.before_write = [this](std::uint64_t batch) { return fault(batch); }});
    store::Store store{*engine, clock};
    directory::Directory directory{
        *engine, clock, random, {}, crypto::Seal(crypto::Secret(random.bytes(crypto::seal_key_size)))};
    queue::Queue queue{*engine, clock};
    net::Workers workers{1, 10}, log_in_workers{1, 10};
    log::Output output{clock};
    World world{store, directory, queue, workers, log_in_workers, clock, log::Log(output)};
    Policy policy{.hostname = "mail.here.test",
                  .relay_networks = {config::Network::parse("10.0.0.0/8").value()}};
    directory::AccountId ann, bob;
};

}  // namespace hongyan::flow
