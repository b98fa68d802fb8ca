// What belongs to mailboxes beside their messages: who else may use them, annotations, and the keys of URLs.
#include "store/account_check.h"
#include "store/grants.h"
#include "store/keys.h"
#include "store/reading.h"
#include "store/records.h"
#include "store/url_keys.h"

namespace hongyan::store {
namespace {

constexpr std::size_t grant_key_size = keys::after_mailbox + sizeof(std::uint32_t);
constexpr std::size_t annotation_name = keys::after_mailbox + sizeof(std::uint32_t);  // where it begins

bool is_annotation_name(std::string_view key) {
    return key.size() > annotation_name + 1 && key[annotation_name] == '/';
}

}  // namespace

bool AccountCheck::is_mailbox_of(std::string_view key) const {
    const auto id = keys::number_at<MailboxId>(key, keys::after_letter);
    return id && mailboxes_.contains(*id);
}

// Nobody gets more rights by a repair: what cannot be read gives none.
Result<void> AccountCheck::compare_grants() {
    return each_below(*snapshot_, std::string(1, keys::grant_letter),
                      [&](auto key, auto value) -> Result<void> {
                          const auto rights = decode_rights(value);
                          const bool is_one = key.size() == grant_key_size && is_mailbox_of(key);
                          if (is_one && rights && !rights->empty()) return {};
                          found(is_one ? "the rights that somebody has in a mailbox are damaged"
                                       : "somebody has rights in a mailbox that is not there");
                          records_[std::string(key)] = std::nullopt;
                          return {};
                      });
}

Result<void> AccountCheck::compare_annotations() {
    return each_below(
        *snapshot_, std::string(1, keys::annotation_letter), [&](auto key, auto value) -> Result<void> {
            if (keys::is_url_key(key)) {
                compare_url_key(key, value);
                return {};
            }
            const auto mailbox = keys::number_at<MailboxId>(key, keys::after_letter);
            const auto record = decode_annotation(value);
            const bool is_one = is_annotation_name(key) && (mailbox == no_mailbox || is_mailbox_of(key));
            if (is_one && record) {
                raise(highest_annotation_, record->modseq);
                return {};
            }
            found(is_one ? fmt::format("the annotation {} is damaged", key.substr(annotation_name))
                         : "there is an annotation of a mailbox that is not there");
            records_[std::string(key)] = std::nullopt;
            return {};
        });
}

// Without it all that was signed by it gives leave no more, and a new one is made when it is needed.
void AccountCheck::compare_url_key(std::string_view key, std::string_view value) {
    const bool is_one = is_mailbox_of(key);
    if (is_one && value.size() == url_key_size) return;
    found(is_one ? "the key that signs URLs of a mailbox is damaged"
                 : "there is a key for URLs of a mailbox that is not there");
    records_[std::string(key)] = std::nullopt;
}

}  // namespace hongyan::store
