#include <fstream>
#include <future>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "base/file.h"
#include "base/testing/scratch_folder.h"
#include "engine/check.h"
#include "engine/open_engine.h"
#include "engine/pack_format.h"

namespace hongyan::engine {
namespace {

const Scope ann = Scope::account(AccountId(1));

// Text that does not shrink, so that sizes are known.
std::string noise(std::size_t size, unsigned seed) {
    std::mt19937 engine(seed);
    std::string out(size, '\0');
    for (auto& c : out) c = static_cast<char>(engine());
    return out;
}

ReadAt reader_of(const std::string& bytes) {
    return [&bytes](std::uint64_t offset, std::size_t length) -> Result<std::string> {
        return offset < bytes.size() ? bytes.substr(offset, length) : std::string();
    };
}

std::string three_records() {
    auto pack = pack_header(PackNumber(7));
    for (const auto* frame : {"one", "", "three"}) append_record(pack, BlobId::of(frame), false, frame);
    return pack;
}

TEST(PackFormat, AnIndexSaysWhatAWalkFinds) {
    auto pack = three_records();
    const auto walked = walk_records(reader_of(pack), pack.size()).value();
    ASSERT_EQ(walked.size(), 3U);
    EXPECT_EQ(walked[2].id, BlobId::of("three"));
    EXPECT_EQ(walked[2].length, 5U);
    const auto record = pack.substr(walked[2].offset, record_size(walked[2].length));
    EXPECT_EQ(frame_of(record, BlobId::of("three")).value(), "three");

    pack += encode_index(walked, pack.size());
    EXPECT_EQ(read_index(reader_of(pack), pack.size()).value(), walked);
}

TEST(PackFormat, EveryDamagedByteIsNoticed) {
    const std::string frame = "the frame of a record";
    std::string record;
    append_record(record, BlobId::of(frame), true, frame);
    for (std::size_t i = 0; i < record.size(); ++i) {
        auto damaged = record;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
        EXPECT_FALSE(frame_of(damaged, BlobId::of(frame))) << "byte " << i;
    }
    auto header = pack_header(PackNumber(7));
    EXPECT_EQ(parse_pack_header(header).value(), PackNumber(7));
    for (auto& byte : header) {
        byte = static_cast<char>(byte ^ 0x10);
        EXPECT_FALSE(parse_pack_header(header));
        byte = static_cast<char>(byte ^ 0x10);
    }
}

TEST(PackFormat, ADamagedIndexIsNotUsed) {
    auto pack = three_records();
    const auto end = pack.size();
    pack += encode_index(walk_records(reader_of(pack), end).value(), end);
    for (std::size_t i = end; i < pack.size(); ++i) {
        auto damaged = pack;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
        EXPECT_FALSE(read_index(reader_of(damaged), damaged.size())) << "byte " << i - end;
    }
}

TEST(PackFormat, AFileOfVersion1IsReadable) {
    const auto pack = read_file(SOURCE_ROOT "/tests/corpus/pack/sealed").value();
    EXPECT_EQ(parse_pack_header(pack).value(), PackNumber(1));
    const auto entries = read_index(reader_of(pack), pack.size()).value();
    ASSERT_EQ(entries.size(), 3U);
    const auto record = pack.substr(entries[1].offset, record_size(entries[1].length));
    EXPECT_EQ(frame_of(record, entries[1].id).value(), std::string(100, 'x'));
}

class PacksTest : public testing::Test {
protected:
    void SetUp() override { reopen(); }
    void reopen() {
        engine_.reset();
        engine_ = open_engine(folder_.path(), {.pack_size = 40'000, .reclaim_every = {}}).value();
    }
    BlobId keep(const std::string& content) {
        const auto blob = prepare_blob(content);
        EXPECT_TRUE(engine_->transact(ann, [&](Transaction& transaction) -> Result<void> {
            transaction.keep(blob);
            return {};
        }));
        return blob->id;
    }
    void release(const BlobId& id) {
        EXPECT_TRUE(
            engine_->transact(ann, [&](Transaction& transaction) { return transaction.release(id); }));
    }
    std::vector<BlobId> keep_many(unsigned count) {
        std::vector<BlobId> ids;
        for (unsigned i = 0; i < count; ++i) ids.push_back(keep(noise(10'000, i)));
        return ids;
    }
    std::vector<std::string> findings(const CheckRequest& request) {
        std::vector<std::string> found;
        const auto report = engine_->check(request).value();
        for (const auto& finding : report.findings) found.push_back(finding.what);
        return found;
    }
    std::vector<std::filesystem::path> files() const {
        std::vector<std::filesystem::path> found;
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "packs"))
            found.push_back(entry.path());
        std::ranges::sort(found);
        return found;
    }

    ScratchFolder folder_;
    std::unique_ptr<Engine> engine_;
};

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(PacksTest, BlobsAreThereAfterReopening) {
    const auto ids = keep_many(10);
    const auto small = keep("short");
    reopen();
    for (unsigned i = 0; i < ids.size(); ++i) EXPECT_EQ(engine_->read_blob(ids[i]).value(), noise(10'000, i));
    EXPECT_EQ(engine_->read_blob(small).value(), "short");
    EXPECT_EQ(engine_->statistics().blobs, 11U);
    EXPECT_EQ(engine_->statistics().pack_files, 3U);
    EXPECT_THAT(findings({}), IsEmpty());
}

TEST_F(PacksTest, APackIsFilledFurtherAfterReopening) {
    keep(noise(10'000, 1));
    reopen();
    keep(noise(10'000, 2));
    EXPECT_EQ(engine_->statistics().pack_files, 1U);
    EXPECT_THAT(findings({}), IsEmpty());
}

TEST_F(PacksTest, GarbageIsCountedAndGivenBack) {
    const auto ids = keep_many(14);
    for (unsigned i = 0; i < 9; ++i)
        if (i != 3) release(ids[i]);
    EXPECT_EQ(engine_->statistics().garbage_bytes, 8 * (10'000 + record_header_size));
    const auto before = engine_->statistics();
    ASSERT_TRUE(engine_->reclaim());
    const auto after = engine_->statistics();
    EXPECT_EQ(after.blobs, before.blobs);
    EXPECT_LT(after.garbage_bytes, before.garbage_bytes);
    EXPECT_LT(after.disk_bytes, before.disk_bytes);
    reopen();
    for (unsigned i = 0; i < 14; ++i)
        if (i == 3 || i >= 9) EXPECT_EQ(engine_->read_blob(ids[i]).value(), noise(10'000, i));
    EXPECT_THAT(findings({}), IsEmpty());
}

TEST_F(PacksTest, AFileNobodySpeaksOfIsRemoved) {
    keep(noise(10'000, 1));
    std::ofstream(folder_.path() / "packs" / "0000000009.pack") << pack_header(PackNumber(9));
    reopen();
    EXPECT_EQ(files().size(), 1U);
}

TEST_F(PacksTest, DamageIsReportedWithItsPlace) {
    const auto first = keep(noise(10'000, 1));
    const auto second = keep(noise(10'000, 2));
    engine_.reset();
    {
        std::fstream file(files().front(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(15'000);
        file.put('!');
    }
    reopen();
    EXPECT_TRUE(engine_->read_blob(first));
    const auto read = engine_->read_blob(second);
    EXPECT_EQ(read.error().kind, Error::Kind::corrupt);
    EXPECT_THAT(read.error().message, HasSubstr("pack 1 at 10061"));
    EXPECT_THAT(findings({}), ElementsAre(HasSubstr("pack 1 at 10061")));
}

// Its checksum is right, so reading takes it (docs/decisions/0025).
TEST_F(PacksTest, AnotherContentUnderTheSameIdIsFoundByTheCheck) {
    const auto id = keep(noise(10'000, 1));
    engine_.reset();
    std::string record;
    append_record(record, id, false, noise(10'000, 2));
    {
        std::fstream file(files().front(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(pack_header_size);
        file << record;
    }
    reopen();
    EXPECT_THAT(findings({}), ElementsAre(HasSubstr("holds other bytes than were kept")));
    EXPECT_THAT(findings({.read_blobs = false}), IsEmpty());
}

TEST_F(PacksTest, AFileThatWasCutOrIsGoneIsNoticedWithoutReadingBlobs) {
    keep_many(10);
    engine_.reset();
    const auto packs = files();
    std::filesystem::resize_file(packs[0], 20'000);
    std::filesystem::remove(packs[1]);
    reopen();
    EXPECT_THAT(findings({.read_blobs = false}),
                ElementsAre(HasSubstr("the file of pack 1 has 20000 bytes, and 4"),
                            HasSubstr("the file of pack 2 cannot be used: ")));
}

TEST_F(PacksTest, GarbageThatCannotBeGivenBackIsComplainedOf) {
    const auto ids = keep_many(8);
    for (unsigned i = 0; i < 3; ++i) release(ids[i]);
    engine_.reset();
    std::filesystem::resize_file(files().front(), 100);
    std::promise<std::string> told;
    bool once = false;
    engine_ = open_engine(folder_.path(), {.pack_size = 40'000,
                                           .reclaim_every = std::chrono::milliseconds(1),
                                           .complain =
                                               [&](const Error& error) {
                                                   if (!std::exchange(once, true))
                                                       told.set_value(error.message);
                                               }})
                  .value();
    auto hears = told.get_future();
    ASSERT_EQ(hears.wait_for(std::chrono::seconds(20)), std::future_status::ready);
    EXPECT_THAT(hears.get(), HasSubstr("cannot reclaim pack 1"));
    engine_.reset();  // before what it tells
}

TEST_F(PacksTest, ReferencesAreSetRight) {
    const auto ids = keep_many(3);
    const References counted = {{ids[0], 1}, {ids[1], 5}, {BlobId::of("never kept"), 1}};
    const auto wrong = findings({.references = &counted, .repair = true});
    EXPECT_EQ(wrong.size(), 4U);  // one count, one garbage, one missing, and the pack's own count
    const References rest = {{ids[0], 1}, {ids[1], 5}};
    EXPECT_THAT(findings({.references = &rest}), IsEmpty());
    EXPECT_EQ(engine_->read_blob(ids[2]).error().kind, Error::Kind::not_found);
}

TEST_F(PacksTest, TheStoreOfANewerProgramIsLeftAlone) {
    engine_.reset();
    {
        rocksdb::DB* opened = nullptr;
        ASSERT_TRUE(rocksdb::DB::Open({}, (folder_.path() / "metadata").string(), &opened).ok());
        const std::unique_ptr<rocksdb::DB> database(opened);
        ASSERT_TRUE(database->Put({}, format_key, "\x02").ok());
    }
    EXPECT_EQ(open_engine(folder_.path()).error().kind, Error::Kind::unsupported);
}

TEST_F(PacksTest, ASecondProcessIsToldWhoHasTheStore) {
    const auto second = open_engine(folder_.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, Error::Kind::conflict);
    EXPECT_THAT(second.error().message, HasSubstr("in use"));
}

}  // namespace
}  // namespace hongyan::engine
