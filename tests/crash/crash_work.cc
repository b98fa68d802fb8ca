#include "crash/crash_work.h"

#include <map>
#include <random>
#include <set>

#include "base/bytes.h"
#include "engine/check.h"

namespace hongyan::crash {

using namespace engine;

namespace {

constexpr std::uint64_t accounts = 8;
constexpr std::uint64_t removed_after = 5 * accounts;  // a later transaction of the same account removes
constexpr std::uint64_t every_how_many = 3;
const std::string uid_next_key = "next";

Scope scope_of(std::uint64_t number) {
    return Scope::account(AccountId(static_cast<std::uint32_t>(number % accounts)));
}

bool removes(std::uint64_t number) { return number > removed_after && number % every_how_many != 0; }

// From some bytes to 12 KB, some of it easily compressed.
std::string content(std::uint64_t number) {
    std::mt19937_64 random(number);
    std::string out(random() % 6'000, '\0');
    for (auto& c : out) c = static_cast<char>(random());
    out.append(random() % 6'000, 'x');
    return out + std::to_string(number);
}

std::string key_of(char kind, std::uint64_t number) {
    std::string key(1, kind);
    bytes::put_big_endian(key, number);
    return key;
}

std::string value_of(std::uint64_t number) { return key_of('v', number); }

std::optional<std::uint64_t> number_in(std::string_view text) {
    text.remove_prefix(std::min<std::size_t>(text.size(), 1));
    return bytes::take_big_endian<std::uint64_t>(text);
}

Result<void> deliver(std::uint64_t number, const SharedBlob& blob, Transaction& transaction) {
    TRY(const auto next, transaction.get(uid_next_key));
    const auto uid = next ? number_in(*next).value_or(0) : 1;
    transaction.keep(blob);
    transaction.put(uid_next_key, value_of(uid + 1));
    transaction.put(key_of('u', uid), value_of(number));
    transaction.put(key_of('m', number), blob->id.bytes());
    if (!removes(number)) return {};
    const auto old = number - removed_after;
    TRY(const auto id, transaction.get(key_of('m', old)));
    transaction.erase(key_of('m', old));
    const auto parsed = id ? BlobId::from_bytes(*id) : std::nullopt;
    if (!parsed) return fail(Error::Kind::corrupt, "message {} is not there to be removed", old);
    return transaction.release(*parsed);
}

struct Account {
    std::vector<std::uint64_t> delivered;      // message numbers by UID, from UID 1
    std::map<std::uint64_t, BlobId> messages;  // those not removed
};

class Verification {
public:
    Verification(Engine& engine, std::vector<std::string>& wrong) : engine_(engine), wrong_(wrong) {}

    std::uint64_t run() {
        for (std::uint64_t account = 0; account < accounts; ++account) read(account);
        const auto count = total();
        for (std::uint64_t account = 0; account < accounts; ++account) compare(account, count);
        const auto report = engine_.check({.references = &references_});
        if (!report) wrong_.push_back(report.error().message);
        if (report)
            for (const auto& finding : report->findings) wrong_.push_back(finding.what);
        return count;
    }

private:
    void read(std::uint64_t number) {
        auto& account = accounts_[number];
        const auto snapshot = engine_.snapshot(scope_of(number));
        const auto next = snapshot->get(uid_next_key).value();
        for (auto at = snapshot->scan(Range::starting_with("u")); at->valid(); at->next()) {
            account.delivered.push_back(number_in(at->value()).value_or(0));
            if (number_in(at->key()) != account.delivered.size())
                complain("UIDs of account {} have gaps", number);
        }
        if (next && number_in(*next) != account.delivered.size() + 1)
            complain("the next UID of account {} is not behind the last", number);
        for (auto at = snapshot->scan(Range::starting_with("m")); at->valid(); at->next()) {
            const auto id = BlobId::from_bytes(at->value());
            if (id) account.messages.emplace(number_in(at->key()).value_or(0), *id);
            if (id) ++references_[*id];
        }
    }

    std::uint64_t total() const {
        std::uint64_t last = 0;
        for (const auto& [number, account] : accounts_)
            if (!account.delivered.empty()) last = std::max(last, account.delivered.back());
        return last;
    }

    // What the account must hold if transactions 1 to `count` have happened and no other.
    void compare(std::uint64_t number, std::uint64_t count) {
        const auto& account = accounts_[number];
        std::vector<std::uint64_t> delivered;
        std::set<std::uint64_t> messages;
        for (auto at = number == 0 ? accounts : number; at <= count; at += accounts) {
            delivered.push_back(at);
            messages.insert(at);
            if (removes(at)) messages.erase(at - removed_after);
        }
        if (account.delivered != delivered) complain("account {} has not seen what it should", number);
        for (const auto at : messages)
            if (!account.messages.contains(at)) complain("message {} is missing", at);
        for (const auto& [at, id] : account.messages) {
            if (!messages.contains(at)) complain("message {} should not be there", at);
            const auto read = engine_.read_blob(id);
            if (!read) wrong_.push_back(read.error().message);
            if (read && *read != content(at)) complain("message {} has other bytes", at);
        }
    }

    void complain(std::string_view text, std::uint64_t number) {
        wrong_.push_back(fmt::format(fmt::runtime(text), number));
    }

    Engine& engine_;
    std::vector<std::string>& wrong_;
    std::map<std::uint64_t, Account> accounts_;
    References references_;
};

}  // namespace

Part transaction(std::uint64_t number) {
    return {scope_of(number), [number, blob = prepare_blob(content(number))](Transaction& changes) {
                return deliver(number, blob, changes);
            }};
}

std::uint64_t verify(Engine& engine, std::vector<std::string>& wrong) {
    return Verification(engine, wrong).run();
}

}  // namespace hongyan::crash
