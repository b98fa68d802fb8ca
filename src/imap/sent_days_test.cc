#include <gtest/gtest.h>

#include "support/imap_world.h"

namespace hongyan::imap {
namespace {

using imap_world::World;

std::string sent(std::string_view date) { return fmt::format("Date: {}\r\nSubject: s\r\n\r\nabc\r\n", date); }

std::shared_ptr<KeyCache> new_cache() { return std::make_shared<KeyCache>(); }

imap_world::Session session_with(World& world, std::shared_ptr<KeyCache> keys) {
    auto settings = imap_world::open_settings();
    settings.keys = std::move(keys);
    return {world, std::move(settings), {}};
}

// RFC 3501 §6.4.4: without regard to time and zone. Days that are kept in memory say what the messages say,
// the first time and each time after it.
TEST(SentDays, AreWhatTheMessagesSay) {
    World world;
    world.deliver(sent("Mon, 2 Nov 2026 23:30:00 -0500"));
    world.deliver("Subject: no date\r\n\r\nabc\r\n");
    world.deliver(sent("Tue, 3 Nov 2026 00:30:00 +0900"));
    world.deliver(sent("not a date"));
    world.deliver(sent("Thu, 1 Jan 1970 00:00:00 +0000"));
    auto keeping = session_with(world, new_cache());
    auto reading = session_with(world, nullptr);
    for (auto* session : {&keeping, &reading}) session->after("a LOGIN ann secret\r\na SELECT INBOX\r\n");

    struct Row {
        std::string_view keys, found;
    };
    for (const auto& row :
         {Row{"SENTON 2-Nov-2026", " 1"}, Row{"SENTON 3-Nov-2026", " 3"}, Row{"SENTSINCE 3-Nov-2026", " 3"},
          Row{"SENTBEFORE 3-Nov-2026", " 1 5"}, Row{"NOT SENTSINCE 3-Nov-2026", " 1 2 4 5"},
          Row{"OR SENTON 2-Nov-2026 SENTON 1-Jan-1970", " 1 5"}, Row{"2:5 SENTSINCE 1-Jan-1970", " 3 5"},
          Row{"5 SENTSINCE 1-Jan-1970", " 5"}, Row{"SENTSINCE 3-Nov-2026 BODY abc", " 3"}})
        for (int time = 0; time < 2; ++time)
            for (auto* session : {&keeping, &reading})
                EXPECT_EQ(session->after(fmt::format("b SEARCH {}\r\n", row.keys)),
                          fmt::format("* SEARCH{}\r\nb OK Searched\r\n", row.found))
                    << row.keys;
    world.deliver(sent("Wed, 4 Nov 2026 10:00:00 +0000"));
    for (auto* session : {&keeping, &reading}) {
        session->after("c NOOP\r\n");
        EXPECT_EQ(session->after("d SEARCH SENTSINCE 3-Nov-2026\r\n"), "* SEARCH 3 6\r\nd OK Searched\r\n");
    }
}

}  // namespace
}  // namespace hongyan::imap
