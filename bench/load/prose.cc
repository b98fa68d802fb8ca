#include "bench/load/prose.h"

#include <array>
#include <cmath>
#include <string_view>

namespace hongyan::load {

namespace {

constexpr std::size_t vocabulary = 6'000;
constexpr std::array<std::string_view, 24> syllables = {"an",  "be", "con", "der", "e",   "fi",  "ga",  "hon",
                                                        "in",  "ja", "ko",  "li",  "mor", "ne",  "o",   "per",
                                                        "qui", "ra", "ser", "ti",  "u",   "ver", "yan", "zo"};

// Characters as frequent as those of Chinese text: the first few make up most of it.
constexpr std::array<std::string_view, 40> characters = {
    "的", "一", "是", "在", "不", "了", "有", "和", "人", "这", "中", "大", "为", "上",
    "个", "国", "我", "以", "要", "他", "时", "来", "用", "们", "生", "到", "作", "地",
    "于", "出", "就", "分", "对", "成", "会", "可", "主", "发", "年", "信"};

}  // namespace

Prose::Prose(std::uint64_t seed) : random_(seed) {
    words_.reserve(vocabulary);
    for (std::size_t rank = 0; rank < vocabulary; ++rank) {
        std::string word;
        const auto length = 1 + below(2) + (rank > 100 ? 1 : 0) + (rank > 1'000 ? 1 : 0);
        for (std::size_t i = 0; i < length; ++i) word += syllables[below(syllables.size())];
        words_.push_back(std::move(word));
    }
}

double Prose::fraction() { return static_cast<double>(random_() >> 11U) * 0x1p-53; }

// Zipf's law: the word of rank r comes about 1/r as often as the first.
const std::string& Prose::word() {
    const auto rank = std::pow(static_cast<double>(vocabulary), fraction());
    return words_[static_cast<std::size_t>(rank) - 1];
}

std::string Prose::sentence() {
    std::string out;
    for (auto left = 4 + below(14); left > 0; --left) {
        out += word();
        out += left > 1 ? " " : ". ";
    }
    out[0] = static_cast<char>(out[0] - 'a' + 'A');
    return out;
}

std::string Prose::text(std::size_t size) {
    std::string out;
    while (out.size() < size) {
        for (auto sentences = 2 + below(6); sentences > 0; --sentences) {
            out += sentence();
            if (below(2) == 0) out += "\r\n";
        }
        out += "\r\n\r\n";
    }
    out.resize(size);
    return out;
}

std::string Prose::chinese_text(std::size_t size) {
    std::string out;
    while (out.size() < size) {
        for (auto left = 5 + below(20); left > 0; --left)
            out += characters[static_cast<std::size_t>(static_cast<double>(characters.size()) *
                                                       std::pow(fraction(), 2.0))];
        out += below(4) == 0 ? "。\r\n" : "，";
    }
    return out;
}

std::string Prose::page(std::size_t size, bool chinese) {
    std::string out =
        "<html><head><style>p { margin: 0 0 1em; font-family: sans-serif }</style></head><body>\r\n";
    while (out.size() < size) {
        out += fmt::format("<table width=\"600\" cellpadding=\"{}\"><tr><td class=\"c{}\"><p>", below(9),
                           below(30));
        out += chinese ? chinese_text(300) : text(300);
        out += fmt::format("</p><a href=\"https://www.example.test/{:x}\">{}</a></td></tr></table>\r\n",
                           random_(), word());
    }
    return out + "</body></html>\r\n";
}

std::string Prose::noise(std::size_t size) {
    std::string out;
    while (out.size() < size) {
        const auto bits = random_();
        out.append(reinterpret_cast<const char*>(&bits), sizeof bits);
    }
    out.resize(size);
    return out;
}

}  // namespace hongyan::load
