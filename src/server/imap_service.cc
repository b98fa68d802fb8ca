#include "server/imap_service.h"

#include <boost/asio/post.hpp>

#include "flow/commit.h"
#include "flow/door.h"
#include "imap/session.h"
#include "net/workers.h"
#include "server/watchers.h"

namespace hongyan::server {

namespace {

namespace asio = net::asio;

// The directory, as mailboxes are shared by its names.
class KnownPeople final : public imap::People {
public:
    explicit KnownPeople(const directory::Directory& directory) : directory_(directory) {}

    Result<store::AccountId> account_of(std::string_view name) const override {
        TRY(const auto account, directory_.account(name));
        return account.id;
    }
    Result<std::string> name_of(store::AccountId id) const override {
        TRY(const auto account, directory_.account(id));
        return to_string(account.name);
    }

private:
    const directory::Directory& directory_;
};

// One for all sessions of a thread that use the directory.
std::shared_ptr<const imap::People> people_of(const directory::Directory& directory) {
    thread_local std::weak_ptr<const imap::People> last;
    thread_local const directory::Directory* last_of = nullptr;
    auto common = last.lock();
    if (common && last_of == &directory) return common;
    common = std::make_shared<const KnownPeople>(directory);
    last = common;
    last_of = &directory;
    return common;
}

// Sessions of a thread whose settings are alike share them.
std::shared_ptr<const imap::Settings> shared(imap::Settings settings) {
    thread_local std::weak_ptr<const imap::Settings> last;
    auto common = last.lock();
    if (!common || *common != settings)
        last = common = std::make_shared<const imap::Settings>(std::move(settings));
    return common;
}

std::shared_ptr<const imap::Settings> settings_for(const Circumstances& circumstances) {
    const auto& config = circumstances.config;
    const auto address = circumstances.client_address();
    imap::Settings settings{.hostname = circumstances.hostname, .offers_tls = true};
    settings.sasl = log_in_settings(config, circumstances.hostname, circumstances.mail, address);
    settings.login_patience = config.limits.login_patience;
    settings.patience = config.limits.imap_patience;
    settings.attempts = static_cast<int>(config.login.attempts);
    settings.people = people_of(circumstances.mail.world().directory);
    settings.memory = circumstances.mail.world().memory;
    settings.keys = circumstances.mail.message_keys();
    settings.raw_headers = config.imap.raw_headers;
    settings.message_limits = {.any = static_cast<std::uint32_t>(config.imap.message_limit),
                               .saved = static_cast<std::uint32_t>(config.imap.save_limit)};
    settings.limits.message = config.limits.message_size;
    settings.limits.unasked = config.limits.message_size;
    return shared(std::move(settings));
}

// Who a session's work is counted for.
net::Owner owner_of(const imap::Session& session) {
    const auto account = session.account();
    return account ? net::Owner(account->value() + std::uint64_t{1}) : net::nobody;
}

// A command without its client, a step at a time like any other, so that others get their turn in between. It
// counts as a session of its account until it has ended.
struct Orphan {
    std::shared_ptr<imap::Task> task;
    std::unique_ptr<AccountSessions::Place> place;
    net::Owner owner;
    net::Workers& workers;
    store::Store& store;
    log::Log log;
};

void end_some(const std::shared_ptr<Orphan>& orphan) noexcept;

// False where there are no workers any more.
bool submit_end(const std::shared_ptr<Orphan>& orphan) {
    return orphan->workers.submit([orphan] { end_some(orphan); }, net::JobOf::something_begun, orphan->owner);
}

void tell_of_end(const Orphan& orphan) {
    if (orphan.task->fault().empty()) return orphan.log.info("command ended without its client");
    orphan.log.error("command broken", {{"why", orphan.task->fault()}});
}

void end_guarded(const Orphan& orphan, auto end) noexcept {
    try {
        end();
    } catch (const std::exception& broken) {
        orphan.log.error("command left undone", {{"why", std::string(broken.what())}});
    }
}

// On this thread, since the server ends, and leaves nothing half done. Where that takes so long that it is
// killed the log says what was.
void end_here(const Orphan& orphan) noexcept {
    end_guarded(orphan, [&] {
        orphan.log.warning("command being ended, for which the server waits");
        while (orphan.task->end_alone(orphan.store)) continue;
        tell_of_end(orphan);
    });
}

void end_some(const std::shared_ptr<Orphan>& orphan) noexcept {
    end_guarded(*orphan, [&] {
        if (!orphan->task->end_alone(orphan->store)) return tell_of_end(*orphan);
        if (!submit_end(orphan)) end_here(*orphan);
    });
}

// A session and its connection. Belongs to one thread; others reach it only through that thread's executor.
class Visitor : public std::enable_shared_from_this<Visitor> {
public:
    Visitor(Conversation& conversation, const Circumstances& circumstances)
        : session(settings_for(circumstances), circumstances.security, circumstances.mail.random()),
          door_(circumstances.mail.world(), "imap", circumstances.client_address(), circumstances.log),
          stream_(conversation.stream()),
          mail_(circumstances.mail),
          most_sessions_(circumstances.config.limits.imap_per_account),
          log_(circumstances.log),
          executor_(circumstances.executor) {
        session.observe_log_ins(door_);
    }

