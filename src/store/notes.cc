#include "store/notes.h"

#include "store/keys.h"
#include "store/reading.h"
#include "store/records.h"

namespace hongyan::store {

std::string encode_annotation(const std::optional<std::string>& value, ModSeq modseq) {
    return encode(AnnotationRecord{value.value_or(""), modseq, !value.has_value()});
}

Result<std::vector<Annotation>> read_annotations(const engine::Reader& reader, MailboxId mailbox,
                                                 AccountId of) {
    std::vector<Annotation> found;
    const auto prefix = keys::annotation(mailbox, of, {});
    TRY(each_below(reader, prefix, [&](auto key, auto value) -> Result<void> {
        TRY(auto record, decode_annotation(value));
        Annotation annotation{of, std::string(key.substr(prefix.size())), {}, record.modseq};
        if (!record.removed) annotation.value = std::move(record.value);
        found.push_back(std::move(annotation));
        return {};
    }));
    return found;
}

namespace {

// Values of a page at a time: a mailbox that many share may have more than one transaction takes.
constexpr std::size_t erased_at_once = 5'000;

Result<std::vector<std::string>> keys_below(const engine::Reader& reader, std::string_view prefix) {
    std::vector<std::string> keys;
    TRY(each_below(reader, prefix, [&](auto key, auto) -> Result<void> {
        if (keys.size() < erased_at_once) keys.emplace_back(key);
        return {};
    }));
    return keys;
}

}  // namespace

Result<void> erase_annotations(Edit& edit, MailboxId mailbox) {
    TRY(const auto keys, keys_below(edit.transaction(), keys::annotations(mailbox)));
    for (const auto& key : keys) edit.transaction().erase(key);
    return {};
}

Result<void> copy_annotations(Edit& edit, MailboxId from, MailboxId to) {
    std::size_t size = 0;
    std::vector<std::pair<std::string, std::string>> copies;
    TRY(each_below(edit.transaction(), keys::annotations(from), [&](auto key, auto value) -> Result<void> {
        if (keys::is_url_key(key)) return {};
        size += key.size() + value.size();
        if (size > engine::max_transaction_size / 2)
            return fail(Error::Kind::too_large, "the mailbox has annotations of more than {} bytes", size);
        auto copy = keys::annotations(to);
        copy += key.substr(keys::after_mailbox);
        copies.emplace_back(std::move(copy), value);
        return {};
    }));
    for (const auto& [key, value] : copies) edit.transaction().put(key, value);
    return {};
}

}  // namespace hongyan::store
