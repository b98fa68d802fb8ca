// What the full-text index of the account says of a SEARCH: which messages have it surely, which cannot have
// it. The others are looked into.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "imap/wire/search.h"
#include "store/account.h"
#include "store/text_index.h"

namespace hongyan::imap {

// Made for one program, which prepare() has accepted; belongs to whoever runs it.
class TextCandidates {
public:
    explicit TextCandidates(const wire::SearchProgram& program);

    // Does the program look for texts at all?
    bool has_texts() const { return !texts_.empty(); }
    // Does it look for nothing else, so that entries alone decide nothing?
    bool is_all_text() const { return is_all_text_; }

    // Asks the index for one text of the program. True: that was the last.
    Result<bool> ask(const store::Account& account, const wire::SearchProgram& program);

    // Has the message what the program looks for? Nothing: look into it, or ask() is not done.
    std::optional<bool> about(store::MessageId message) const;
    // Has it this one text?
    std::optional<bool> about(store::TextField field, std::string_view folded,
                              store::MessageId message) const;

private:
    // Everything that is read while ask() goes on, from one moment.
    struct Reading {
        explicit Reading(store::View account_view) : view(std::move(account_view)) {}
        store::View view;
        std::optional<store::TextIndex> index;
    };
    using Text = std::pair<store::TextField, std::string>;  // folded

    void add_texts(const wire::SearchKey& key, const std::string& charset);
    store::Candidates joined(const wire::SearchKey& key, const std::string& charset) const;

    std::map<Text, std::optional<store::Candidates>> texts_;  // with what is known of each
    bool is_all_text_ = true;
    std::unique_ptr<Reading> reading_;
    std::optional<store::Candidates> all_;
};

}  // namespace hongyan::imap
