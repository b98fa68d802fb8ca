#include "imap/text_candidates.h"

#include <algorithm>

#include "imap/search_match.h"
#include "message/text_search.h"

namespace hongyan::imap {
namespace {

using store::Candidates;
using store::TextField;

// Each text takes memory for every message of the account while the search lasts: two bits. Who looks for
// more texts at once has the others looked for in the messages.
constexpr std::size_t max_texts = 16;

// The text that a key looks for, where it is one that the index knows; nothing for other keys.
using Wanted = std::optional<std::pair<TextField, std::string>>;
Wanted wanted_text(const wire::SearchKey& key, const std::string& charset) {
    const auto of = [&](TextField field, const std::string& text) -> Wanted {
        const auto decoded = searched_text(text, charset);
        if (!decoded) return std::nullopt;
        return std::pair(field, message::fold_for_search(*decoded));
    };
    if (const auto* field = std::get_if<wire::FieldContains>(&key.is))
        return of(store::text_field(field->field), field->text);
    if (const auto* body = std::get_if<wire::BodyContains>(&key.is)) return of(TextField::body, body->text);
    if (const auto* text = std::get_if<wire::TextContains>(&key.is)) return of(TextField::text, text->text);
    return std::nullopt;
}

// Header or body: they have the empty text even where they are empty themselves.
bool is_in_every_text(const std::pair<TextField, std::string>& text) {
    return text.second.empty() && (text.first == TextField::body || text.first == TextField::text);
}

}  // namespace

TextCandidates::TextCandidates(const wire::SearchProgram& program) {
    add_texts(program.key, program.charset);
}

void TextCandidates::add_texts(const wire::SearchKey& key, const std::string& charset) {
    const auto add_all = [&](const std::vector<wire::SearchKey>& keys) {
        for (const auto& inner : keys) add_texts(inner, charset);
    };
    if (const auto* all = std::get_if<wire::AllOf>(&key.is)) return add_all(all->keys);
    if (const auto* either = std::get_if<wire::EitherOf>(&key.is)) return add_all(either->keys);
    if (const auto* no = std::get_if<wire::NotThis>(&key.is)) return add_all(no->key);
    auto text = wanted_text(key, charset);
    if (!text) is_all_text_ = false;
    if (text && texts_.size() < max_texts) texts_.emplace(*std::move(text), std::nullopt);
}

Result<bool> TextCandidates::ask(const store::Account& account, const wire::SearchProgram& program) {
    if (!reading_) {
        reading_ = std::make_unique<Reading>(account.view());
        TRY(auto index, reading_->view.text_index());
        reading_->index.emplace(std::move(index));
    }
    auto& index = *reading_->index;
    const auto next = std::ranges::find_if(texts_, [](const auto& text) { return !text.second.has_value(); });
    if (next != texts_.end()) {
        if (is_in_every_text(next->first)) {
            next->second = index.everything();
        } else {
            TRY(next->second, index.candidates(next->first.first, next->first.second));
        }
        if (std::next(next) != texts_.end()) return false;
    }
    all_ = joined(program.key, program.charset);
    // It will be made anew; that it is not yet takes nothing from this answer.
    if (!index.damaged().empty()) (void)account.forget_segments(index.damaged());
    reading_.reset();
    return true;
}

Candidates TextCandidates::joined(const wire::SearchKey& key, const std::string& charset) const {
    if (const auto* all = std::get_if<wire::AllOf>(&key.is)) {
        auto result = reading_->index->everything();
        for (const auto& inner : all->keys) result &= joined(inner, charset);
        return result;
    }
    if (const auto* either = std::get_if<wire::EitherOf>(&key.is)) {
        auto result = joined(either->keys.front(), charset);
        return result |= joined(either->keys.back(), charset);
    }
    if (const auto* no = std::get_if<wire::NotThis>(&key.is)) {
        auto result = joined(no->key.front(), charset);
        result.negate();
        return result;
    }
    const auto text = wanted_text(key, charset);
    const auto known = text ? texts_.find(*text) : texts_.end();
    return known == texts_.end() ? reading_->index->nothing_known() : *known->second;
}

std::optional<bool> TextCandidates::about(store::MessageId message) const {
    return all_ ? all_->about(message) : std::nullopt;
}

std::optional<bool> TextCandidates::about(TextField field, std::string_view folded,
                                          store::MessageId message) const {
    const auto known = texts_.find(Text(field, folded));
    if (known == texts_.end() || !known->second) return std::nullopt;
    return known->second->about(message);
}

}  // namespace hongyan::imap
