#include "message/mailbox_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.h"

namespace hongyan::message {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "mailbox_file_XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { fs::remove_all(path_); }

    const fs::path& path() const { return path_; }
    void put(const fs::path& name, std::string_view content) const {
        fs::create_directories((path_ / name).parent_path());
        ASSERT_TRUE(write_file(path_ / name, content));
    }

private:
    fs::path path_;
};

std::vector<std::string> messages_in(const fs::path& path) {
    std::vector<std::string> found;
    const auto count = read_mailbox(path, [&](const FoundMessage& message) -> Result<void> {
        found.emplace_back(message.raw);
        return {};
    });
    EXPECT_TRUE(count) << count.error().message;
    EXPECT_EQ(count.value_or(0), found.size());
    return found;
}

TEST(MailboxFile, OfOneMessageKeepsEveryByte) {
    const Folder folder;
    folder.put("a.eml", "Subject: x\r\n\r\n>From a\n\n\n");
    EXPECT_THAT(messages_in(folder.path() / "a.eml"), ElementsAre("Subject: x\r\n\r\n>From a\n\n\n"));
}

TEST(MailboxFile, OfOneMessageIsAsOldAsItsFile) {
    const Folder folder;
    folder.put("a.eml", "Subject: x\n\n");
    const auto path = folder.path() / "a.eml";
    const timespec times[2] = {{1'700'000'000, 0}, {1'700'000'000, 5'000'000}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
    std::optional<Instant> date;
    ASSERT_TRUE(read_mailbox(path, [&](const FoundMessage& message) -> Result<void> {
        date = message.internal_date;
        return {};
    }));
    EXPECT_EQ(date, Instant(std::chrono::milliseconds(1'700'000'000'005)));
}

TEST(MailboxFile, OfAMaildirTellsFlagsByName) {
    const Folder folder;
    folder.put("new/3.host", "Subject: new\n\n");
    folder.put("cur/1.host:2,RS", "Subject: read\n\n");
    folder.put("cur/2.host:2,", "Subject: old\n\n");
    folder.put("tmp/4.host", "Subject: half");
    folder.put("cur/.hidden", "no mail");
    std::vector<std::string> found;
    const auto count = read_mailbox(folder.path(), [&](const FoundMessage& message) -> Result<void> {
        found.push_back(fmt::format("{}{}", message.flags.seen ? "seen " : "", message.raw.substr(9, 3)));
        return {};
    });
    EXPECT_EQ(count, 3U);
    EXPECT_THAT(found, ElementsAre("seen rea", "old", "new"));
    EXPECT_EQ(*recognise(folder.path()), MailboxFile::maildir);
}

TEST(MaildirFlags, AreTheLettersBehindTheLastMark) {
    EXPECT_EQ(maildir_flags("1:2,DFRST"), (FoundFlags{true, true, true, true, true}));
    EXPECT_EQ(maildir_flags("1:2,P"), FoundFlags{});
    EXPECT_EQ(maildir_flags("1.S,S=5:2,Sab"), FoundFlags{.seen = true});
    EXPECT_EQ(maildir_flags("1.host"), FoundFlags{});
}

TEST(MailboxFile, OfAFolderIsWalkedAndOtherFilesPassedOver) {
    const Folder folder;
    folder.put("b/2.txt", "From x Tue Jan  2 03:04:05 2024\nSubject: 2\n\n2\n");
    folder.put("a/1.eml", "Subject: 1\n\n1\n");
    folder.put("a/1.json", "{\"text\":\"Subject: 1\"}");
    folder.put("c", "");
    folder.put("d/cur/3:2,S", "Subject: 3\n\n3\n");
    EXPECT_THAT(messages_in(folder.path()),
                ElementsAre("Subject: 1\n\n1\n", "Subject: 2\n\n2\n", "Subject: 3\n\n3\n"));
}

TEST(MailboxFile, ThatIsNoMailIsAnError) {
    const Folder folder;
    folder.put("a.json", "{\"a\": 1}");
    const auto ignore = [](const FoundMessage&) -> Result<void> { return {}; };
    EXPECT_EQ(read_mailbox(folder.path() / "a.json", ignore).error().kind, Error::Kind::invalid);
    EXPECT_EQ(read_mailbox(folder.path() / "none", ignore).error().kind, Error::Kind::not_found);
    EXPECT_EQ(*recognise(folder.path() / "a.json"), std::nullopt);
}

TEST(MailboxFile, EndsWithTheVisitorsError) {
    const Folder folder;
    folder.put("a.eml", "A: b\n\n");
    folder.put("b.eml", "A: b\n\n");
    int calls = 0;
    const auto result = read_mailbox(folder.path(), [&](const FoundMessage&) -> Result<void> {
        ++calls;
        return fail(Error::Kind::over_quota, "full");
    });
    EXPECT_EQ(result.error().kind, Error::Kind::over_quota);
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace hongyan::message
