#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/testing/scratch_folder.h"
#include "drop/folder.h"
#include "drop/taken.h"
#include "engine/memory_engine.h"

namespace hongyan::drop {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Letter letter() {
    return {.sender = "ann@here.test",
            .recipients = {"bob@there.test", "王@例子.test"},
            .notify = "FAILURE",
            .wanted_return = "HDRS",
            .envelope_id = "a b",
            .message = "Subject: x\r\n\r\n\nto nobody\n\r\n"};
}

TEST(Letter, GoesRound) {
    EXPECT_EQ(parse(*encode(letter())), letter());
    const Letter small{.sender = {},
                       .recipients = {"a@b"},
                       .notify = {},
                       .wanted_return = {},
                       .envelope_id = {},
                       .message = {}};
    EXPECT_EQ(*encode(small), "hongyan-drop 1\nto a@b\n\n");
    EXPECT_EQ(parse(*encode(small)), small);
}

TEST(Letter, NoValueMakesALineOfItsOwn) {
    auto broken = letter();
    broken.sender = "ann@here.test\nto eve@there.test";
    EXPECT_EQ(encode(broken).error().kind, Error::Kind::invalid);
}

TEST(Letter, OthersAreRefused) {
    for (const auto* text :
         {"", "\n", "hongyan-drop 1\n\nx", "hongyan-drop 2\nto a@b\n\n", "hongyan-drop 1\nto a@b\n",
          "hongyan-drop 1\nfor a@b\n\n", "hongyan-drop 1\nto a\tb\n\n"})
        EXPECT_FALSE(parse(text)) << text;
    EXPECT_FALSE(parse("hongyan-drop 1\nto " + std::string(max_line + 1, 'x') + "\n\n"));
}

class FolderTest : public testing::Test {
protected:
    FolderTest() { EXPECT_TRUE(make_folder(folder(), Doors::private_to_owner)); }
    std::filesystem::path folder() const { return scratch_.path() / "drop"; }
    std::vector<std::string> names() const { return *waiting(folder(), SystemClock().now(), 100); }
    unsigned mode() const {
        struct stat status{};
        ::stat(folder().c_str(), &status);
        return status.st_mode & 07777U;
    }

    ScratchFolder scratch_;
    SeededRandom random_{1};
};

TEST_F(FolderTest, KeepsALetterUntilItIsRemoved) {
    ASSERT_TRUE(leave(folder(), letter(), random_));
    ASSERT_THAT(names(), SizeIs(1));
    const auto found = open(folder(), names()[0], 1000);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->letter, letter());
    EXPECT_EQ(found->user, ::geteuid());
    EXPECT_TRUE(remove(folder(), names()[0]));
    EXPECT_THAT(names(), IsEmpty());
}

TEST_F(FolderTest, ItsDoorsAreSetEachTime) {
    EXPECT_EQ(mode(), 0700U);
    EXPECT_TRUE(make_folder(folder(), Doors::open_to_all));
    EXPECT_EQ(mode(), 01733U);
    EXPECT_EQ(leave(folder() / "none", letter(), random_).error().kind, Error::Kind::not_found);
}

TEST_F(FolderTest, WhatIsNoLetterIsSetAside) {
    ASSERT_EQ(::symlink("/etc/passwd", (folder() / "mail.link").c_str()), 0);
    ASSERT_EQ(::mkfifo((folder() / "mail.pipe").c_str(), 0600), 0);
    ASSERT_EQ(::mkdir((folder() / "mail.folder").c_str(), 0700), 0);
    std::ofstream(folder() / "mail.broken") << "hello";
    std::ofstream(folder() / "mail.large") << *encode(letter());
    for (const auto& name : names()) {
        const auto found = open(folder(), name, name == "mail.large" ? 5 : 1000);
        ASSERT_FALSE(found) << name;
        EXPECT_EQ(found.error().kind, Error::Kind::invalid) << name;
        EXPECT_TRUE(set_aside(folder(), name));
    }
    EXPECT_THAT(names(), IsEmpty());
    EXPECT_TRUE(std::filesystem::exists(folder() / "bad.mail.broken"));
    EXPECT_EQ(open(folder(), "mail.none", 1000).error().kind, Error::Kind::not_found);
}

TEST_F(FolderTest, UnfinishedLettersAreNotTakenAndGoAfterADay) {
    std::ofstream(folder() / "new.1") << "half";
    EXPECT_THAT(names(), IsEmpty());
    EXPECT_TRUE(std::filesystem::exists(folder() / "new.1"));
    EXPECT_TRUE(waiting(folder(), SystemClock().now() + std::chrono::hours(25), 100));
    EXPECT_FALSE(std::filesystem::exists(folder() / "new.1"));
}

}  // namespace
}  // namespace hongyan::drop
