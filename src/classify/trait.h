// What is odd about a message without knowing any mail: each oddity has a code, what it speaks for where
// nothing has been learned yet, and a sentence.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string_view>

namespace hongyan::classify {

enum class Trait : std::uint8_t {
    no_date,
    unreadable_date,
    date_ahead,
    date_behind,
    no_message_id,
    bare_message_id,
    no_sender,
    sender_shows_other_address,
    sender_of_digits,
    answers_elsewhere,
    no_recipients,
    hidden_recipients,
    no_subject,
    shouted_subject,
    excited_subject,
    tagged_subject,
    spaced_subject,
    raw_header,
    false_reply,
    real_reply,
    urgent,
    no_mime_version,
    only_html,
    wrapped_text,
    no_text,
    shouted_text,
    hidden_characters,
    only_pictures,
    program_attached,
    disguised_program,
    form,
    script,
    frame,
    split_words,
    tiny_letters,
    unseen_letters,
    tracking_picture,
    link_to_number,
    link_with_user,
    link_in_disguise,
    link_shows_other,
    link_to_port,
    sells_invoices,
    offers_gambling,
    offers_fortune,
    offers_medicine,
    offers_credit,
    offers_removal,
    last_ = offers_removal,
};
inline constexpr std::size_t trait_count = static_cast<std::size_t>(Trait::last_) + 1;

struct TraitRow {
    Trait trait;
    std::string_view code;      // stable; also what the model knows it by
    double points;              // above 0 speaks for junk; 5 together are junk
    std::string_view sentence;  // without a full stop
};
// In the order of the traits.
std::span<const TraitRow> trait_rows();
const TraitRow& row_of(Trait trait);

class Traits {
public:
    void set(Trait trait, bool is_so = true) {
        if (is_so) set_.set(static_cast<std::size_t>(trait));
    }
    bool has(Trait trait) const { return set_.test(static_cast<std::size_t>(trait)); }

private:
    std::bitset<trait_count> set_;
};

}  // namespace hongyan::classify
