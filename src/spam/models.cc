#include "spam/models.h"

#include <algorithm>
#include <array>
#include <atomic>

#include "base/bytes.h"
#include "base/check.h"
#include "classify/model_record.h"
#include "engine/without_waiting.h"
#include "store/keys.h"

namespace hongyan::spam {

namespace {

using engine::Scope;
using engine::Transaction;

constexpr std::uint64_t version = 1;
constexpr std::size_t piece_size = 60'000;      // bytes; below the engine's limit for a value
constexpr std::size_t pieces_in_a_commit = 12;  // below that for a transaction
constexpr std::size_t erased_at_once = 500;

Scope scope_of(const std::optional<AccountId>& owner) {
    return owner ? Scope::account(*owner) : Scope::global();
}
std::string key_of(const std::optional<AccountId>& owner, std::string_view rest) {
    return (owner ? std::string("f") : std::string("classify/")).append(rest);
}
std::string numbered(char letter, std::uint32_t generation, std::uint32_t number) {
    std::string key(1, letter);
    bytes::put_big_endian(key, generation);
    bytes::put_big_endian(key, number);
    return key;
}
std::string generation_key(char letter, std::uint32_t generation) {
    std::string key(1, letter);
    bytes::put_big_endian(key, generation);
    return key;
}

struct Head {
    classify::ModelHead model;
    std::uint32_t generation = 0;
    std::uint32_t pieces = 0;
    std::uint32_t lessons = 0;
};

std::string encode(const Head& head) {
    std::string out;
    for (const std::uint64_t number :
         {version, std::uint64_t{head.model.bits}, std::uint64_t{head.generation}, head.model.junk,
          head.model.good, std::uint64_t{head.pieces}, std::uint64_t{head.lessons}})
        bytes::put_varint(out, number);
    return out;
}

Result<Head> decode_head(std::string_view in) {
    std::array<std::uint64_t, 7> numbers{};
    for (auto& number : numbers) {
        const auto read = bytes::take_varint(in);
        if (!read) return fail(Error::Kind::corrupt, "the head of the classifier's model is cut short");
        number = *read;
    }
    if (numbers[0] != version)
        return fail(Error::Kind::unsupported, "the classifier's model is of version {}", numbers[0]);
    if (numbers[1] > classify::max_bits || std::max({numbers[2], numbers[5], numbers[6]}) > UINT32_MAX)
        return fail(Error::Kind::corrupt, "the head of the classifier's model is no such thing");
    return Head{.model = {.bits = static_cast<unsigned>(numbers[1]), .junk = numbers[3], .good = numbers[4]},
                .generation = static_cast<std::uint32_t>(numbers[2]),
                .pieces = static_cast<std::uint32_t>(numbers[5]),
                .lessons = static_cast<std::uint32_t>(numbers[6])};
}

unsigned bits_of(const std::optional<AccountId>& owner) {
    return owner ? classify::account_bits : classify::shared_bits;
}

// How often anybody in this program has changed a model, of any engine: what was read before the last change
// may be out of date. Counted when a change is durable, and before its author hears of it.
std::atomic<std::uint64_t> changes = 1;

constexpr std::size_t most_remembered = 10'000;  // accounts of which it is known whether they have taught

// So often a commit is tried where others teach at the same time.
constexpr int most_attempts = 20;

// Another has taught since the head was read: its lessons must not be written over.
Result<void> expect_head(const Transaction& transaction, const std::optional<AccountId>& owner,
                         std::string_view head) {
    TRY(const auto now, transaction.get(key_of(owner, "h")));
    if (now.value_or("") != head) return fail(Error::Kind::conflict, "somebody else teaches at this moment");
    return {};
}

// Nothing is written for an account that is being removed, or has been.
Result<void> expect_account(const Transaction& transaction) {
    TRY(const auto account, transaction.get(store::keys::account()));
    if (!account) return fail(Error::Kind::not_found, "the account is no more");
    return {};
}

// Some of the pieces and lessons of other generations; false when there are none.
Result<bool> erase_some(Transaction& transaction, const std::optional<AccountId>& owner,
                        std::uint32_t generation) {
    std::vector<std::string> old;
    for (const char letter : {'p', 'l'}) {
        const auto current = key_of(owner, generation_key(letter, generation));
        const auto cursor =
            transaction.scan(engine::Range::starting_with(key_of(owner, std::string(1, letter))));
        for (; cursor->valid() && old.size() < erased_at_once; cursor->next())
            if (!cursor->key().starts_with(current)) old.emplace_back(cursor->key());
        TRY(cursor->status());
    }
    for (const auto& key : old) transaction.erase(key);
    return !old.empty();
}

}  // namespace

std::string Memory::of_message(std::uint64_t message) {
    std::string key = "fm";
    bytes::put_big_endian(key, message);
    return key;
}
std::string Memory::modseq() { return "fs"; }
std::string Memory::lessons_of_a_day() { return "fd"; }

std::string Models::head_after(const Owner& owner, const Kept& kept, std::size_t lessons) {
    Head head{.model = {.bits = bits_of(owner)}, .generation = kept.generation};
    if (const auto before = decode_head(kept.head)) head = *before;
    head.lessons += static_cast<std::uint32_t>(lessons);
    return encode(head);
}

void Pupil::take(const classify::Features& features, classify::Label label, bool back, Whose whose) {
    const classify::Knowledge knowledge{.shared = shared_ ? &shared_->model : nullptr,
                                        .account = own_ ? &own_->model : nullptr};
    const auto known = classify::weigh(features, knowledge);
    const auto shared_known = shared_ ? shared_->model.weigh(features) : 0;
    const auto teach = [&](std::optional<Book>& book, double weighs) {
        if (!book) return;
        auto lesson = back ? book->model.unlesson(features, label, weighs)
                           : book->model.lesson(features, label, weighs);
        book->model.learn(lesson);
        book->lessons.push_back(std::move(lesson));
    };
    // The account learns what the shared model, which serves others too, does not say already.
    teach(own_, known);
    if (whose == Whose::all) teach(shared_, shared_known);
}

Result<Models::Kept> Models::load(const Owner& owner) const {
    const auto snapshot = engine_.snapshot(scope_of(owner));
    TRY(const auto record, snapshot->get(key_of(owner, "h")));
    if (!record) return Kept{};
    TRY(const auto head, decode_head(*record));
    std::vector<std::string> pieces;
    for (std::uint32_t i = 0; i < head.pieces; ++i) {
        TRY(auto piece, snapshot->get(key_of(owner, numbered('p', head.generation, i))));
        if (!piece) return fail(Error::Kind::corrupt, "a piece of the classifier's model is missing");
        pieces.push_back(*std::move(piece));
    }
    TRY(auto model, classify::ModelRecord::read(head.model, pieces));
    Kept kept{.model = nullptr, .head = *record, .generation = head.generation};
    const auto cursor =
        snapshot->scan(engine::Range::starting_with(key_of(owner, generation_key('l', head.generation))));
    for (; cursor->valid(); cursor->next(), ++kept.lessons) {
        TRY(const auto lesson, classify::decode_lesson(cursor->value()));
        model.learn(lesson);
    }
    TRY(cursor->status());
    kept.model = std::make_shared<const classify::Model>(std::move(model));
    return kept;
}

// Whoever has it for long reads a model from the disk.
Result<std::unique_lock<std::mutex>> Models::lock_memory() {
    std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock && engine::WithoutWaiting::is_asked_for()) return engine::WithoutWaiting::miss();
    if (!lock) lock.lock();
    return lock;
}

