// The classifier's models as they are kept: one that all share, and one for each account that has taught it
// something. Keys and records: docs/formats/classify.md.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "classify/model.h"
#include "classify/verdict.h"
#include "engine/engine.h"

namespace hongyan::spam {

using engine::AccountId;
using SharedModel = std::shared_ptr<const classify::Model>;

// What is known when mail for somebody is judged; keeps what it points at.
struct Known {
    SharedModel shared;   // never null
    SharedModel account;  // null: one for several accounts, or the account has taught nothing

    classify::Knowledge knowledge() const { return {.shared = shared.get(), .account = account.get()}; }
};

// Keys below a scope, as the transaction of a lesson sees them too.
struct Memory {
    static std::string of_message(std::uint64_t message);
    static std::string modseq();
    static std::string lessons_of_a_day();
};

// What a message, or several, teach in one commit. Made by Models::teach, and gone with that call.
class Pupil {
public:
    // Which of the models that are taught.
    enum class Whose { all, own };
    void learn(const classify::Features& features, classify::Label label, Whose whose = Whose::all) {
        take(features, label, false, whose);
    }
    // What was learned of this message is taken back.
    void unlearn(const classify::Features& features, classify::Label label, Whose whose = Whose::all) {
        take(features, label, true, whose);
    }
    // To be written or erased in the account's scope by the same commit (Memory).
    void put(std::string key, std::string value) { also_[std::move(key)] = std::move(value); }
    void erase(std::string key) { also_[std::move(key)] = std::nullopt; }

private:
    friend class Models;
    struct Book {
        classify::Model model;
        std::vector<classify::Lesson> lessons = {};
    };
    void take(const classify::Features& features, classify::Label label, bool back, Whose whose);

    std::optional<Book> shared_;
    std::optional<Book> own_;
    std::map<std::string, std::optional<std::string>> also_;
};

// May be used from any thread, and beside others of this program over the same engine: what they have taught
// is seen at the next call. Reads block for the disk. The engine outlives it.
class Models {
public:
    // At most so many messages in one commit, so that it stays within the engine's limits.
    static constexpr std::size_t most_lessons = 16;
    // Lessons are written into the model from time to time; few for tests.
    struct Limits {
        std::uint32_t shared_lessons = 400;
        std::uint32_t account_lessons = 100;
        std::size_t accounts_in_memory = 64;  // 400 KB each
    };
    Models(engine::Engine& engine, const Limits& limits) : engine_(engine), limits_(limits) {}
    explicit Models(engine::Engine& engine) : Models(engine, Limits()) {}

    Result<Known> known(std::optional<AccountId> account);
    Result<bool> has_taught(AccountId account);

    // Whose model learns: the account's, if there is one, and, where wanted, the shared one. Both are written
    // together, all or none, and durable on return. `lessons` may fail, and is run again where others have
    // taught meanwhile.
    struct Pupils {
        std::optional<AccountId> account = {};
        bool shared = true;
    };
    Result<void> teach(const Pupils& who, const std::function<Result<void>(Pupil&)>& lessons);

    // Everything that was learned by the account, or by all together (none), is forgotten. What an account's
    // mail has taught is not taught again.
    Result<void> forget(std::optional<AccountId> account);

private:
    struct Kept {
        SharedModel model;  // null: nothing there
        std::string head;   // as it is on disk
        std::uint32_t generation = 0;
        std::uint32_t lessons = 0;  // since the pieces were written
        std::uint64_t used = 0;     // larger: later
        std::uint64_t as_of = 0;    // of all changes: none after these is seen
    };
    using Owner = std::optional<AccountId>;

    Result<void> try_to_teach(const Pupils& who, const std::function<Result<void>(Pupil&)>& lessons);
    Result<std::unique_lock<std::mutex>> lock_memory();
    Result<Kept> find(const Owner& owner);
    Result<Kept> renewed(const Owner& owner, const Kept* before) const;
    Result<Kept> load(const Owner& owner) const;
    void remember(const Owner& owner, Kept kept);
    engine::Part part_of(const Owner& owner, const Kept& kept, const Pupil::Book& book,
                         std::map<std::string, std::optional<std::string>> also) const;
    static std::string head_after(const Owner& owner, const Kept& kept, std::size_t lessons);
    Result<void> renew(const Owner& owner, const Kept& kept);

    engine::Engine& engine_;
    Limits limits_;
    std::mutex teaching_;  // one commit at a time
    std::mutex mutex_;     // guards what follows
    std::map<Owner, Kept> kept_;
    std::uint64_t uses_ = 0;
    std::map<AccountId, bool> have_taught_;  // as of:
    std::uint64_t have_taught_as_of_ = 0;
};

}  // namespace hongyan::spam
