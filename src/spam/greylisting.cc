#include "spam/greylisting.h"

namespace hongyan::spam {

class Greylisting::Waiting final : public Visit {
public:
    Waiting(const Greylisting& judge, const reputation::Site& site) : judge_(judge), site_(site) {}

    net::Task<std::optional<smtp::Reply>> recipient(const smtp::CheckRecipient& asked) override {
        const auto sender = smtp::to_string(asked.sender), recipient = smtp::to_string(asked.recipient.path);
        auto look = [this, &sender, &recipient]() -> std::optional<std::chrono::milliseconds> {
            if (!sender.empty() && judge_.correspondents_.knows(recipient, sender)) return std::nullopt;
            return judge_.greylist_.wait(site_, sender, recipient);
        };
        const auto wait = co_await net::on_worker(judge_.workers_, std::move(look));
        if (!wait || !*wait) co_return std::nullopt;
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(**wait).count();
        co_return smtp::Reply{
            451, "4.7.1",
            fmt::format("You have not been here before: please come back in {} seconds (greylisting)",
                        seconds)};
    }

private:
    const Greylisting& judge_;
    reputation::Site site_;
};

Greylisting::Greylisting(reputation::Greylist& greylist, const reputation::Correspondents& correspondents,
                         net::Workers& workers)
    : greylist_(greylist), correspondents_(correspondents), workers_(workers) {}

std::unique_ptr<Visit> Greylisting::visit(const smtp::Client& client, const log::Log& /*log*/) {
    const auto site = reputation::Site::of(client.address);
    if (!client.account.empty() || client.protocol == smtp::Protocol::lmtp || !site) return nullptr;
    return std::make_unique<Waiting>(*this, *site);
}

}  // namespace hongyan::spam
