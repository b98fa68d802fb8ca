#include "imap/mailbox_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "imap/wire/parser.h"

namespace hongyan::imap {
namespace {

using wire::SetNumber;
using Set = wire::SequenceSet;

UidSet uids(std::initializer_list<std::uint32_t> numbers) {
    UidSet set;
    for (const auto number : numbers) set.add(Uid(number));
    return set;
}
Set range(std::uint32_t first, std::uint32_t last) { return {{SetNumber(first), SetNumber(last)}}; }

TEST(MailboxView, NumbersFollowUidsAcrossGaps) {
    const MailboxView view(uids({2, 3, 7, 9}));
    EXPECT_EQ(view.size(), 4U);
    EXPECT_EQ(view.number_of(Uid(7)), SequenceNumber(3));
    EXPECT_EQ(view.uid_of(SequenceNumber(4)), Uid(9));
    for (const std::uint32_t missing : {1U, 4U, 8U, 10U})
        EXPECT_FALSE(view.number_of(Uid(missing))) << missing;
}

TEST(MailboxView, SetsMeanOnlyWhatIsThere) {
    const MailboxView view(uids({2, 3, 7, 9}));
    EXPECT_EQ(view.resolve(range(2, 3), SetOf::numbers), uids({3, 7}));
    EXPECT_EQ(view.resolve({{SetNumber::star(), SetNumber(3)}}, SetOf::numbers), uids({7, 9}));
    EXPECT_FALSE(view.resolve(range(4, 5), SetOf::numbers));
    EXPECT_EQ(view.resolve(range(3, 8), SetOf::uids), uids({3, 7}));
    EXPECT_EQ(view.resolve({{SetNumber(99), SetNumber::star()}}, SetOf::uids), uids({9}));
    EXPECT_FALSE(MailboxView().resolve({{SetNumber::star(), SetNumber::star()}}, SetOf::numbers));
    EXPECT_EQ(MailboxView().resolve({{SetNumber(1), SetNumber::star()}}, SetOf::uids), UidSet());
}

TEST(MailboxView, ASearchMayNameNumbersThatNobodyHas) {
    const MailboxView view(uids({2, 3, 7, 9}));
    EXPECT_EQ(view.matching(range(3, 100), SetOf::numbers), uids({7, 9}));
    EXPECT_EQ(view.matching(range(5, 100), SetOf::numbers), UidSet());
    EXPECT_EQ(view.matching({{SetNumber(99), SetNumber::star()}}, SetOf::numbers), uids({9}));
    EXPECT_EQ(view.matching(range(3, 8), SetOf::uids), uids({3, 7}));
    EXPECT_EQ(MailboxView().matching({{SetNumber(1), SetNumber::star()}}, SetOf::numbers), UidSet());
}

// RFC 3501 §7.4.1: each number is counted without those that were told before it.
TEST(MailboxView, ExpungeTellsNumbersAsTheyAreAtThatMoment) {
    MailboxView view(uids({1, 2, 3, 4, 5, 6, 7, 8}));
    const auto told = view.expunge(uids({3, 4, 7, 99}));
    EXPECT_THAT(told, testing::ElementsAre(SequenceNumber(3), SequenceNumber(3), SequenceNumber(5)));
    EXPECT_EQ(view.uids(), uids({1, 2, 5, 6, 8}));
}

TEST(MailboxView, ExpungingAlmostEverythingThereCouldBeIsQuick) {
    MailboxView view(uids({5, 4'000'000'000}));
    EXPECT_EQ(view.expunge(UidSet::all()).size(), 2U);
    EXPECT_EQ(view.size(), 0U);
}

// RFC 7162 §3.2.5.2, with its example: only UIDs divisible by three are there.
TEST(MailboxView, AgreesUpToTheLastNumberThatStillHasItsUid) {
    UidSet thirds;
    for (std::uint32_t uid = 3; uid <= 30'009; uid += 3) thirds.add(Uid(uid));
    const MailboxView view(thirds);
    const auto agrees = [&view](std::string_view numbers, std::string_view of) {
        return view.agrees_up_to(wire::Parser(numbers).sequence_set(), wire::Parser(of).sequence_set());
    };
    EXPECT_EQ(agrees("5000,7500,9000,9990:9999",
                     "15000,22500,27000,29970,29973,29976,29979,29982,29985,29988,29991,29994,29997"),
              Uid(29'997));
    EXPECT_EQ(agrees("4,12", "12,37"), Uid(12));
    EXPECT_EQ(agrees("4", "8"), Uid(0));
    EXPECT_EQ(agrees("1:5", "3:7"), Uid(3));
    EXPECT_EQ(agrees("10003:20000", "30009:40006"), Uid(30'009));
    EXPECT_EQ(agrees("10004:20000", "1:9997"), Uid(0));
    EXPECT_EQ(agrees("1:4294967295", "1:4294967295"), Uid(0));
    EXPECT_EQ(view.agrees_up_to({}, {}), Uid(0));
}

TEST(MailboxView, SetsAreWrittenAsRanges) {
    EXPECT_EQ(to_text(uids({1, 2, 3, 5, 8, 9})), "1:3,5,8:9");
    EXPECT_EQ(to_text(UidSet()), "");
}

TEST(MailboxView, BehavesLikeAPlainList) {
    EXPECT_TRUE(
        rc::check([](const std::vector<std::uint16_t>& arriving, const std::vector<std::uint16_t>& leaving) {
            std::vector<std::uint32_t> list;
            UidSet arrived;
            std::uint32_t uid = 0;
            for (const auto step : arriving) {
                uid += step % 3 + 1U;
                list.push_back(uid);
                arrived.add(Uid(uid));
            }
            MailboxView view(arrived);
            UidSet gone;
            for (const auto one : leaving) gone.add(Uid(one % 20 + 1U));
            for (const auto number : view.expunge(gone)) list.erase(list.begin() + number.value() - 1);
            RC_ASSERT(view.size() == list.size());
            for (std::uint32_t i = 0; i < list.size(); ++i) {
                RC_ASSERT(view.uid_of(SequenceNumber(i + 1)) == Uid(list[i]));
                RC_ASSERT(view.number_of(Uid(list[i])) == SequenceNumber(i + 1));
            }
        }));
}

}  // namespace
}  // namespace hongyan::imap
