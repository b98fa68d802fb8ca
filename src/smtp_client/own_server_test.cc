// Our client with our own server, in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/session.h"
#include "smtp_client/session.h"

namespace hongyan::smtp_client {
namespace {

using testing::ElementsAre;

// Takes everything but for recipients that begin with an n, and knows ann's password.
struct World {
    std::vector<smtp::Deliver> delivered;

    smtp::Answer answer(const smtp::Question& question) {
        if (const auto* deliver = std::get_if<smtp::Deliver>(&question)) {
            delivered.push_back(*deliver);
            const bool lmtp = deliver->client.protocol == smtp::Protocol::lmtp;
            return smtp::Replies(lmtp ? deliver->envelope.recipients.size() : 1, {250, "2.0.0", "Kept"});
        }
        if (const auto* recipient = std::get_if<smtp::CheckRecipient>(&question))
            if (smtp::to_string(recipient->recipient.path).starts_with('n'))
                return smtp::Reply(550, "5.1.1", "Nobody");
        if (const auto* login = std::get_if<smtp::Authenticate>(&question))
            return authenticate(login->question);
        return smtp::Reply(250, "2.0.0", "Ok");
    }

    static smtp::Answer authenticate(const sasl::Question& question) {
        const auto* const keys = std::get_if<sasl::FetchScramKeys>(&question);
        if (keys == nullptr) return sasl::Answer(sasl::Refused{});
        return sasl::Answer(
            sasl::KnownKeys{"ann", crypto::ScramKeys::derive(keys->hash, "pencil", "salt", 4096)});
    }
};

Outgoing message_to(std::initializer_list<std::string_view> recipients, std::string text) {
    Outgoing outgoing{.sender = *message::parse_path("<ann@here.test>")};
    for (const auto recipient : recipients)
        outgoing.recipients.push_back({.path = *message::parse_path(fmt::format("<{}>", recipient))});
    outgoing.content = std::make_shared<const std::string>(std::move(text));
    return outgoing;
}

// Both ends, and the wire between them.
class Wire {
public:
    Wire(smtp::Settings server, Settings client)
        : random_(1),
          server_(std::make_shared<const smtp::Settings>(std::move(server)), "192.0.2.1", {}, random_),
          client_(std::make_shared<const Settings>(std::move(client)), Security{}, random_) {}

    // Sends all and says goodbye; each outcome as a line.
    std::vector<std::string> send(std::vector<Outgoing> messages) {
        std::size_t next = 0;
        for (;;) {
            run_server();
            auto action = client_.next();
            if (std::holds_alternative<session::Close>(action)) break;
            if (const auto* write = std::get_if<session::Write>(&action)) server_.receive(write->bytes);
            if (std::holds_alternative<session::StartTls>(action)) client_.secured({tls(), true});
            if (const auto* report = std::get_if<Report>(&action))
                for (const auto& outcome : report->outcomes) outcomes_.push_back(to_text(outcome));
            if (std::holds_alternative<session::Read>(action)) {
                if (to_client_.empty()) client_.lost("the server has nothing to say");
                client_.receive(std::exchange(to_client_, {}));
            }
            while (next < messages.size() && client_.takes_message()) client_.send(messages[next++]);
            if (next == messages.size()) client_.quit();
        }
        if (client_.problem()) outcomes_.push_back("problem: " + to_text(client_.problem()->outcome));
        return outcomes_;
    }

    const std::vector<smtp::Deliver>& delivered() const { return world_.delivered; }

private:
    static session::Security tls() {
        return {.description = "TLSv1.3",
                .circumstances = {.encrypted = true, .bindings = {{"tls-exporter", "exported"}}}};
    }

    void run_server() {
        for (;;) {
            auto action = server_.next();
            if (const auto* write = std::get_if<session::Write>(&action))
                to_client_ += write->bytes;
            else if (const auto* question = std::get_if<smtp::Question>(&action))
                server_.answer(world_.answer(*question));
            else if (std::holds_alternative<session::StartTls>(action))
                server_.secured(tls());
            else
                return;
        }
    }

