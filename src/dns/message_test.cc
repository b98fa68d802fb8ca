#include "dns/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"

namespace hongyan::dns {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Question asked{.name = Name::parse("a.example").value(), .type = Type::txt};

// A record that belongs to what the pointer says, "\xc0\x0c" for the name that was asked for.
std::string record(std::string_view owner, Type type, std::string_view data, std::uint32_t ttl = 60) {
    std::string out(owner);
    bytes::put_big_endian(out, static_cast<std::uint16_t>(type));
    bytes::put_big_endian(out, std::uint16_t{1});
    bytes::put_big_endian(out, ttl);
    bytes::put_big_endian(out, static_cast<std::uint16_t>(data.size()));
    return out.append(data);
}

std::string reply(unsigned flags, const std::vector<std::string>& records) {
    auto out = question_message(7, asked);
    out[2] = static_cast<char>(flags >> 8U);
    out[3] = static_cast<char>(flags);
    out[7] = static_cast<char>(records.size());
    for (const auto& each : records) out += each;
    return out;
}

constexpr std::string_view the_name = "\xc0\x0c";
constexpr unsigned good = 0x8180;

TEST(DnsMessage, RecordsAreReadOneByOne) {
    const auto read =
        read_answer(reply(good, {record(the_name, Type::txt, "\3one"), record(the_name, Type::txt, ""),
                                 record(std::string("\1B\7example\0", 11), Type::txt, "\1x"),
                                 record(the_name, Type::txt, "\3two")}),
                    7, asked);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->answer.status, Status::found);
    EXPECT_THAT(read->answer.records, ElementsAre("\3one", "", "\3two"));
    EXPECT_EQ(read->answer.ttl, std::chrono::seconds(60));
    EXPECT_FALSE(read->answer.secure);
}

TEST(DnsMessage, CnamesAreFollowedThroughPointers) {
    const std::string other("\1b\xc0\x0e", 4);  // b, then what stands behind the first label of the question
    const auto read = read_answer(
        reply(good, {record(other, Type::txt, "\3two"), record(the_name, Type::cname, other)}), 7, asked);
    ASSERT_TRUE(read);
    EXPECT_THAT(read->answer.records, ElementsAre("\3two"));
    EXPECT_EQ(read->answer.canonical.text(), "b.example");
    const auto circle = read_answer(reply(good, {record(the_name, Type::cname, the_name)}), 7, asked);
    ASSERT_TRUE(circle);
    EXPECT_EQ(circle->answer.status, Status::failed) << "it says nothing about the name";
}

TEST(DnsMessage, AnAnswerLivesAsLongAsTheShortestLivedOfItsRecords) {
    const std::string b("\1b\xc0\x0e", 4), c("\1c\xc0\x0e", 4);
    const auto ttl = [&](std::uint32_t first, std::uint32_t second, std::uint32_t text) {
        const auto read = read_answer(
            reply(good, {record(the_name, Type::cname, b, first), record(b, Type::cname, c, second),
                         record(c, Type::txt, "\3one", text), record(the_name, Type::mx, "x", 1)}),
            7, asked);
        return read ? read->answer.ttl : std::chrono::seconds(-1);
    };
    EXPECT_EQ(ttl(300, 400, 500), std::chrono::seconds(300)) << "the first CNAME";
    EXPECT_EQ(ttl(300, 30, 500), std::chrono::seconds(30)) << "the second one";
    EXPECT_EQ(ttl(300, 400, 50), std::chrono::seconds(50)) << "the text";
    EXPECT_EQ(ttl(300, 400, 0x8000'0001), std::chrono::seconds(0)) << "the top bit is set";
    EXPECT_EQ(ttl(0xffff'ffff, 400, 500), std::chrono::seconds(0));
}

TEST(DnsMessage, TheCodeTellsWhatIsNotThere) {
    const std::pair<unsigned, Status> rows[] = {{0x8180, Status::no_data},
                                                {0x8183, Status::no_domain},
                                                {0x8182, Status::failed},
                                                {0x8185, Status::failed}};
    for (const auto& [flags, status] : rows) {
        const auto read = read_answer(reply(flags, {}), 7, asked);
        ASSERT_TRUE(read) << flags;
        EXPECT_EQ(read->answer.status, status) << flags;
        EXPECT_THAT(read->answer.records, IsEmpty());
    }
    EXPECT_TRUE(read_answer(reply(0x8380, {}), 7, asked)->truncated);
}

TEST(DnsMessage, WhatIsNoAnswerIsRefused) {
    const auto whole = reply(good, {record(the_name, Type::txt, "\3one")});
    EXPECT_TRUE(read_answer(whole, 7, asked));
    EXPECT_FALSE(read_answer(whole, 8, asked)) << "another id";
    EXPECT_FALSE(read_answer(reply(0x0100, {}), 7, asked)) << "a question";
    EXPECT_FALSE(read_answer(whole, 7, {Name::parse("b.example").value(), Type::txt})) << "another name";
    EXPECT_FALSE(read_answer(whole, 7, {asked.name, Type::a})) << "another type";
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(read_answer(std::string_view(whole).substr(0, size), 7, asked)) << size;
    const std::string loop("\xc0\x1b", 2);  // of itself: it stands behind 12 octets and the question's 15
    EXPECT_FALSE(read_answer(reply(good, {record(loop, Type::txt, "\1x")}), 7, asked));
}

}  // namespace
}  // namespace hongyan::dns
