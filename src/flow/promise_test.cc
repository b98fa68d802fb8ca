// What SMTP and LMTP clients heard 250 for is there, once and whole, wherever the power is cut; what they did
// not, is there whole or not at all; and no UID is given out twice. The whole path below the session: flow,
// directory, store, queue, RocksDB and packs, over a disk that forgets what was not synced.
#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/testing/power_cuts.h"
#include "flow/reception.h"
#include "net/loops.h"
#include "store/check.h"

namespace hongyan::flow {
namespace {

using testing::IsEmpty;

using engine::Operation;
using engine::SimulatedDisk;

constexpr int rounds = 14;  // of deliveries before all is well

// Where a message goes. The first three are one commit of several parts; LMTP answers for each recipient.
struct Route {
    smtp::Protocol protocol;
    std::vector<std::string_view> recipients;
    std::set<std::string_view> places;  // where it must be in the end
};
const std::vector<Route> routes = {
    {smtp::Protocol::smtp, {"<ann@here.test>", "<bob@here.test>"}, {"ann", "bob"}},
    {smtp::Protocol::smtp, {"<ann@here.test>", "<far@there.test>"}, {"ann", "queue"}},
    {smtp::Protocol::smtp, {"<team@here.test>"}, {"ann", "bob", "queue"}},
    {smtp::Protocol::lmtp, {"<bob@here.test>"}, {"bob"}},
    {smtp::Protocol::smtp, {"<ann@here.test>"}, {"ann"}},
};

// One message and what its client heard.
struct Sent {
    std::string text;
    const Route* route = nullptr;
    bool acknowledged = false;
};

// What clients and users know, which no loss of power takes from them.
struct Memory {
    std::vector<Sent> sent;
    // By account: which message had which UID, of all that was ever seen; which UIDs were removed; and which
    // perhaps, because nobody said that it was done.
    std::map<std::string_view, std::map<store::Uid, std::string>> seen;
    std::map<std::string_view, std::set<store::Uid>> removed, perhaps_removed;
};

// The parts of the server that keep mail, as they stand between two losses of power.
class Machine {
public:
    Machine(SimulatedDisk& disk, const Clock& clock)
        : clock_(clock), engine_(engine::open_small_engine(disk)) {
        EXPECT_TRUE(output_.apply({log::Format::human, log::Level::error, "/dev/null"}));
    }

    void found_the_house() {
        ASSERT_TRUE(directory_.add_domain(directory::DomainName::parse("here.test").value()));
        for (const auto* name : {"ann@here.test", "bob@here.test"}) {
            const auto id =
                directory_.add_account({.name = name, .password = directory::ImportedHash{"{PLAIN}secret"}});
            ASSERT_TRUE(id && store_.create_account(*id));
        }
        const std::vector<std::string> team = {"ann@here.test", "bob@here.test", "far@there.test"};
        ASSERT_TRUE(directory_.add_alias("team@here.test", team));
    }

    // Sends the messages at once, so that they share commits, and writes down what their clients hear.
    void deliver(std::span<Sent> messages) {
        net::asio::io_context context(1);
        Reception reception(world_, policy_, world_.log);
        for (auto& message : messages) {
            auto talk = [&reception, &message]() -> net::Task<> {
                smtp::Question question = envelope_of(message);
                const auto answer = co_await reception.answer(std::move(question));
                message.acknowledged = std::ranges::all_of(
                    std::get<smtp::Replies>(answer), [](const auto& reply) { return reply.code == 250; });
            };
            net::asio::co_spawn(context.get_executor(), talk, [](const std::exception_ptr& broken) {
                if (broken) std::rethrow_exception(broken);
            });
        }
        context.run();
    }

    // A user removes his last message: of all UIDs its one would be given out again most easily.
    void remove_last(std::string_view name, Memory& memory) {
        const auto there = look_at(name);
        if (!there || there->empty()) return;
        const auto uid = there->rbegin()->first;
        store::UidSet last;
        last.add(uid);
        const auto expunged = account(name).expunge(store::inbox, last, store::Which::all);
        (expunged ? memory.removed : memory.perhaps_removed)[name].insert(uid);
    }