    World world_;
    SeededRandom random_;
    smtp::Session server_;
    Session client_;
    std::string to_client_;
    std::vector<std::string> outcomes_;
};

const smtp::Settings relay{.hostname = "there.test", .limits = {.recipients = 2}};

TEST(OwnServer, TakesWhatOurClientSends) {
    Wire wire(relay, {.hostname = "here.test"});
    const std::string dots = ".\r\n..\r\n.a\r\n" + std::string(100'000, 'x') + "\r\n.\r\n";
    const auto outcomes =
        wire.send({message_to({"bob@there.test", "nemo@there.test", "cy@there.test"}, "a: b\r\n\r\nc\r\n"),
                   message_to({"bob@there.test"}, dots), message_to({"nemo@there.test"}, "a: b\r\n"),
                   message_to({"dan@there.test"}, "\xc3\xa4: b\r\n")});
    EXPECT_THAT(
        outcomes,
        ElementsAre("accepted 2.0.0 at message: 250 2.0.0 Kept", "failed 5.1.1 at RCPT: 550 5.1.1 Nobody",
                    "accepted 2.0.0 at message: 250 2.0.0 Kept", "accepted 2.0.0 at message: 250 2.0.0 Kept",
                    "failed 5.1.1 at RCPT: 550 5.1.1 Nobody", "accepted 2.0.0 at message: 250 2.0.0 Kept"));
    ASSERT_EQ(wire.delivered().size(), 4U) << "the three recipients of the first took two transactions";
    EXPECT_TRUE(wire.delivered()[2].message->ends_with(dots));
    EXPECT_EQ(wire.delivered()[3].envelope.parameters.body, smtp::Body::eight_bit);
}

TEST(OwnServer, TakesChunksAndBinaryContent) {
    for (const auto chunking : {Chunking::when_needed, Chunking::when_offered}) {
        Wire wire(relay, {.chunking = chunking, .limits = {.chunk = 1000}});
        auto binary = message_to({"bob@there.test"},
                                 std::string("a: b\r\n\r\n\0\n\r.\r\n", 15) + std::string(5000, '\xff'));
        binary.parameters.body = smtp::Body::binary;
        const auto text = message_to({"bob@there.test"}, "a: b\r\n\r\n" + std::string(5000, '.') + "\r\n");
        EXPECT_THAT(wire.send({binary, text}), ElementsAre("accepted 2.0.0 at message: 250 2.0.0 Kept",
                                                           "accepted 2.0.0 at message: 250 2.0.0 Kept"));
        EXPECT_TRUE(wire.delivered()[0].message->ends_with(*binary.content));
        EXPECT_TRUE(wire.delivered()[1].message->ends_with(*text.content));
    }
}

TEST(OwnServer, AnswersForEachRecipientInLmtp) {
    auto settings = relay;
    settings.service = smtp::Service::lmtp;
    Wire wire(settings, {.service = Service::lmtp});
    const auto outcomes =
        wire.send({message_to({"bob@there.test", "nemo@there.test", "cy@there.test"}, "x\r\n")});
    EXPECT_EQ(outcomes.size(), 3U);
    EXPECT_EQ(outcomes[2], "accepted 2.0.0 at message: 250 2.0.0 Kept");
}

TEST(OwnServer, LetsOurClientLogInUnderTls) {
    auto settings = relay;
    settings.service = smtp::Service::submission;
    settings.offers_tls = settings.requires_tls = true;
    settings.offers_authentication = settings.requires_authentication = true;
    const sasl::Credentials ann{.user = "ann", .password = "pencil"};
    Wire wire(settings, {.starttls = StartTls::required, .credentials = ann});
    EXPECT_THAT(wire.send({message_to({"bob@there.test"}, "x\r\n")}),
                ElementsAre("accepted 2.0.0 at message: 250 2.0.0 Kept"));
    EXPECT_EQ(wire.delivered().at(0).client.account, "ann");
    Wire other(settings,
               {.starttls = StartTls::required, .credentials = {{.user = "ann", .password = "wrong"}}});
    EXPECT_THAT(other.send({}), ElementsAre(testing::StartsWith("problem: deferred 4.7.8 at AUTH")));
}

}  // namespace
}  // namespace hongyan::smtp_client
