// The characters that are most frequent in running text and mail of a language: a third to two thirds of any
// text. Common linguistic knowledge, for charset_guess.cc only.
#pragma once

#include <string_view>

namespace hongyan::message {

inline constexpr std::string_view frequent_simplified =
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种"
    "面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本"
    "去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比"
    "或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题程展五果料象员位入常文总次品"
    "式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被做必先回"
    "则任取据处队南给色光门即保治北造百规热领七海口东导器世金增争济思术极交受联什认六共权收证改清己美再转"
    "更单风切打白教速花带安场身车例真务具万每目至达走积示议声报完类八离华名确才科张信马节话邮您请谢，。、"
    "！？：；（）“”《》";

inline constexpr std::string_view frequent_traditional =
    "的一是在不了有和人這中大為上個國我以要他時來用們生到作地於出就分對成會可主發年動同工也能下過子說產種"
    "面而方後多定行學法所民得經十三之進著等部度家電力裡如水化高自二理起小物現實加量都兩體制機當使點從業本"
    "去把性好應開它合還因由其些然前外天政四日那社義事平形相全表間樣與關各重新線內數正心反你明看原又麼利比"
    "或但質氣第向道命此變條只沒結解問意建月公無系軍很情者最立代想已通並提直題程展五果料象員位入常文總次品"
    "式活設及管特件長求老頭基資邊流路級少圖山統接知較將組見計別她手角期根論運農指幾九區強放決西被做必先回"
    "則任取據處隊南給色光門即保治北造百規熱領七海口東導器世金增爭濟思術極交受聯什認六共權收證改清己美再轉"
    "更單風切打白教速花帶安場身車例真務具萬每目至達走積示議聲報完類八離華名確才科張信馬節話郵您請謝，。、"
    "！？：；（）「」《》";

inline constexpr std::string_view frequent_japanese =
    "のにはをたがでてとしれさいるなもあらこりまうすっくけだかきせそちつどよんわおえみめほじばろびゃゅょ"
    "ンーストルラリアイクシドプロマタフメレサカテジコデグ日本人年月時間大中会社様件名前後上下一二三、。「」";

inline constexpr std::string_view frequent_korean =
    "이다는의에을가고하지로한기를리도은사나자어시대아인그서해정스라과부일수제보전으만들게원주구관상적장있세"
    "와동안조여공성선우위했었였입니습합되면내당국경요비오유무신문드메광명품화";

inline constexpr std::string_view frequent_cyrillic = "оеаинтсрвлОЕАИНТСРВЛ";

inline constexpr std::string_view frequent_western = "éèàâêëçùûîïôäöüßÄÖÜÉÀñáíóúãõåøæÅØÆ’‘“”–—…€£©®°";

}  // namespace hongyan::message