// What is kept, if it is still what lies on disk; otherwise that.
Result<Models::Kept> Models::renewed(const Owner& owner, const Kept* before) const {
    const auto as_of = changes.load();
    if (before != nullptr && before->as_of == as_of) return *before;
    TRY(const auto head, engine_.snapshot(scope_of(owner))->get(key_of(owner, "h")));
    if (before == nullptr || before->head != head.value_or("")) {
        if (engine::WithoutWaiting::is_asked_for())
            return engine::WithoutWaiting::miss();  // some milliseconds
        TRY(auto kept, load(owner));
        kept.as_of = as_of;
        return kept;
    }
    auto kept = *before;
    kept.as_of = as_of;
    return kept;
}

Result<Models::Kept> Models::find(const Owner& owner) {
    TRY(const auto lock, lock_memory());
    const auto found = kept_.find(owner);
    TRY(auto kept, renewed(owner, found == kept_.end() ? nullptr : &found->second));
    kept.used = ++uses_;
    kept_[owner] = kept;
    if (kept_.size() > limits_.accounts_in_memory + 1)
        kept_.erase(std::ranges::min_element(kept_, {}, [](const auto& each) {
            return each.first ? each.second.used : UINT64_MAX;  // the shared one stays
        }));
    return kept;
}

Result<bool> Models::has_taught(AccountId account) {
    const auto as_of = changes.load();
    {
        TRY(const auto lock, lock_memory());
        if (std::exchange(have_taught_as_of_, as_of) != as_of || have_taught_.size() >= most_remembered)
            have_taught_.clear();
        if (const auto found = have_taught_.find(account); found != have_taught_.end()) return found->second;
    }
    TRY(const auto head, engine_.snapshot(Scope::account(account))->get(key_of(account, "h")));
    TRY(const auto lock, lock_memory());
    if (have_taught_as_of_ == as_of) have_taught_[account] = head.has_value();
    return head.has_value();
}

void Models::remember(const Owner& owner, Kept kept) {
    const std::lock_guard lock(mutex_);
    kept.used = ++uses_;
    kept_[owner] = std::move(kept);
}

Result<Known> Models::known(std::optional<AccountId> account) {
    Known known;
    TRY(auto shared, find(std::nullopt));
    known.shared = shared.model ? shared.model : std::make_shared<const classify::Model>(classify::min_bits);
    if (account) {
        TRY(const auto own, find(account));
        known.account = own.model;
    }
    return known;
}

