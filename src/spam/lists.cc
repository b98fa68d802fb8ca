#include "spam/lists.h"

#include <span>

#include "base/ascii.h"
#include "net/both.h"
#include "spam/links.h"

namespace hongyan::spam {

namespace {

using Everything = std::vector<std::unique_ptr<List>>;

// A list, and about what it is asked.
struct Query {
    List* list = nullptr;
    std::variant<dns::IpAddress, dns::Name> about;
};
struct Answered {
    const List* list = nullptr;
    std::string about;
    Listed listed;
};

net::Task<std::vector<Answered>> ask_one(net::Resolver& resolver, Query query) {
    std::vector<Answered> answers;
    Answered answered{.list = query.list, .about = {}, .listed = {}};
    if (const auto* address = std::get_if<dns::IpAddress>(&query.about)) {
        answered.about = address->to_string();
        answered.listed = co_await query.list->ask(resolver, *address);
    } else {
        const auto domain = std::get<dns::Name>(query.about);
        answered.about = domain.text();
        answered.listed = co_await query.list->ask(resolver, domain);
    }
    if (answered.listed.is_on) answers.push_back(std::move(answered));
    co_return answers;
}

// All at once; those that are on a list, in the order of the queries.
net::Task<std::vector<Answered>> ask_all(net::Resolver& resolver, std::vector<Query> queries) {
    if (queries.empty()) co_return std::vector<Answered>{};
    if (queries.size() == 1) co_return co_await ask_one(resolver, std::move(queries.front()));
    const auto middle = queries.begin() + static_cast<std::ptrdiff_t>(queries.size() / 2);
    std::vector<Query> half(middle, queries.end());
    queries.erase(middle, queries.end());
    auto first_half = ask_all(resolver, std::move(queries));
    auto second_half = ask_all(resolver, std::move(half));
    auto [first, second] = co_await net::both(std::move(first_half), std::move(second_half));
    first.insert(first.end(), std::make_move_iterator(second.begin()), std::make_move_iterator(second.end()));
    co_return std::move(first);
}

// What the list says why, behind a colon; empty: nothing.
std::string explanation(const Answered& answered) {
    return answered.listed.words.empty() ? std::string() : fmt::format(": \"{}\"", answered.listed.words);
}

std::string words_of(const Answered& answered) {
    return fmt::format("{} is on the list {}{}", answered.about, answered.list->rule().zone.text(),
                       explanation(answered));
}

smtp::Reply refusal(const smtp::Ground& ground, const Answered& answered) {
    return ground.because(answered.about, answered.list->rule().zone.text(), explanation(answered));
}

Finding finding_of(const Answered& answered, std::string_view code) {
    const auto weight = answered.list->rule().weight;
    return {weight < 0 ? "dnswl" : std::string(code), words_of(answered), weight};
}

}  // namespace

class Lists::Asking final : public Visit {
public:
    Asking(const Lists& lists, std::optional<dns::IpAddress> address) : lists_(lists), address_(address) {}

    net::Task<std::optional<smtp::Reply>> sender(const smtp::CheckSender& /*asked*/) override {
        if (!asked_) {
            asked_ = true;
            std::vector<Query> queries;
            if (address_)
                for (const auto& list : lists_.addresses_) queries.push_back({list.get(), *address_});
            found_ = co_await ask_all(lists_.resolver_, std::move(queries));
        }
        for (const auto& each : found_)
            if (each.list->rule().weight < 0) co_return std::nullopt;  // somebody vouches for the client
        for (const auto& each : found_)
            if (each.list->rule().refuses) co_return refusal(smtp::ground("dnsbl"), each);
        co_return std::nullopt;
    }

    net::Task<void> message(const smtp::Deliver& came, Judgement& judgement) override {
        for (const auto& each : found_) judgement.findings.push_back(finding_of(each, "dnsbl"));
        if (lists_.links_.empty()) co_return;
        std::vector<Query> queries;
        for (const auto& domain : co_await links_in(judgement.text(came)))
            for (const auto& list : lists_.links_)
                if (!list->is_known_to_miss(lists_.resolver_, name_on_list(domain, list->rule().zone)))
                    queries.push_back({list.get(), domain});
        const auto found = co_await ask_all(lists_.resolver_, std::move(queries));
        for (const auto& each : found) {
            judgement.findings.push_back(finding_of(each, "link-list"));
            if (each.list->rule().refuses && came.client.account.empty())
                judgement.demand(Disposition::reject, refusal(smtp::ground("link-list"), each));
        }
    }

private:
    // None, if nobody has time for them.
    net::Task<std::vector<dns::Name>> links_in(const std::string& text) const {
        constexpr std::size_t large_message = std::size_t{256} << 10U;  // bytes; some 0.3 ms of looking
        auto job = [&text] { return link_domains(text); };
        if (text.size() <= large_message) co_return job();
        auto found = co_await net::on_worker(lists_.workers_, std::move(job), net::JobOf::something_begun);
        co_return std::move(found).value_or(std::vector<dns::Name>());
    }

    const Lists& lists_;
    std::optional<dns::IpAddress> address_;
    bool asked_ = false;
    std::vector<Answered> found_;
};

Lists::Lists(const ListsSettings& settings, net::Resolver& resolver, net::Workers& workers)
    : outgoing_(settings.outgoing), resolver_(resolver), workers_(workers) {
    for (const auto& rule : settings.addresses)
        addresses_.push_back(std::make_unique<List>(rule, List::Kind::addresses));
    for (const auto& rule : settings.links)
        links_.push_back(std::make_unique<List>(rule, List::Kind::domains));
}

std::unique_ptr<Visit> Lists::visit(const smtp::Client& client, const log::Log& /*log*/) {
    if (!client.account.empty()) return outgoing_ ? std::make_unique<Asking>(*this, std::nullopt) : nullptr;
    if (client.protocol == smtp::Protocol::lmtp) return nullptr;
    return std::make_unique<Asking>(*this, dns::IpAddress::parse(client.address));
}

}  // namespace hongyan::spam
