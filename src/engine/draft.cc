#include "engine/draft.h"

#include "base/check.h"

namespace hongyan::engine {

namespace {

class DraftTransaction final : public Transaction {
public:
    DraftTransaction(const Scope& scope, Draft& draft) : draft_(draft), reader_(draft.writes, scope) {}

    Result<std::optional<std::string>> get(std::string_view key) const override { return reader_.get(key); }
    Result<std::vector<std::optional<std::string>>> get_many(
        std::span<const std::string> keys) const override {
        return reader_.get_many(keys);
    }
    std::unique_ptr<Cursor> scan(const Range& range) const override { return reader_.scan(range); }

    void put(std::string_view key, std::string_view value) override {
        auto whole = reader_.whole(key);
        if (value.size() > max_value_size)
            return refuse("a value of {} bytes, where {} are allowed", value.size(), max_value_size);
        if (count(whole, value.size())) draft_.writes.put(std::move(whole), value);
    }
    void erase(std::string_view key) override {
        auto whole = reader_.whole(key);
        if (count(whole, 0)) draft_.writes.erase(std::move(whole));
    }

    void keep(SharedBlob blob) override {
        check(blob != nullptr, "who keeps a blob has one");
        draft_.blob_bytes += blob->frame.size();
        if (auto kept = draft_.blobs.keep(blob); !kept && !failure_) failure_ = std::move(kept).error();
    }
    Result<void> keep(const BlobId& id) override { return draft_.blobs.keep(id); }
    Result<void> release(const BlobId& id) override { return draft_.blobs.release(id); }

    // The first thing that went wrong where there was no way to say so.
    Result<void> outcome() const {
        if (failure_) return std::unexpected(*failure_);
        return {};
    }

private:
    bool count(std::string_view key, std::size_t value_size) {
        size_ += key.size() + value_size;
        draft_.size += key.size() + value_size;
        if (key.size() > max_key_size)
            refuse("a key of {} bytes, where {} are allowed", key.size(), max_key_size);
        else if (size_ > max_transaction_size)
            refuse("a transaction of {} bytes, where {} are allowed", size_, max_transaction_size);
        else if (draft_.size > max_group_size)
            refuse("transactions of {} bytes together, where {} are allowed", draft_.size, max_group_size);
        else
            return true;
        return false;
    }
    void refuse(fmt::format_string<std::size_t&, const std::size_t&> text, std::size_t found,
                const std::size_t& limit) {
        if (!failure_) failure_ = fail(Error::Kind::too_large, text, found, limit).error();
    }

    Draft& draft_;
    ScopedReader reader_;
    std::size_t size_ = 0;  // bytes of keys and values of this part
    std::optional<Error> failure_;
};

}  // namespace

void Draft::absorb(Draft&& above) {
    writes.absorb(std::move(above.writes));
    blobs.absorb(std::move(above.blobs));
    size += above.size;
    blob_bytes += above.blob_bytes;
}

Result<void> run_work(const Work& work, const Scope& scope, Draft& draft) {
    try {
        DraftTransaction transaction(scope, draft);
        TRY(work(transaction));
        return transaction.outcome();
    } catch (const std::exception& broken) {
        // A belief of the caller's was wrong; the engine and the other transactions are as they were.
        return fail(Error::Kind::internal, "a transaction was given up: {}", broken.what());
    }
}

}  // namespace hongyan::engine
