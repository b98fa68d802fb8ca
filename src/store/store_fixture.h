// What the tests of this folder share: a store over an engine in memory, and short ways to fill it.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/memory_engine.h"
#include "store/store.h"

namespace hongyan::store {

inline constexpr AccountId ann{1};
inline constexpr AccountId ben{2};

inline SharedContent content(std::string_view text) { return prepare(text); }

inline NewMessage mail(std::string_view text, Flags flags = {}) {
    NewMessage message;
    message.content = content(text);
    message.flags = std::move(flags);
    message.received = Instant(std::chrono::seconds(1'000));
    return message;
}

inline MailboxName name(std::string_view text) { return MailboxName::parse(text).value(); }

inline UidSet uids(std::initializer_list<std::uint32_t> numbers) {
    UidSet set;
    for (const auto number : numbers) set.add(Uid(number));
    return set;
}

class StoreTest : public testing::Test {
public:
    StoreTest() { EXPECT_TRUE(store.create_account(ann)); }

    Uid append(std::string_view text, Flags flags = {}, MailboxId mailbox = inbox) {
        return account.append(mailbox, {mail(text, std::move(flags))}).value().front().uid;
    }
    MailboxId id_of(std::string_view mailbox) { return account.view().find(name(mailbox)).value().id; }
    Mailbox state(MailboxId mailbox = inbox) { return account.view().mailbox(mailbox).value(); }
    bool is_listed_with_children(MailboxId mailbox) {
        const auto all = account.view().mailboxes().value();
        return std::ranges::find(all, mailbox, &Mailbox::id)->has_children;
    }
    Usage usage() { return account.view().state().value().usage; }
    UidSet present(MailboxId mailbox = inbox) {
        UidSet set;
        for (const auto& entry : account.view().entries(mailbox).value()) set.add(entry.uid);
        return set;
    }
    std::vector<std::string> names() {
        std::vector<std::string> all;
        for (const auto& mailbox : account.view().mailboxes().value()) all.push_back(mailbox.name.text());
        return all;
    }

    ManualClock clock;
    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine();
    Store store{*engine, clock};
    Account account = store.account(ann);
};

}  // namespace hongyan::store
