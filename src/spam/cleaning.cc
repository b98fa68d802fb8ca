#include "spam/cleaning.h"

#include <algorithm>

#include "base/ascii.h"
#include "config/networks.h"
#include "message/field.h"
#include "verify/authentication.h"

namespace hongyan::spam {

namespace {

constexpr std::string_view our_fields = "X-Hongyan-";

// Hardly any mail has a field that would have to be looked at.
bool may_be_forged(std::string_view header) {
    return std::ranges::any_of(message::Fields(header), [](const message::Field& field) {
        return field.is(verify::results_field) || ascii::istarts_with(field.name, our_fields);
    });
}

std::string without_our_fields(std::string_view header) {
    std::string kept;
    std::size_t read = 0;
    for (const auto& field : message::Fields(header)) {
        read += field.whole.size();
        if (!ascii::istarts_with(field.name, our_fields)) kept += field.whole;
    }
    return kept.append(header.substr(read));
}

class CleaningVisit final : public Visit {
public:
    enum class Whose { ours, strangers };
    CleaningVisit(std::string hostname, Whose whose) : hostname_(std::move(hostname)), whose_(whose) {}

    net::Task<void> message(const smtp::Deliver& came, Judgement& judgement) override {
        const auto& text = judgement.text(came);
        const auto size = verify::header_size(text);
        if (!may_be_forged(std::string_view(text).substr(0, size))) co_return;
        auto header = std::string(std::string_view(text).substr(0, size));
        const auto take_out = [&](std::string cleaned, Finding finding) {
            if (cleaned.size() == header.size()) return;
            header = std::move(cleaned);
            judgement.findings.push_back(std::move(finding));
        };
        take_out(
            verify::without_forged_results(header, {&hostname_, 1}),
            {.code = "forged-results",
             .words = "Fields that claimed to be findings of ours, or cannot be read here, were taken out"});
        if (whose_ == Whose::strangers)
            take_out(
                without_our_fields(header),
                {.code = "forged-fields", .words = "Fields X-Hongyan- that it came with were taken out"});
        if (header.size() != size)
            judgement.message =
                std::make_shared<const std::string>(header.append(std::string_view(text).substr(size)));
        co_return;
    }

private:
    std::string hostname_;
    Whose whose_;
};

}  // namespace

std::unique_ptr<Visit> Cleaning::visit(const smtp::Client& client, const log::Log& /*log*/) {
    if (client.protocol == smtp::Protocol::local) return nullptr;
    const bool is_ours = !client.account.empty() || config::is_in(relay_networks_, client.address);
    return std::make_unique<CleaningVisit>(
        hostname_, is_ours ? CleaningVisit::Whose::ours : CleaningVisit::Whose::strangers);
}

}  // namespace hongyan::spam
