#include "verify/mail.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/check.h"

namespace hongyan::verify {

namespace {

constexpr std::size_t most_hashes = 32;  // for the signatures of a mail: what asks for more is not verified

std::expected<Signature, std::string> too_many() { return std::unexpected("there are too many signatures"); }

}  // namespace

Mail::Mail(std::string_view header) : header_(header) {
    constexpr std::size_t usual = 32;
    fields_.reserve(usual);
    for (const auto& field : message::Fields(header_)) fields_.push_back(field);
    std::size_t of_dkim = 0, of_arc = 0;
    for (const auto& field : fields_) {
        if (field.is(dkim_field))
            signatures_.push_back(
                {&field, of_dkim++ < most_signatures ? Signature::parse_dkim(field.value) : too_many()});
        else if (field.is(arc_message_field))
            signatures_.push_back(
                {&field, of_arc++ < most_instances ? Signature::parse_arc(field.value) : too_many()});
    }
    for (const auto& read : signatures_)
        if (read.signature) demand(*read.signature);
}

// RFC 8617 §4.1.2 has what DKIM has where there is no c=; some who seal leave it out and mean relaxed.
void Mail::demand(const Signature& signature) {
    const auto demand_one_of_many = [&](const BodyDemand& each) {
        if (hashes_.size() < most_hashes) demand(each);
    };
    demand_one_of_many(signature.body_demand());
    if (!signature.names_canonical && signature.instance > 0)
        demand_one_of_many(signature.as_relaxed().body_demand());
}

bool Mail::has_line_behind_author() const {
    const auto is_it = [](const message::Field& field, const message::Field& next) {
        return field.is("From") && next.is_malformed();
    };
    return std::ranges::adjacent_find(fields_, is_it) != fields_.end();
}

const std::expected<Signature, std::string>& Mail::signature(const message::Field& field) const {
    const auto found = std::ranges::lower_bound(signatures_, &field, {}, &Read::field);
    check(found != signatures_.end() && found->field == &field, "the field signs this mail");
    return found->signature;
}

std::unique_ptr<Mail> Mail::whole(std::string_view message) {
    const auto size = header_size(message);
    auto mail = std::make_unique<Mail>(message.substr(0, size));
    mail->body(message.substr(size));
    mail->finish();
    return mail;
}

void Mail::demand(const BodyDemand& demand) {
    if (find(demand) == nullptr) hashes_.emplace_back(demand);
}

void Mail::body(std::string_view piece) {
    for (auto& hash : hashes_) hash.update(piece);
}

void Mail::finish() {
    for (auto& hash : hashes_) hash.finish();
}

const BodyHash* Mail::find(const BodyDemand& demand) const {
    const auto found = std::ranges::find(hashes_, demand, &BodyHash::demand);
    return found == hashes_.end() ? nullptr : &*found;
}

std::size_t header_size(std::string_view message) {
    for (std::size_t at = 0; at < message.size();) {
        const auto end = message::line_end(message, at);
        if (message::is_empty_line(message.substr(at, end - at))) return end;
        at = end;
    }
    return message.size();
}

namespace {

using Selected = std::vector<const message::Field*>;

// Up to so many comparisons are quicker than a list for each name.
constexpr std::size_t few = 2'000;

Selected select_among_few(const std::vector<message::Field>& fields, const std::vector<std::string>& names,
                          const message::Field* except) {
    std::vector<bool> is_taken(fields.size());
    if (except != nullptr) is_taken[static_cast<std::size_t>(except - fields.data())] = true;
    Selected selected;
    selected.reserve(names.size());
    for (const auto& name : names) {
        auto at = fields.size();
        const auto is_next = [&](const message::Field& field) {
            return field.name.size() == name.size() && !is_taken[at - 1] && field.is(name);
        };
        while (at > 0 && !is_next(fields[at - 1])) --at;
        if (at == 0) continue;
        is_taken[at - 1] = true;
        selected.push_back(&fields[at - 1]);
    }
    return selected;
}

// By size before letters, which tells most names apart.
struct BySize {
    bool operator()(std::string_view a, std::string_view b) const {
        return a.size() != b.size() ? a.size() < b.size() : ascii::ILess()(a, b);
    }
};

// The fields of each name that is asked for, from the bottom of the header up.
class FieldsByName {
public:
    FieldsByName(const std::vector<message::Field>& fields, const std::vector<std::string>& names,
                 const message::Field* except)
        : above_(fields.size()) {
        lists_.reserve(names.size());
        for (const auto& name : names) lists_.push_back({.name = name, .lowest = nullptr});
        std::ranges::sort(lists_, BySize(), &List::name);
        const auto twice = std::ranges::unique(lists_, ascii::iequals, &List::name);
        lists_.erase(twice.begin(), twice.end());
        for (const auto& field : fields) {
            auto* const list = find(field.name);
            if (list == nullptr || &field == except) continue;
            above_[static_cast<std::size_t>(&field - fields.data())] = list->lowest;
            list->lowest = &field;
        }
        first_ = fields.data();
    }

    // The next one of that name, or null: there is no more. The name is one of those asked for.
    const message::Field* take(std::string_view name) {
        auto* const list = find(name);
        const auto* const field = list->lowest;
        if (field != nullptr) list->lowest = above_[static_cast<std::size_t>(field - first_)];
        return field;
    }

private:
    struct List {
        std::string_view name;
        const message::Field* lowest;  // of those that nobody has taken
    };
    List* find(std::string_view name) {
        const auto found = std::ranges::lower_bound(lists_, name, BySize(), &List::name);
        return found != lists_.end() && ascii::iequals(found->name, name) ? &*found : nullptr;
    }

    std::vector<List> lists_;                   // by name
    std::vector<const message::Field*> above_;  // for each field the next one of its name
    const message::Field* first_ = nullptr;
};

}  // namespace

std::vector<const message::Field*> select_fields(const std::vector<message::Field>& fields,
                                                 const std::vector<std::string>& names,
                                                 const message::Field* except) {
    if (names.size() * fields.size() <= few) return select_among_few(fields, names, except);
    FieldsByName by_name(fields, names, except);
    Selected selected;
    selected.reserve(names.size());
    for (const auto& name : names)
        if (const auto* const field = by_name.take(name)) selected.push_back(field);
    return selected;
}

}  // namespace hongyan::verify
