// A whole SMTP conversation: no bytes break it, and no cut changes what it says.
#include "base/check.h"
#include "smtp/session.h"
#include "support/session_fuzz.h"

namespace {

using namespace hongyan;

std::shared_ptr<const smtp::Settings> settings_for(smtp::Service service) {
    smtp::Settings settings{.hostname = "mail.example.test", .service = service};
    settings.offers_authentication = true;
    settings.fetches_urls = service == smtp::Service::submission;
    settings.verifying = smtp::Verifying::ask;
    settings.tells_unknown = true;
    settings.tells_abandoned = true;
    settings.limits = {.message_size = 2000, .recipients = 3, .transactions = 5, .commands = 200};
    static const ManualClock clock;
    settings.clock = &clock;
    settings.wishes = {.longest_hold = std::chrono::hours(1), .least_deliver_by = std::chrono::minutes(1)};
    settings.sasl = {.without_encryption = sasl::WithoutEncryption::everything};
    return std::make_shared<const smtp::Settings>(std::move(settings));
}

// Refuses what begins with an r, so that both ways are walked.
struct World {
    smtp::Answer operator()(const smtp::Question& question) const { return std::visit(*this, question); }

    static smtp::Reply reply(bool refuses) {
        return refuses ? smtp::Reply(550, "5.1.1", "No") : smtp::Reply(250, "2.0.0", "Ok");
    }
    smtp::Answer operator()(const smtp::CheckSender& asked) const {
        check(asked.parameters.priority.value_or(0) <= 9, "no priority is higher");
        check(asked.parameters.hold_for.value_or(std::chrono::seconds(0)) <= std::chrono::hours(1),
              "nothing is held for longer");
        return reply(smtp::to_string(asked.sender).starts_with('r'));
    }
    smtp::Answer operator()(const smtp::CheckRecipient& asked) const {
        return reply(smtp::to_string(asked.recipient.path).starts_with('r'));
    }
    smtp::Answer operator()(const smtp::AwaitRoom& /*asked*/) const { return reply(false); }
    smtp::Answer operator()(const smtp::Deliver& asked) const {
        check(asked.message->size() <= 2000, "no message is larger than the limit");
        check(!asked.envelope.recipients.empty(), "every message has a recipient");
        const bool lmtp = asked.client.protocol == smtp::Protocol::lmtp;
        return smtp::Replies(lmtp ? asked.envelope.recipients.size() : 1,
                             reply(asked.message->starts_with('r')));
    }
    smtp::Answer operator()(const smtp::Authenticate& asked) const {
        const auto* const password = std::get_if<sasl::VerifyPassword>(&asked.question);
        if (password == nullptr || password->password.starts_with('r')) return sasl::Refused{};
        return sasl::Granted{password->who.authcid, {}};
    }
    smtp::Answer operator()(const smtp::Verify& asked) const { return reply(asked.name.starts_with('r')); }
    smtp::Answer operator()(const smtp::FetchUrl& asked) const {
        check(!asked.client.account.empty() && asked.most <= 2000, "whom mail is fetched for is known");
        if (asked.url.starts_with('r')) return reply(true);
        return smtp::FetchedUrl{asked.url};
    }
    smtp::Answer operator()(const smtp::StartQueue& asked) const {
        return reply(asked.node.starts_with('r'));
    }
    smtp::Answer operator()(const smtp::UnknownCommand& /*asked*/) const { return reply(true); }
    smtp::Answer operator()(const smtp::Abandon& /*asked*/) const { return reply(false); }
};

}  // namespace

// The second byte chooses the service.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto relay = settings_for(smtp::Service::relay);
    static const auto lmtp = settings_for(smtp::Service::lmtp);
    static const auto submission = settings_for(smtp::Service::submission);
    const auto& settings =
        size > 1 && data[1] == 'L' ? lmtp : (size > 1 && data[1] == 'S' ? submission : relay);
    // Each session has its own randomness, so that both say the same.
    std::vector<std::unique_ptr<SeededRandom>> randoms;
    return fuzz::check_cuts(
        data, size,
        [&] {
            randoms.push_back(std::make_unique<SeededRandom>(1));
            return std::make_unique<smtp::Session>(settings, "192.0.2.1", session::Security{},
                                                   *randoms.back());
        },
        World{});
}