engine::Part Models::part_of(const Owner& owner, const Kept& kept, const Pupil::Book& book,
                             std::map<std::string, std::optional<std::string>> also) const {
    for (std::uint32_t i = 0; i < book.lessons.size(); ++i)
        also[key_of(owner, numbered('l', kept.generation, kept.lessons + i))] =
            classify::encode(book.lessons[i]);
    if (!book.lessons.empty()) also[key_of(owner, "h")] = head_after(owner, kept, book.lessons.size());
    return {scope_of(owner),
            [also = std::move(also), owner, head = kept.head](Transaction& transaction) -> Result<void> {
                if (owner) TRY(expect_account(transaction));
                TRY(expect_head(transaction, owner, head));
                for (const auto& [key, value] : also)
                    value ? transaction.put(key, *value) : transaction.erase(key);
                return {};
            }};
}

Result<void> Models::teach(const Pupils& who, const std::function<Result<void>(Pupil&)>& lessons) {
    const std::lock_guard lock(teaching_);
    for (int attempt = 1;; ++attempt) {
        auto taught = try_to_teach(who, lessons);
        if (taught || taught.error().kind != Error::Kind::conflict || attempt == most_attempts) return taught;
    }
}

Result<void> Models::try_to_teach(const Pupils& who, const std::function<Result<void>(Pupil&)>& lessons) {
    struct Class {
        Owner owner;
        Kept kept;
        std::optional<Pupil::Book>* book;
    };
    Pupil pupil;
    std::vector<Class> classes;
    const auto enrol = [&](const Owner& owner, std::optional<Pupil::Book>& book) -> Result<void> {
        TRY(auto kept, find(owner));
        book.emplace(Pupil::Book{.model = kept.model ? *kept.model : classify::Model(bits_of(owner))});
        classes.push_back({owner, std::move(kept), &book});
        return {};
    };
    if (who.shared) TRY(enrol(std::nullopt, pupil.shared_));
    if (who.account) TRY(enrol(who.account, pupil.own_));
    TRY(lessons(pupil));

    std::vector<engine::Part> parts;
    for (const auto& each : classes) {
        check((*each.book)->lessons.size() <= most_lessons, "a commit holds few lessons");
        parts.push_back(
            part_of(each.owner, each.kept, **each.book,
                    each.owner ? pupil.also_ : std::map<std::string, std::optional<std::string>>{}));
    }
    const auto outcomes = engine_.transact(std::move(parts), engine::Together::all_or_none);
    ++changes;
    for (const auto& outcome : outcomes) TRY(outcome);
    for (auto& each : classes) {
        auto& book = **each.book;
        if (book.lessons.empty()) continue;
        each.kept.head = head_after(each.owner, each.kept, book.lessons.size());
        each.kept.lessons += static_cast<std::uint32_t>(book.lessons.size());
        each.kept.model = std::make_shared<const classify::Model>(std::move(book.model));
        remember(each.owner, each.kept);
        const auto most = each.owner ? limits_.account_lessons : limits_.shared_lessons;
        if (each.kept.lessons <= most) continue;
        const auto renewed = renew(each.owner, each.kept);
        // Whoever teaches meanwhile will do it.
        if (!renewed && renewed.error().kind != Error::Kind::conflict) return renewed;
    }
    return {};
}

// Writes the whole model as the next generation. What a crash leaves of one is overwritten or erased later.
Result<void> Models::renew(const Owner& owner, const Kept& kept) {
    const auto generation = kept.generation + 1;
    const auto pieces = classify::ModelRecord::pieces(*kept.model, piece_size);
    for (std::size_t begin = 0; begin < pieces.size(); begin += pieces_in_a_commit)
        TRY(engine_.transact(scope_of(owner), [&](Transaction& transaction) -> Result<void> {
            TRY(expect_head(transaction, owner, kept.head));
            for (std::size_t i = begin; i < std::min(begin + pieces_in_a_commit, pieces.size()); ++i)
                transaction.put(key_of(owner, numbered('p', generation, static_cast<std::uint32_t>(i))),
                                pieces[i]);
            return {};
        }));
    const auto head = encode(Head{.model = classify::ModelRecord::head(*kept.model),
                                  .generation = generation,
                                  .pieces = static_cast<std::uint32_t>(pieces.size())});
    TRY(engine_.transact(scope_of(owner), [&](Transaction& transaction) -> Result<void> {
        TRY(expect_head(transaction, owner, kept.head));
        transaction.put(key_of(owner, "h"), head);
        return {};
    }));
    ++changes;
    remember(owner, {.model = kept.model, .head = head, .generation = generation});
    for (bool more = true; more;)
        TRY(engine_.transact(scope_of(owner), [&](Transaction& transaction) -> Result<void> {
            TRY(more, erase_some(transaction, owner, generation));
            return {};
        }));
    return {};
}

Result<void> Models::forget(std::optional<AccountId> account) {
    const std::lock_guard lock(teaching_);
    TRY(const auto kept, find(account));
    if (!kept.model) return {};
    Kept empty{.model = std::make_shared<const classify::Model>(bits_of(account)),
               .head = kept.head,
               .generation = kept.generation};
    return renew(account, empty);
}

}  // namespace hongyan::spam
