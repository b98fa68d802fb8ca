#include "message/a_labels.h"

#include <gtest/gtest.h>

namespace hongyan::message {
namespace {

TEST(ALabels, AreTheAsciiOfAnyDomain) {
    EXPECT_EQ(to_a_labels("b\xc3\xbc"
                          "cher.example"),
              "xn--bcher-kva.example");
    EXPECT_EQ(to_a_labels("here.test"), "here.test");
    EXPECT_EQ(to_a_labels("[192.0.2.1]"), "[192.0.2.1]");
    EXPECT_FALSE(to_a_labels("\xff.example"));
    EXPECT_FALSE(to_a_labels("\xe2\x80\x8b\xc3\xbc-.-.example"));
}

}  // namespace
}  // namespace hongyan::message
