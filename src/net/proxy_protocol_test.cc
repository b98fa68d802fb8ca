#include "net/proxy_protocol.h"

#include <gtest/gtest.h>

namespace hongyan::net {
namespace {

// What becomes of a header: the client's address, "itself", "more" or "none".
std::string outcome(std::string_view bytes) {
    const auto header = parse_proxy_header(bytes);
    if (!header) return "none";
    if (!*header) return "more";
    return (*header)->client ? (*header)->client->to_string() : "itself";
}

constexpr std::string_view signature("\r\n\r\n\0\r\nQUIT\n", 12);
std::string binary(std::string_view rest) { return std::string(signature).append(rest); }

TEST(ProxyProtocol, ReadsTheTextForm) {
    struct Row {
        std::string_view bytes;
        std::string_view outcome;
    };
    for (const auto& row :
         {Row{"PROXY TCP4 192.0.2.1 198.51.100.1 56324 25\r\nEHLO", "192.0.2.1:56324"},
          Row{"PROXY TCP6 2001:db8::1 2001:db8::2 1 25\r\n", "[2001:db8::1]:1"},
          Row{"PROXY UNKNOWN\r\n", "itself"}, Row{"PROXY UNKNOWN ffff::1 ::1 1 2\r\n", "itself"},
          Row{"", "more"}, Row{"PRO", "more"}, Row{"PROXY TCP4 192.0.2.1 198.51", "more"},
          Row{"EHLO there\r\n", "none"}, Row{"PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n", "none"},
          Row{"PROXY TCP4 192.0.2.999 198.51.100.1 1 2\r\n", "none"},
          Row{"PROXY TCP4 2001:db8::1 2001:db8::2 1 25\r\n", "none"},
          Row{"PROXY TCP4 192.0.2.1 198.51.100.1 65536 25\r\n", "none"}, Row{"PROXY UDP4 \r\n", "none"}})
        EXPECT_EQ(outcome(row.bytes), row.outcome) << row.bytes;
    EXPECT_EQ(outcome("PROXY UNKNOWN " + std::string(100, 'x')), "none");
    EXPECT_EQ((*parse_proxy_header("PROXY UNKNOWN\r\nEHLO"))->size, 15U);
}

TEST(ProxyProtocol, ReadsTheBinaryForm) {
    using namespace std::string_view_literals;
    const auto v4 = binary("\x21\x11\x00\x0c\xc0\x00\x02\x01\xc6\x33\x64\x01\xdc\x04\x00\x19"sv);
    EXPECT_EQ(outcome(v4), "192.0.2.1:56324");
    for (std::size_t size = 0; size < v4.size(); ++size)
        EXPECT_EQ(outcome(v4.substr(0, size)), "more") << size;
    EXPECT_EQ((*parse_proxy_header(v4 + "EHLO"))->size, v4.size());
    EXPECT_EQ(outcome(binary("\x20\x00\x00\x00"sv)), "itself");
    EXPECT_EQ(outcome(binary("\x21\x31\x00\x01x"sv)), "itself");
    EXPECT_EQ(outcome(binary("\x21\x11\x00\x01x"sv)), "none");
    EXPECT_EQ(outcome(binary("\x11\x11\x00\x00"sv)), "none");
    EXPECT_EQ(outcome(binary("\x21\x11\xff\xff"sv)), "none");
    EXPECT_EQ(outcome(binary("\x21\x21\x00\x24"sv) + std::string(15, '\0') + '\1' + std::string(16, '\0') +
                      std::string("\x00\x19\x00\x19", 4)),
              "[::1]:25");
}

}  // namespace
}  // namespace hongyan::net
