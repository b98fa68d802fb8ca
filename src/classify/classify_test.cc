#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/ascii.h"
#include "classify/features.h"
#include "classify/model_record.h"
#include "classify/verdict.h"
#include "classify/words.h"
#include "message/charset.h"
#include "message/date.h"

namespace hongyan::classify {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string mail(std::string_view header, std::string_view text) {
    return fmt::format(
        "From: Ann <ann@example.org>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nTo: bob@example.net\r\n"
        "Message-ID: <1@example.org>\r\n{}\r\n{}",
        header, text);
}
std::vector<std::string> texts_of(const Seen& seen, Kind kind) {
    std::vector<std::string> texts;
    for (const auto& feature : seen.features.worded())
        if (feature.kind == kind) texts.emplace_back(seen.features.text(feature));
    return texts;
}
Seen look(std::string_view raw) { return look_at(raw, std::nullopt); }
void teach(Model& model, std::string_view raw, Label label) {
    const auto seen = look(raw);
    model.learn(model.lesson(seen.features, label, model.weigh(seen.features)));
}
double points(const Model& model, std::string_view raw) { return points_of(look(raw), {.shared = &model}); }

std::vector<std::string> list_words(std::string_view utf8, std::size_t most) {
    std::vector<std::string> listed;
    const auto words = words_of(utf8, most);
    for (std::size_t i = 0; i < words.size(); ++i) listed.emplace_back(words[i]);
    return listed;
}

TEST(Words, AreCutAndPutInLowerCase) {
    EXPECT_THAT(list_words("Hello, WORLD! It's state-of-the-art.", 100),
                ElementsAre("hello", "world", "!", "it's", "state-of-the-art"));
    EXPECT_THAT(list_words("only $100 of 123456", 100), ElementsAre("only", "$100", "of", "0000"));
    EXPECT_THAT(list_words("ÜBER ЖИЗНЬ ＦＲＥＥ", 100), ElementsAre("über", "жизнь", "free"));
    EXPECT_THAT(list_words("vi\u200bag\u00adra", 100), ElementsAre("viagra"));
    EXPECT_THAT(list_words("a b c", 2), ElementsAre("a", "b"));
}

// Letters are looked at eight at a time, and copied sixteen at a time.
TEST(Words, OfAnyLengthAnywhereAreTheSame) {
    const std::string letters = "abcdefghijklmnopqrstuvwxyz0123";
    for (std::size_t before = 0; before < 9; ++before)
        for (std::size_t size = 1; size <= letters.size(); ++size) {
            const auto word = letters.substr(0, size);
            for (const std::string_view end : {"", " ", "@", "[", "`", "{", "/", ":", "\x7f", "\x01"})
                EXPECT_THAT(list_words(std::string(before, ' ') + word + std::string(end), 9),
                            ElementsAre(word));
            EXPECT_THAT(list_words(word + "É", 9), ElementsAre(word + "é"));
        }
}

TEST(Words, OfChineseAreItsPairsOfCharacters) {
    EXPECT_THAT(list_words("代开发票，联系", 100), ElementsAre("代开", "开发", "发票", "联系"));
    EXPECT_THAT(list_words("加VX看", 100), ElementsAre("vx"));
}

RC_GTEST_PROP(PlainText, IsTheSameHoweverManyBytesAreTakenAtOnce, ()) {
    const auto letters = *rc::gen::container<std::string>(
        rc::gen::element('a', 'Z', '@', '[', '9', ' ', '\t', '\r', '\n', '\v', '\x7f', '\xe4', '\xa0'));
    const auto most = *rc::gen::inRange<std::size_t>(0, letters.size() + 2);
    std::string expected;
    for (std::size_t i = 0; i < letters.size() && expected.size() < most; ++i) {
        const bool is_blank = ascii::is_space(letters[i]);
        if (is_blank && i > 0 && ascii::is_space(letters[i - 1])) continue;
        expected += is_blank ? ' ' : ascii::lower(letters[i]);
    }
    RC_ASSERT(plain_text(letters, most) == expected);
}

TEST(Features, AreTheSameWhateverTheCharset) {
    const std::string text = "您好，我公司可代开各类发票，点数优惠";
    const auto header = [](std::string_view charset) {
        return fmt::format("MIME-Version: 1.0\r\nContent-Type: text/plain; charset={}\r\n", charset);
    };
    const auto utf8 = look(mail(header("utf-8"), text));
    const auto gbk = look(mail(header("gb2312"), message::from_utf8(text, "gb18030")));
    EXPECT_THAT(texts_of(utf8, Kind::word), Contains("发票"));
    EXPECT_EQ(texts_of(utf8, Kind::word), texts_of(gbk, Kind::word));
    EXPECT_TRUE(gbk.traits.has(Trait::sells_invoices));
    const std::string traditional = "代開發票";
    const auto big5 = look(mail(header("big5"), message::from_utf8(traditional, "big5")));
    EXPECT_THAT(texts_of(big5, Kind::word), ElementsAre("代開", "開發", "發票"));
    EXPECT_TRUE(big5.traits.has(Trait::sells_invoices));
}

TEST(Features, SeeTheTextOfHtmlItsMarkupAndItsLinks) {
    const auto seen =
        look(mail("MIME-Version: 1.0\r\nContent-Type: text/html\r\n",
                  "<body bgcolor=#ffffff><font color=#ffffff>via</font><b>gra<!-- x --></b>"
                  " sold <a href=\"http://www.Shop.example.co.uk/buy?x=1\">http://bank.example/</a>"));
    EXPECT_THAT(texts_of(seen, Kind::word), Contains("viagra"));
    EXPECT_THAT(texts_of(seen, Kind::markup), Contains("font color=#ffffff"));
    EXPECT_THAT(texts_of(seen, Kind::link_host), Contains("example.co.uk"));
    EXPECT_THAT(texts_of(seen, Kind::link_word), Contains("buy"));
    EXPECT_TRUE(seen.traits.has(Trait::unseen_letters));
    EXPECT_TRUE(seen.traits.has(Trait::link_shows_other));
    EXPECT_TRUE(seen.traits.has(Trait::only_html));
}

TEST(Features, LeaveOutWhatTellsOnlyWhereMailWasCollected) {
    const auto plain = look(mail("", "text\r\n"));
    const auto marked =
        look(mail("Received: from a.example by b.example; Sat, 21 Nov 2026 10:00:00 +0000\r\n"
                  "Delivered-To: bob@example.net\r\nX-Spam-Status: Yes\r\nList-Id: <l.example>\r\n"
                  "Precedence: bulk\r\n",
                  "text\r\n"));
    EXPECT_EQ(plain.features.size(), marked.features.size());
}

TEST(Features, AreBounded) {
    std::string many = mail("", "");
    for (int i = 0; i < 100'000; ++i) many += fmt::format("word{} ", i);
    EXPECT_LE(look(many).features.size(), max_features);
    EXPECT_LE(look(std::string(1'000'000, '<')).features.size(), max_features);
}

struct TraitCase {
    Trait trait;
    std::string raw;
};

// What a table held back when its places could be reckoned by anybody: each look went past all before it.
// Those of chance are near 5,000, and would be so many once in some 10,000 runs at most.
constexpr std::size_t bad_luck = 1'000 * max_features;
constexpr int places_of_the_crafted = 2'000;

TEST(Features, FragmentsThatSomebodyHasChosenGoPastNoMoreThanOthers) {
    // Times 0x9e3779b1, by which every program has once multiplied them, they are in a few places of a table.
    constexpr std::uint32_t multiplier = 0x9e37'79b1, its_inverse = 0x0e8b'2f51;
    static_assert(multiplier * its_inverse == 1);
    std::vector<std::uint32_t> crafted;
    for (std::uint32_t i = 0; i < max_features; ++i)
        crafted.push_back(its_inverse * ((i % places_of_the_crafted << 12U) + i / places_of_the_crafted + 1));
    const auto passed = [&](SeenFragments seen) {
        seen.expect(crafted.size());
        std::size_t found = 0;
        for (const auto number : crafted) found += seen.insert(number) ? 1 : 0;
        EXPECT_EQ(found, crafted.size());
        return seen.passed();
    };
    EXPECT_GT(passed(SeenFragments(multiplier)), bad_luck);
    EXPECT_LT(passed(SeenFragments()), bad_luck);
}

TEST(Features, WordsThatSomebodyHasChosenGoPastNoMoreThanOthers) {
    constexpr std::uint64_t multiplier = 0x9e37'79b9'7f4a'7c15;  // known to all
    Features crafted;
    for (int i = 0; crafted.size() < max_features; ++i) {
        const auto word = fmt::format("w{}", i);
        if ((hash_of(Kind::word, word) * multiplier) >> 48U < places_of_the_crafted)
            crafted.add(Kind::word, word);
    }
    auto copy = crafted;
    EXPECT_GT(copy.finish(multiplier), bad_luck);
    EXPECT_LT(crafted.finish(), bad_luck);
    EXPECT_EQ(crafted.size(), max_features);
}

TEST(Traits, AreSeenInMailAndNotElsewhere) {
    const auto plain = look(mail("Subject: Minutes\r\n", "Here are the minutes of our meeting.\r\n"));
    const TraitCase cases[] = {
        {Trait::no_date, "From: a@example.org\r\n\r\ntext"},
        {Trait::unreadable_date, "Date: soon\r\n\r\ntext"},
        {Trait::no_message_id, "From: a@example.org\r\n\r\ntext"},
        {Trait::no_sender, "Subject: x\r\n\r\ntext"},
        {Trait::sender_shows_other_address, "From: \"service@bank.example\" <x@thief.example>\r\n\r\ntext"},
        {Trait::shouted_subject, "Subject: BUY THIS NOW OR NEVER\r\n\r\ntext"},
        {Trait::excited_subject, "Subject: Now!!\r\n\r\ntext"},
        {Trait::tagged_subject, "Subject: Great offer            xkqjz\r\n\r\ntext"},
        {Trait::spaced_subject, "Subject: V I A G R A now\r\n\r\ntext"},
        {Trait::false_reply, "Subject: Re: our talk\r\n\r\ntext"},
        {Trait::real_reply, "Subject: Re: our talk\r\nIn-Reply-To: <1@example.org>\r\n\r\ntext"},
        {Trait::link_to_number, mail("", "see http://192.0.2.1/x now")},
        {Trait::link_with_user, mail("", "see http://bank.example@192.0.2.1/ now")},
        {Trait::link_in_disguise, mail("", "see http://%65vil.example/ now")},
        {Trait::link_to_port, mail("", "see http://example.org:8081/ now")},
        {Trait::form, mail("Content-Type: text/html\r\n", "<form action=x></form>")},
        {Trait::split_words, mail("Content-Type: text/html\r\n", "vi<!--a-->ag<!--b-->ra is<!--c-->it")},
        {Trait::disguised_program,
         mail("Content-Type: application/x; name=\"bill.pdf.exe\"\r\nContent-Disposition: attachment\r\n",
              "MZ")},
    };
    for (const auto& row : cases) {
        EXPECT_TRUE(look(row.raw).traits.has(row.trait)) << row_of(row.trait).code;
        EXPECT_FALSE(plain.traits.has(row.trait)) << row_of(row.trait).code;
    }
}

TEST(Traits, OfPhrasesAreSeenWhereverTheyStand) {
    for (std::size_t before = 0; before < 30; ++before)
        for (const std::string_view text :
             {"Order\r\n  VIAGRA", "bad  credit? no\nproblem", "\u53d1\u7968 \u70b9\u6570\u4f4e"}) {
            const auto all = std::string(before, 'x') + std::string(text);
            const auto seen = look(mail("Content-Type: text/plain; charset=utf-8\r\n", all));
            EXPECT_TRUE(seen.traits.has(Trait::offers_medicine) || seen.traits.has(Trait::offers_credit) ||
                        seen.traits.has(Trait::sells_invoices))
                << all;
        }
    EXPECT_FALSE(look(mail("", "viagr a, cialis")).traits.has(Trait::offers_medicine));
}

TEST(Traits, OfDatesNeedTheDayOfArrival) {
    const auto raw = mail("", "text");
    const auto arrived = *message::parse_date("Fri, 13 Nov 2026 10:00:00 +0000");
    EXPECT_TRUE(look_at(raw, arrived.instant).traits.has(Trait::date_ahead));
    EXPECT_TRUE(look_at(raw, arrived.instant + std::chrono::days(20)).traits.has(Trait::date_behind));
    EXPECT_FALSE(look_at(raw, arrived.instant + std::chrono::days(8)).traits.has(Trait::date_behind));
}

const std::string junk_mail =
    mail("Subject: cheap pills\r\n", "cheap pills without a doctor, click here to order now\r\n");
const std::string good_mail =
    mail("Subject: minutes\r\n", "the minutes of our meeting on Monday, see you at the office\r\n");

TEST(Model, LearnsWhatItIsTaught) {
    Model model(shared_bits);
    EXPECT_EQ(points(model, junk_mail), points_of(look(junk_mail), {})) << "an untaught model adds nothing";
    for (int i = 0; i < 20; ++i) {
        teach(model, junk_mail, Label::junk);
        teach(model, good_mail, Label::good);
    }
    EXPECT_GT(model.weigh(look(junk_mail).features), 1);
    EXPECT_LT(model.weigh(look(good_mail).features), -1);
    EXPECT_EQ(model.junk(), 20U);
}

TEST(Model, LearnsChinese) {
    const auto junk = mail("Subject: 优惠\r\n", "低价办理各类证件，刻章，加微信咨询\r\n");
    const auto good = mail("Subject: 会议\r\n", "请于周一上午参加工作会议，地点在三楼会议室\r\n");
    Model model(account_bits);
    for (int i = 0; i < 20; ++i) {
        teach(model, junk, Label::junk);
        teach(model, good, Label::good);
    }
    EXPECT_GT(model.weigh(look(mail("", "各类证件低价办理，请加微信咨询\r\n")).features), 0);
    EXPECT_LT(model.weigh(look(mail("", "工作会议改在周二上午\r\n")).features), 0);
}

TEST(Model, IsNotBelievedBeforeItKnowsBothKinds) {
    Model model(account_bits);
    for (int i = 0; i < 1'000; ++i) teach(model, junk_mail, Label::junk);
    EXPECT_EQ(confidence(model.junk(), model.good()), 0);
    EXPECT_LT(points(model, mail("", "cheap flights for our meeting\r\n")), junk_points);
}

TEST(Model, ForgetsWhatIsTakenBack) {
    Model model(account_bits);
    const auto seen = look(junk_mail);
    const auto before = model.weigh(seen.features);
    model.learn(model.lesson(seen.features, Label::junk, before));
    const auto taught = model.weigh(seen.features);
    model.learn(model.unlesson(seen.features, Label::junk, taught));
    EXPECT_LT(model.weigh(seen.features), taught);
    EXPECT_EQ(model.junk(), 0U);
    for (const auto& feature : seen.features.worded()) EXPECT_EQ(model.at(feature.hash).junk, 0);
}

TEST(Verdict, SaysWhyInWords) {
    Model model(shared_bits);
    for (int i = 0; i < 40; ++i) {
        teach(model, junk_mail, Label::junk);
        teach(model, good_mail, Label::good);
    }
    const auto verdict = judge(look(junk_mail), {.shared = &model});
    EXPECT_TRUE(verdict.is_junk());
    double sum = 0;
    std::string all;
    for (const auto& line : verdict.lines) {
        sum += line.points;
        all += line.words + "\n";
    }
    EXPECT_NEAR(sum, verdict.points, 1e-9);
    EXPECT_NEAR(verdict.points, points_of(look(junk_mail), {.shared = &model}), 1e-9);
    EXPECT_THAT(all, HasSubstr("times as frequent in junk"));
    EXPECT_FALSE(judge(look(good_mail), {.shared = &model}).is_junk());
}

TEST(Verdict, CountsHowOftenAWordWasSeen) {
    EXPECT_EQ(in_words(Kind::word, "viagra", {.junk = 17, .good = 0}, 99, 99),
              "the word \"viagra\" is 35 times as frequent in junk");
    EXPECT_EQ(in_words(Kind::word, "minutes", {.junk = 1, .good = 4}, 99, 99),
              "the word \"minutes\" is 3.0 times as frequent in good mail");
    EXPECT_EQ(in_words(Kind::link_host, "shop.example", {.junk = 1, .good = 1}, 9, 9),
              "a link to \"shop.example\" is as frequent in junk as in good mail");
    EXPECT_THAT(in_words(Kind::header, "a\r\nb", {}, 0, 0), Not(HasSubstr("\n")));
}

TEST(Verdict, OfAnAccountMayDifferFromTheShared) {
    Model shared(shared_bits), own(account_bits);
    for (int i = 0; i < 40; ++i) {
        teach(shared, junk_mail, Label::junk);
        teach(shared, good_mail, Label::good);
    }
    const auto seen = look(junk_mail);
    for (int i = 0; i < 40; ++i)
        own.learn(own.lesson(seen.features, Label::good,
                             weigh(seen.features, {.shared = &shared, .account = &own})));
    EXPECT_TRUE(judge(seen, {.shared = &shared}).is_junk());
    EXPECT_FALSE(judge(seen, {.shared = &shared, .account = &own}).is_junk());
}

TEST(Verdict, OfRulesAlonePutsOnlyPlainJunkAside) {
    EXPECT_FALSE(judge(look(good_mail), {}).is_junk());
    EXPECT_FALSE(
        judge(look(mail("Subject: 发票\r\n", "您好，附件是上月的发票，请查收。\r\n")), {}).is_junk());
    EXPECT_TRUE(
        judge(look("From: \"service@bank.example\" <x@thief.example>\r\nSubject: YOUR ACCOUNT IS CLOSED!!\r\n"
                   "\r\nlog in at http://192.0.2.1/ now"),
              {})
            .is_junk());
}

TEST(ModelRecord, ReadsWhatItWrote) {
    Model model(account_bits);
    for (int i = 0; i < 3; ++i) {
        teach(model, junk_mail, Label::junk);
        teach(model, good_mail, Label::good);
    }
    const auto pieces = ModelRecord::pieces(model, 500);
    EXPECT_GT(pieces.size(), 1U);
    for (const auto& piece : pieces) EXPECT_LE(piece.size(), 500U);
    const auto read = ModelRecord::read(ModelRecord::head(model), pieces);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, model);
    EXPECT_FALSE(ModelRecord::read({.bits = 99}, {}));
    EXPECT_FALSE(ModelRecord::read(ModelRecord::head(model), std::vector<std::string>{"\xff"}));
}

TEST(ModelRecord, KeepsLessons) {
    const auto seen = look(junk_mail);
    const auto lesson = Model(shared_bits).lesson(seen.features, Label::junk, 0);
    EXPECT_FALSE(lesson.slots.empty());
    const auto read = decode_lesson(encode(lesson));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, lesson);
    EXPECT_FALSE(decode_lesson(""));
    EXPECT_FALSE(decode_lesson("\x7f"));
}

RC_GTEST_PROP(Look, TakesAnyBytes, (const std::string& raw)) {
    const auto seen = look(raw);
    RC_ASSERT(seen.features.size() <= max_features);
}

}  // namespace
}  // namespace hongyan::classify
