// A server that says anything: the session ends, and every recipient of every message has one outcome.
#include <cstdint>

#include "base/check.h"
#include "smtp_client/session.h"

namespace {

using namespace hongyan;
using namespace hongyan::smtp_client;

class NoRandom final : public Random {
public:
    void fill(std::span<char> out) override { std::ranges::fill(out, '\0'); }
};

std::shared_ptr<const Settings> settings_for(unsigned char mode) {
    Settings settings{.service = (mode & 1U) != 0 ? Service::lmtp : Service::smtp};
    if ((mode & 2U) != 0) settings.chunking = Chunking::when_offered;
    if ((mode & 4U) != 0)
        settings.credentials = {{.user = "ann", .password = "pencil", .without_encryption = true}};
    if ((mode & 8U) != 0) settings.starttls = StartTls::required;
    settings.limits = {.line = 100, .lines = 20, .reply = 2000, .outstanding = 5, .chunk = 40};
    return std::make_shared<const Settings>(std::move(settings));
}

Outgoing some_message(int number) {
    Outgoing outgoing;
    for (const auto* address : {"<a@b.test>", "<\xc3\xa4@b.test>", "<c@\xc3\xa4.test>"})
        outgoing.recipients.push_back({.path = *message::parse_path(address)});
    outgoing.content = std::make_shared<const std::string>(
        number % 2 == 0 ? "a: b\r\n\r\n.x\r\n" : "MIME-Version: 1.0\n\n\xc3\xa4" + std::string(200, 'x'));
    return outgoing;
}

}  // namespace

// The first byte chooses the settings, the second how the rest is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
    const std::size_t piece = data[1] % 64 + 1U;
    NoRandom random;
    Session session(settings_for(data[0]), Security{}, random);
    int sent = 0;
    int reports = 0;
    const auto give = [&] {
        for (; sent < 4 && session.takes_message(); ++sent) session.send(some_message(sent));
        if (sent == 4) session.quit();
    };
    for (;;) {
        const auto action = session.next();
        if (std::holds_alternative<session::Close>(action)) break;
        if (std::holds_alternative<session::StartTls>(action)) session.secured({{}, true});
        if (const auto* report = std::get_if<Report>(&action)) {
            check(report->outcomes.size() == 3, "an outcome for each recipient");
            ++reports;
        }
        if (std::holds_alternative<Ready>(action)) give();
        if (!std::holds_alternative<session::Read>(action)) continue;
        if (bytes.empty()) session.lost("the end");
        session.receive(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
    }
    check(reports == sent, "a report for each message");
    return 0;
}