    // What became of removals that nobody acknowledged.
    void settle_removals(Memory& memory) {
        for (const auto& [name, uids] : std::exchange(memory.perhaps_removed, {})) {
            const auto there = look_at(name).value();
            for (const auto uid : uids)
                if (!there.contains(uid)) memory.removed[name].insert(uid);
        }
    }

    void notice(Memory& memory) {
        for (const std::string_view name : {"ann", "bob"})
            if (const auto there = look_at(name)) memory.seen[name].insert(there->begin(), there->end());
    }

    // The texts in an INBOX by their UIDs.
    Result<std::map<store::Uid, std::string>> look_at(std::string_view name) {
        std::map<store::Uid, std::string> texts;
        const auto view = account(name).view();
        TRY(const auto entries, view.entries(store::inbox));
        for (const auto& entry : entries) {
            TRY(texts[entry.uid], view.read(entry.message));
        }
        return texts;
    }
    std::vector<std::string> queued() {
        std::vector<std::string> texts;
        for (const auto& entry : queue_.list({}).value()) texts.push_back(queue_.read(entry).value());
        return texts;
    }
    std::vector<std::string> complaints() {
        store::CheckOptions options;
        for (const auto& entry : queue_.list({}).value()) ++options.other_references[entry.blob];
        std::vector<std::string> all;
        for (const auto& finding : store::check(store_, options).value().findings)
            all.push_back(finding.what);
        return all;
    }

private:
    static smtp::Deliver envelope_of(const Sent& message) {
        smtp::Deliver question{.client = {.address = "10.0.0.1", .protocol = message.route->protocol},
                               .envelope = {.sender = message::parse_path("<out@there.test>").value()},
                               .message = std::make_shared<const std::string>(message.text)};
        for (const auto address : message.route->recipients)
            question.envelope.recipients.push_back({.path = message::parse_path(address).value()});
        return question;
    }
    store::Account account(std::string_view name) {
        return store_.account(
            directory_.account(fmt::format("{}@here.test", name)).value_or(directory::Account{}).id);
    }