    // What is done whole or not at all is brought to an end, and that needs neither this session nor its
    // thread.
    ~Visitor() {
        auto task = session.take_unfinished();
        if (!task) return;
        try {
            const auto orphan = std::make_shared<Orphan>(
                std::move(task), std::move(place_), owner_of(session), world().workers, world().store, log_);
            if (!submit_end(orphan)) end_here(*orphan);
        } catch (const std::exception& broken) {
            log_.error("command left undone", {{"why", std::string(broken.what())}});
        }
    }
    Visitor(const Visitor&) = delete;
    Visitor& operator=(const Visitor&) = delete;

    imap::Session session;

    net::Task<imap::Answer> answer(imap::Question question) {
        if (auto client = session.take_client(); !client.empty()) {
            door_.set_client(client);
            log_.info("client", {{"id", std::move(client)}});
        }
        if (!session.account()) forget_account();
        if (const auto* work = std::get_if<imap::Work>(&question)) return do_work(work->task);
        if (auto* open = std::get_if<imap::OpenAccount>(&question))
            return open_account(std::move(open->name));
        return log_in(std::get<sasl::Question>(std::move(question)));
    }

private:
    const flow::World& world() const { return mail_.world(); }

    // Who was here before counts no longer, be it because of the one who comes now (RFC 8437 §3).
    void forget_account() {
        place_.reset();
        watch_.reset();
        elsewhere_.clear();
    }

    net::Task<imap::Answer> log_in(sasl::Question question) {
        co_return co_await door_.answer(std::move(question));
    }

    net::Task<imap::Answer> open_account(std::string name) {
        auto job = [this, &name]() -> Result<store::AccountId> {
            TRY(const auto account, world().directory.account(name));
            return account.id;
        };
        auto place = mail_.account_sessions().take(name, "imap", most_sessions_);
        if (!place)
            co_return Result<store::AccountId>(fail(Error::Kind::too_large, "{}", place.error().message));
        auto account = co_await net::on_worker(world().workers, std::move(job));
        if (!account) co_return account;
        place_ = *std::move(place);
        watch_ = watch(*account);
        co_return account;
    }

    net::Task<imap::Answer> do_work(std::shared_ptr<imap::Task> task) {
        listen(session.hears_at_once());
        co_await work_on(*task);
        if (task->only_tells() && stream_.is_gone()) session.client_has_gone();
        if (task->completion() && !task->fault().empty())
            log_.error("command broken", {{"why", task->fault()}});
        watch_elsewhere();
        // From this command on: what came between its look at the store and now is looked for.
        if (session.hears_at_once() && !listens_) {
            listen(true);
            session.mail_changed();
        }
        co_return imap::Done{};
    }

    // To wake a session that has nothing to say costs it as much as a small command.
    void listen(bool wanted) {
        if (std::exchange(listens_, wanted) == wanted) return;
        if (watch_) watch_->listen(wanted);
        for (const auto& [account, watch] : elsewhere_) watch->listen(wanted);
    }

    std::unique_ptr<Watchers::Watch> watch(store::AccountId account) {
        auto watch = mail_.watchers().watch(account, waker());
        watch->listen(listens_);
        return watch;
    }

    // Mail of other accounts matters as long as a mailbox of theirs is selected or watched.
    void watch_elsewhere() {
        const auto wanted = session.accounts_elsewhere();
        std::erase_if(elsewhere_, [&](const auto& watched) { return !wanted.contains(watched.first); });
        for (const auto account : wanted)
            if (auto& place = elsewhere_[account]; !place) place = watch(account);
    }

    net::Task<void> work_on(imap::Task& work) {
        auto* const task = &work;
        const auto begun = task->begin_here(world().store);
        if (begun == imap::Task::Begun::all_done) co_return;
        if (begun == imap::Task::Begun::to_commit) {
            auto outcomes = co_await flow::commit(world().store.engine(), task->take_parts(),
                                                  engine::Together::all_or_none);
            if (task->end_here(world().store, std::move(outcomes))) co_return;
        }
        auto job = [this, task] { task->run(world().store, &world().workers); };
        const auto of = task->is_under_way() ? net::JobOf::something_begun : net::JobOf::something_new;
        const auto done = co_await net::on_worker(world().workers, std::move(job), of, owner_of(session));
        if (!done) task->put_off(done.error());
    }

    // News is passed on to the session's thread, where the session may be gone by then.
    Watchers::Wake waker() {
        return [executor = executor_, weak = weak_from_this()] {
            asio::post(executor, [weak] {
                const auto visitor = weak.lock();
                if (!visitor) return;
                visitor->session.mail_changed();
                visitor->stream_.interrupt();
            });
        };
    }

    flow::Door door_;
    net::Stream& stream_;
    const Mail& mail_;
    std::size_t most_sessions_;
    std::unique_ptr<AccountSessions::Place> place_;
    const log::Log& log_;
    net::Executor executor_;
    bool listens_ = true;  // its watches do
    std::unique_ptr<Watchers::Watch> watch_;
    std::map<store::AccountId, std::unique_ptr<Watchers::Watch>> elsewhere_;
};

}  // namespace

// No coroutine of its own: each idle connection would keep one more frame.
net::Task<Ending> serve_imap(Conversation& conversation, const Circumstances& circumstances) {
    auto visitor = std::make_shared<Visitor>(conversation, circumstances);
    auto& session = visitor->session;
    auto answer_to = [visitor = std::move(visitor)](imap::Question question) {
        return visitor->answer(std::move(question));
    };
    return carry(session, conversation, std::move(answer_to));
}

}  // namespace hongyan::server
