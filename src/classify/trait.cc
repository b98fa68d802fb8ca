#include "classify/trait.h"

#include <array>

namespace hongyan::classify {

namespace {

using enum Trait;

constexpr auto rows = std::to_array<TraitRow>({
    {no_date, "no-date", 1.0, "it has no date"},
    {unreadable_date, "unreadable-date", 1.2, "its date cannot be read"},
    {date_ahead, "date-ahead", 1.2, "its date is more than a day after it came"},
    {date_behind, "date-behind", 0.4, "its date is more than four days before it came"},
    {no_message_id, "no-message-id", 0.6, "it has no Message-ID"},
    {bare_message_id, "bare-message-id", 0.6, "its Message-ID names no host"},
    {no_sender, "no-sender", 1.5, "it names no sender"},
    {sender_shows_other_address, "sender-shows-other-address", 2.0,
     "the sender's name shows an address of another domain than his own"},
    {sender_of_digits, "sender-of-digits", 0.3, "the sender's address has many digits"},
    {answers_elsewhere, "answers-elsewhere", 0.3, "answers go to another domain than the sender's"},
    {no_recipients, "no-recipients", 0.6, "it names no recipient"},
    {hidden_recipients, "hidden-recipients", 0.4, "its recipients are undisclosed"},
    {no_subject, "no-subject", 0.4, "it has no subject"},
    {shouted_subject, "shouted-subject", 1.0, "its subject is in capitals"},
    {excited_subject, "excited-subject", 0.6, "its subject has several exclamation marks"},
    {tagged_subject, "tagged-subject", 1.2, "its subject ends, far to the right, in a meaningless word"},
    {spaced_subject, "spaced-subject", 1.5, "its subject is s p e l l e d with blanks"},
    {raw_header, "raw-header", 0.5, "its subject or sender has bytes that no charset explains"},
    {false_reply, "false-reply", 0.6, "it calls itself an answer and names no message that it answers"},
    {real_reply, "real-reply", -0.5, "it names a message that it answers"},
    {urgent, "urgent", 0.3, "it is marked as urgent"},
    {no_mime_version, "no-mime-version", 0.3, "it has MIME parts and does not say so"},
    {only_html, "only-html", 0.4, "it is HTML without a plain text"},
    {wrapped_text, "wrapped-text", 0.8, "plain English text is wrapped in base64"},
    {no_text, "no-text", 0.3, "it has no text"},
    {shouted_text, "shouted-text", 0.8, "most of its text is in capitals"},
    {hidden_characters, "hidden-characters", 1.0, "words are broken by characters that nobody sees"},
    {only_pictures, "only-pictures", 0.8, "it shows pictures and hardly any text"},
    {program_attached, "program-attached", 2.5, "a program is attached"},
    {disguised_program, "disguised-program", 4.0, "a program is attached under the name of a document"},
    {form, "form", 1.0, "it has a form to be filled in"},
    {script, "script", 1.0, "it has a script"},
    {frame, "frame", 1.0, "it loads another page"},
    {split_words, "split-words", 2.0, "words are split by empty markup"},
    {tiny_letters, "tiny-letters", 1.2, "some of its letters are too small to be read"},
    {unseen_letters, "unseen-letters", 1.2, "some of its letters have the colour of their background"},
    {tracking_picture, "tracking-picture", 0.3, "a picture of one pixel tells who reads it"},
    {link_to_number, "link-to-number", 1.5, "a link goes to a number instead of a name"},
    {link_with_user, "link-with-user", 1.5, "a link hides its host behind a user name"},
    {link_in_disguise, "link-in-disguise", 1.5, "the host of a link is written in percent signs"},
    {link_shows_other, "link-shows-other", 1.5, "a link shows another domain than it goes to"},
    {link_to_port, "link-to-port", 0.6, "a link goes to an unusual port"},
    {sells_invoices, "sells-invoices", 4.0, "it offers to issue invoices (发票)"},
    {offers_gambling, "offers-gambling", 3.0, "it offers gambling"},
    {offers_fortune, "offers-fortune", 2.5, "it offers a stranger's fortune"},
    {offers_medicine, "offers-medicine", 2.0, "it offers medicine for sale"},
    {offers_credit, "offers-credit", 1.0, "it offers credit"},
    {offers_removal, "offers-removal", 0.7, "it says how to be removed from a list by replying"},
});
static_assert(rows.size() == trait_count);
static_assert([] {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (static_cast<std::size_t>(rows[i].trait) != i) return false;
    return true;
}());

}  // namespace

std::span<const TraitRow> trait_rows() { return rows; }

const TraitRow& row_of(Trait trait) { return rows[static_cast<std::size_t>(trait)]; }

}  // namespace hongyan::classify