    const Clock& clock_;
    SeededRandom random_{1};
    std::unique_ptr<engine::Engine> engine_;
    store::Store store_{*engine_, clock_};
    directory::Directory directory_{
        *engine_, clock_, random_, {}, crypto::Seal(crypto::Secret(random_.bytes(crypto::seal_key_size)))};
    queue::Queue queue_{*engine_, clock_};
    net::Workers workers_{1, 100}, log_in_workers_{1, 100};
    log::Output output_{clock_};
    World world_{store_, directory_, queue_, workers_, log_in_workers_, clock_, log::Log(output_)};
    std::shared_ptr<const Policy> policy_ = std::make_shared<const Policy>(Policy{
        .hostname = "mail.here.test", .relay_networks = {config::Network::parse("10.0.0.0/8").value()}});
};

// Different from all others, and large enough to lie in a pack most of the time.
std::string text_of_message(std::size_t number) {
    std::string text = fmt::format("Subject: {}\r\n\r\n", number);
    for (std::size_t line = 0; line < 1 + number * 7 % 40; ++line)
        text += fmt::format("{} {} wild geese fly over the river\r\n", number * 7919 + line * 104'729, line);
    return text;
}

// Delivers and removes until all is done or nothing succeeds any more.
void live(Machine& machine, Memory& memory) {
    for (int round = 0; round < rounds; ++round) {
        const std::size_t count = 1 + static_cast<std::size_t>(round) % 4;
        const auto first = memory.sent.size();
        for (std::size_t i = 0; i < count; ++i)
            memory.sent.push_back({text_of_message(first + i), &routes[(first + i) % routes.size()]});
        const auto fresh = std::span(memory.sent).subspan(first);
        machine.deliver(fresh);
        machine.notice(memory);
        if (std::ranges::none_of(fresh, &Sent::acknowledged)) return;
        if (round % 3 == 2) machine.remove_last(round % 2 == 0 ? "ann" : "bob", memory);
    }
}

std::size_t copies_of(const Sent& message, const std::vector<std::string>& texts) {
    return static_cast<std::size_t>(
        std::ranges::count_if(texts, [&](const auto& text) { return text.ends_with(message.text); }));
}

// Every message is in all its places once, or, if nobody acknowledged it, in none. Users may have removed it.
void expect_messages(Machine& machine, const Memory& memory) {
    std::map<std::string_view, std::vector<std::string>> places = {{"queue", machine.queued()}};
    for (const std::string_view name : {"ann", "bob"})
        for (auto& [uid, text] : machine.look_at(name).value()) places[name].push_back(std::move(text));
    std::size_t found = 0;
    for (const auto& message : memory.sent) {
        std::set<std::size_t> copies;
        for (const auto place : message.route->places) {
            const auto count = copies_of(message, places[place]);
            found += count;
            const auto removed = memory.removed.find(place);
            const bool was_removed =
                removed != memory.removed.end() && std::ranges::any_of(removed->second, [&](auto uid) {
                    return memory.seen.at(place).at(uid).ends_with(message.text);
                });
            copies.insert(was_removed ? count + 1 : count);
        }
        ASSERT_EQ(copies.size(), 1U) << "there in part: " << message.text.substr(0, 20);
        ASSERT_LE(*copies.begin(), 1U) << "there twice: " << message.text.substr(0, 20);
        if (message.acknowledged) ASSERT_EQ(*copies.begin(), 1U) << "lost: " << message.text.substr(0, 20);
    }
    std::size_t there = 0;
    for (const auto& [name, texts] : places) there += texts.size();
    ASSERT_EQ(there, found) << "something is there that nobody sent, or not whole";
}

// What has had a UID has it still, unless it was removed; what is new has a higher one.
void expect_uids(Machine& machine, const Memory& memory) {
    for (const auto& [name, seen] : memory.seen) {
        const auto there = machine.look_at(name).value();
        const auto removed = memory.removed.find(name);
        for (const auto& [uid, text] : there)
            ASSERT_TRUE(seen.contains(uid) || seen.empty() || uid > seen.rbegin()->first)
                << "UID " << uid.value() << " was passed already";
        for (const auto& [uid, text] : seen) {
            const bool was_removed = removed != memory.removed.end() && removed->second.contains(uid);
            const auto now = there.find(uid);
            if (was_removed) ASSERT_TRUE(now == there.end()) << "UID " << uid.value() << " has come back";
            if (!was_removed) ASSERT_TRUE(now != there.end() && now->second == text) << "UID " << uid.value();
        }
    }
}

void expect_promise_kept(Machine& machine, Memory& memory) {
    machine.settle_removals(memory);
    ASSERT_NO_FATAL_FAILURE(expect_messages(machine, memory));
    ASSERT_NO_FATAL_FAILURE(expect_uids(machine, memory));
    ASSERT_THAT(machine.complaints(), IsEmpty());
}

struct MailLife {
    using Machine = flow::Machine;

    void begin(Machine& machine) { machine.found_the_house(); }
    void live(Machine& machine) { flow::live(machine, memory); }
    void expect_promise_kept(Machine& machine) { flow::expect_promise_kept(machine, memory); }
    void expect_service() { ASSERT_TRUE(memory.sent.back().acknowledged) << "the service goes on"; }

    Memory memory;
};

class DeliveryPromiseTest : public testing::TestWithParam<engine::Cuts> {};

INSTANTIATE_TEST_SUITE_P(PowerCut, DeliveryPromiseTest,
                         testing::Values(engine::Cuts{"AtAWrite", Operation::write, 8},
                                         engine::Cuts{"AtASync", Operation::sync, 6},
                                         engine::Cuts{"AtAChangeOfAFolder", Operation::name, 1}),
                         engine::name_of);

TEST_P(DeliveryPromiseTest, IsKept) { engine::cut_everywhere<MailLife>(GetParam()); }

}  // namespace
}  // namespace hongyan::flow
