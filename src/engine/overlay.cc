#include "engine/overlay.h"

namespace hongyan::engine {

namespace {

// Joins the writes with a cursor of what is below them. A write hides the same key below.
class OverlayCursor final : public Cursor {
public:
    OverlayCursor(const Writes& writes, std::unique_ptr<Cursor> below, const Range& range)
        : writes_(writes), below_(std::move(below)), range_(range) {
        settle(forward() ? at_or_after(range_.first) : before_end());
    }

    bool valid() const override { return valid_; }
    std::string_view key() const override { return key_; }
    std::string_view value() const override { return value_; }
    Result<void> status() const override { return below_->status(); }

    void next() override { settle(beyond(key_)); }

    void seek(std::string_view key) override {
        below_->seek(key);
        if (forward())
            settle(at_or_after(std::max<std::string_view>(key, range_.first)));
        else if (!range_.end.empty() && key >= range_.end)
            settle(before_end());
        else
            settle(before(writes_.upper_bound(key)));
    }

private:
    using Entry = const Writes::value_type*;  // none: nullptr

    bool forward() const { return range_.direction == Direction::forward; }

    Entry within(Writes::const_iterator at) const {
        return at != writes_.end() && (range_.end.empty() || at->first < range_.end) ? &*at : nullptr;
    }
    Entry at_or_after(std::string_view key) const { return within(writes_.lower_bound(key)); }
    Entry before(Writes::const_iterator at) const {
        if (at == writes_.begin()) return nullptr;
        --at;
        return at->first >= range_.first ? &*at : nullptr;
    }
    Entry before_end() const {
        return before(range_.end.empty() ? writes_.end() : writes_.lower_bound(range_.end));
    }
    Entry beyond(std::string_view key) const {
        return forward() ? within(writes_.upper_bound(key)) : before(writes_.lower_bound(key));
    }
    bool comes_first(std::string_view key, std::string_view other) const {
        return forward() ? key <= other : key >= other;
    }

    // The next thing to show, given the first write in question. What is shown is copied, and the cursor
    // below already stands behind it.
    void settle(Entry written) {
        while (written != nullptr && (!below_->valid() || comes_first(written->first, below_->key()))) {
            if (below_->valid() && below_->key() == written->first) below_->next();
            if (written->second) return show(written->first, *written->second);
            written = beyond(written->first);
        }
        valid_ = below_->valid();
        if (!valid_) return;
        show(below_->key(), below_->value());
        below_->next();
    }
    void show(std::string_view key, std::string_view value) {
        key_ = key;
        value_ = value;
        valid_ = true;
    }

    const Writes& writes_;
    std::unique_ptr<Cursor> below_;
    Range range_;
    std::string key_;
    std::string value_;
    bool valid_ = false;
};

}  // namespace

void Overlay::absorb(Overlay&& above) {
    if (writes_.empty()) writes_.swap(above.writes_);
    while (!above.writes_.empty()) {
        auto placed = writes_.insert(above.writes_.extract(above.writes_.begin()));
        if (!placed.inserted) placed.position->second = std::move(placed.node.mapped());
    }
}

Result<std::optional<std::string>> Overlay::get(std::string_view key) const {
    const auto at = writes_.find(key);
    return at != writes_.end() ? at->second : below_.get(key);
}

Result<std::vector<std::optional<std::string>>> Overlay::get_many(std::span<const std::string> keys) const {
    TRY(auto values, below_.get_many(keys));
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (const auto at = writes_.find(keys[i]); at != writes_.end()) values[i] = at->second;
    return values;
}

std::unique_ptr<Cursor> Overlay::scan(const Range& range) const {
    return std::make_unique<OverlayCursor>(writes_, below_.scan(range), range);
}

}  // namespace hongyan::engine
