#include "imap/search_match.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "imap/flags.h"
#include "imap/fuzzy.h"
#include "imap/message_keys.h"
#include "imap/object_id.h"
#include "message/charset.h"
#include "message/search_text.h"
#include "message/text_search.h"

namespace hongyan::imap {

using message::Needle;

Result<const message::Summary*> Candidate::summary() {
    if (summary_) return &*summary_;
    if (message_ == nullptr) return std::unexpected(Error{untold, {}});
    spend(Effort::of_a_record + message_->summary.size());
    TRY(summary_, message::decode(message_->summary));
    return &*summary_;
}

Result<std::optional<std::chrono::sys_days>> Candidate::sent_day() const {
    if (sent_day_) return *sent_day_;
    if (message_ == nullptr) return std::unexpected(Error{untold, {}});
    spend(Effort::of_a_record);
    TRY(const auto kept, message::SummaryView::of(message_->summary));
    return imap::sent_day(kept);
}

Result<std::string> Candidate::thread() const {
    if (message_ == nullptr) return std::unexpected(Error{untold, {}});
    TRY(const auto kept, message::SummaryView::of(message_->summary));
    TRY(const auto origin, mail_.origin(entry_));
    return thread_id(kept, origin);
}

Result<std::string_view> Candidate::raw() {
    if (raw_) return std::string_view(*raw_);
    TRY(raw_, mail_.read(*message_));
    spend(Effort::of_a_record + Effort::of_making_text * raw_->size());
    return std::string_view(*raw_);
}

Result<std::optional<std::string>> Candidate::field(std::string_view name) {
    TRY(const auto* kept, summary());
    if (auto value = message::folded_kept_field(*kept, name)) {
        spend(Effort::of_making_text * value->size());
        return value;
    }
    TRY(const auto text, raw());
    const auto header = text.substr(0, message_->prefix.size() + kept->header_size);
    spend(header.size());
    return message::folded_field(header, name);
}

// A structure too large to be kept is found anew.
const message::Structure& Candidate::structure(const message::Summary& kept, std::string_view bytes) {
    if (kept.structure) return *kept.structure;
    if (!structure_) structure_ = message::parse(bytes);
    return *structure_;
}

Result<const std::string*> Candidate::header() {
    if (header_) return &*header_;
    TRY(const auto* kept, summary());
    TRY(const auto text, raw());
    header_ = message::folded_header(text.substr(0, message_->prefix.size() + kept->header_size),
                                     structure(*kept, text.substr(message_->prefix.size())).root());
    return &*header_;
}

Result<const std::string*> Candidate::body() {
    if (body_) return &*body_;
    TRY(const auto* kept, summary());
    TRY(auto text, raw());
    text.remove_prefix(message_->prefix.size());
    body_ = message::folded_body(structure(*kept, text), text);
    return &*body_;
}

namespace {

// What a key looks for, as it stands or, under FUZZY, more or less.
class Text {
public:
    Text(const std::string& utf8, bool is_fuzzy) : needle_(utf8) {
        if (is_fuzzy) fuzzy_.emplace(utf8);
    }

    // The index knows what stands in a message as it was written. Scores, here and below: 100 as it stands,
    // 0 not at all.
    std::optional<int> known(const Candidate& candidate, store::TextField where) const {
        if (fuzzy_) return std::nullopt;
        const auto known = candidate.known(where, needle_);
        if (!known) return std::nullopt;
        return *known ? 100 : 0;
    }
    // In text that is folded.
    int score_in(const Candidate& candidate, std::string_view folded) const {
        candidate.spend(folded.size() * (fuzzy_ ? fuzzy_->looks() : 1));
        if (fuzzy_) return fuzzy_->score_in(folded);
        return needle_.is_in_folded(folded) ? 100 : 0;
    }

private:
    Needle needle_;
    std::optional<FuzzyNeedle> fuzzy_;
};

// Makes a Search of each kind of key.
class Preparation {
public:
    Preparation(const std::string& charset, const Selected& mailbox, Instant now)
        : charset_(charset), mailbox_(mailbox), now_(now) {}

    Result<Search> prepare(const wire::SearchKey& key) {
        return std::visit([this](const auto& what) -> Result<Search> { return of(what); }, key.is);
    }

private:
    // Flags and what counts their changes; all else of a message stays as it came.
    static Search changing(Search search) {
        search.may_change = true;
        return search;
    }

    template <typename Test>
    static Search by_entry(Test test) {
        return {[test = std::move(test)](Candidate& candidate) -> Result<bool> {
            return test(candidate.entry());
        }};
    }

    Result<std::vector<Search>> prepare_all(const std::vector<wire::SearchKey>& keys) {
        std::vector<Search> all;
        for (const auto& key : keys) {
            TRY(auto search, prepare(key));
            all.push_back(std::move(search));
        }
        std::ranges::sort(all, {}, &Search::cost);
        return all;
    }

    // All of them, or any of them: the first that decides ends it.
    static Search joined(std::vector<Search> all, bool decisive) {
        Search search;
        for (const auto& one : all) {
            search.cost = std::max(search.cost, one.cost);
            search.asks_modseq |= one.asks_modseq;
            search.names_numbers |= one.names_numbers;
            search.may_change |= one.may_change;
            search.is_fuzzy |= one.is_fuzzy;
        }
        search.matches = [all = std::move(all), decisive](Candidate& candidate) -> Result<bool> {
            for (const auto& one : all) {
                candidate.spend(Effort::of_a_key);
                TRY(const auto found, one.matches(candidate));
                if (found == decisive) return decisive;
            }
            return !decisive;
        };
        return search;
    }

    Result<Search> of(const wire::AllOf& all) {
        TRY(auto searches, prepare_all(all.keys));
        return joined(std::move(searches), false);
    }
    Result<Search> of(const wire::EitherOf& either) {
        TRY(auto searches, prepare_all(either.keys));
        return joined(std::move(searches), true);
    }
    Result<Search> of(const wire::NotThis& no) {
        TRY(auto search, prepare(no.key.front()));
        search.matches = [inner = std::move(search.matches)](Candidate& candidate) -> Result<bool> {
            TRY(const auto found, inner(candidate));
            return !found;
        };
        return search;
    }

    Result<Search> of(const wire::ByFilter& filter) const {
        return fail(Error::Kind::invalid, "there is no filter {}", filter.name);
    }
    Result<Search> of(const wire::Fuzzy& fuzzy) {
        const auto before = std::exchange(is_fuzzy_, true);
        auto search = prepare(fuzzy.key.front());
        is_fuzzy_ = before;
        if (search) search->is_fuzzy = true;
        return search;
    }

    Result<Search> of(const wire::HasFlag& has) {
        if (has.flag == "\\Recent")
            return changing({[wanted = has.wanted](Candidate& candidate) -> Result<bool> {
                return candidate.mailbox().is_recent(candidate.entry().uid) == wanted;
            }});
        TRY(const auto flags, flags_of({has.flag}));
        return changing(by_entry([flags, wanted = has.wanted](const store::Entry& entry) {
            auto with = entry.flags;
            return (with.add(flags) == entry.flags) == wanted;
        }));
    }

    // `look` gives the score.
    template <typename Look>
    Search by_text(Look look, Cost cost = Cost::text) {
        return {[key = next_text_++, look = std::move(look)](Candidate& candidate) {
                    return candidate.once(key, look);
                },
                cost};
    }

    Result<Search> of(const wire::FieldContains& contains) {
        TRY(const auto text, searched_text(contains.text, charset_));
        auto look = [name = contains.field, where = store::text_field(contains.field),
                     text = Text(text, is_fuzzy_)](Candidate& candidate) -> Result<int> {
            if (const auto known = text.known(candidate, where)) return *known;
            TRY(const auto field, candidate.field(name));
            return field ? text.score_in(candidate, *field) : 0;
        };
        const bool kept = message::is_kept_field(contains.field);
        return by_text(std::move(look), kept ? Cost::summary : Cost::text);
    }
    Result<Search> of(const wire::BodyContains& contains) {
        TRY(const auto text, searched_text(contains.text, charset_));
        return by_text([text = Text(text, is_fuzzy_)](Candidate& candidate) -> Result<int> {
            if (const auto known = text.known(candidate, store::TextField::body)) return *known;
            TRY(const auto* body, candidate.body());
            return text.score_in(candidate, *body);
        });
    }
    Result<Search> of(const wire::TextContains& contains) {
        TRY(const auto text, searched_text(contains.text, charset_));
        return by_text([text = Text(text, is_fuzzy_)](Candidate& candidate) -> Result<int> {
            if (const auto known = text.known(candidate, store::TextField::text)) return *known;
            TRY(const auto* header, candidate.header());
            if (const auto score = text.score_in(candidate, *header)) return score;
            TRY(const auto* body, candidate.body());
            return text.score_in(candidate, *body);
        });
    }

    static bool holds(wire::Compare compare, std::chrono::sys_days day, std::chrono::sys_days wanted) {
        return compare == wire::Compare::before ? day < wanted
               : compare == wire::Compare::on   ? day == wanted
                                                : day >= wanted;
    }
    // Without regard to time and zone (RFC 3501 §6.4.4): INTERNALDATE is shown in UTC, Date in its own zone.
    Result<Search> of(const wire::DateIs& date) {
        const std::chrono::sys_days wanted(date.date);
        if (date.which != wire::WhichDate::sent) {
            const auto moment =
                date.which == wire::WhichDate::saved ? &store::Entry::saved : &store::Entry::received;
            return by_entry([compare = date.compare, wanted, moment](const store::Entry& entry) {
                return holds(compare, std::chrono::floor<std::chrono::days>(entry.*moment), wanted);
            });
        }
        auto matches = [compare = date.compare, wanted](Candidate& candidate) -> Result<bool> {
            TRY(const auto day, candidate.sent_day());
            return day && holds(compare, *day, wanted);
        };
        return Search{std::move(matches), Cost::summary};
    }

    Result<Search> of(const wire::SizeIs& size) {
        return by_entry([size](const store::Entry& entry) {
            return size.larger ? entry.size > size.octets : entry.size < size.octets;
        });
    }
    Result<Search> of(const wire::InSequence& in) {
        auto search = among(mailbox_.view().matching(in.set, SetOf::numbers));
        search.names_numbers = true;
        return search;
    }
    // RFC 8474 §6: case matters.
    Result<Search> of(const wire::HasId& has) {
        if (!has.of_thread) {
            auto is_it = [id = has.id](Candidate& candidate) -> Result<bool> {
                TRY(const auto origin, candidate.origin());
                return object_id(origin) == id;
            };
            return Search{std::move(is_it)};
        }
        auto matches = [id = has.id](Candidate& candidate) -> Result<bool> {
            TRY(const auto thread, candidate.thread());
            return thread == id;
        };
        return Search{std::move(matches), Cost::summary};
    }
    // UIDs that are yet to come count too, for who waits for them (RFC 5267 §4.3).
    Result<Search> of(const wire::InUids& in) {
        const auto largest = std::max(1U, mailbox_.view().last_uid().value());
        auto uids = named_uids(in.set, Uid(largest));
        for (const auto& range : in.set)
            if (range.first.is_star() || range.last.is_star())
                uids.add(store::UidRange{Uid(range.resolved(largest).second), store::last_uid});
        return among(std::move(uids));
    }
    Result<Search> of(const wire::UidBeside& beside) { return among(uids_beside(beside)); }
    Result<Search> of(const wire::InSaved&) { return among(mailbox_.saved()); }
    static Search among(UidSet uids) {
        return by_entry(
            [uids = std::move(uids)](const store::Entry& entry) { return uids.contains(entry.uid); });
    }
    // To the second, and including it, on both sides (RFC 5032 §2).
    Result<Search> of(const wire::Within& within) {
        const auto in_seconds = [](Instant moment) {
            return std::chrono::floor<std::chrono::seconds>(moment);
        };
        const auto limit = in_seconds(now_) - std::chrono::seconds(within.seconds);
        return by_entry([in_seconds, limit, older = within.older](const store::Entry& entry) {
            const auto received = in_seconds(entry.received);
            return older ? received <= limit : received >= limit;
        });
    }
    Result<Search> of(const wire::ModSeqAtLeast& at_least) {
        auto search = by_entry(
            [modseq = ModSeq(at_least.modseq)](const store::Entry& entry) { return entry.modseq >= modseq; });
        search.asks_modseq = true;
        search.may_change = true;
        return search;
    }

    const std::string& charset_;
    const Selected& mailbox_;
    Instant now_;
    bool is_fuzzy_ = false;      // of the key that is being prepared
    std::size_t next_text_ = 0;  // text keys are numbered
};

}  // namespace

UidSet uids_beside(const wire::UidBeside& beside) {
    const auto last = store::last_uid.value();
    if (beside.after)
        return beside.uid < last ? UidSet::of({Uid(beside.uid + 1), store::last_uid}) : UidSet();
    return beside.uid > 1 ? UidSet::of({Uid(1), Uid(beside.uid - 1)}) : UidSet();
}

Result<std::string> searched_text(const std::string& text, const std::string& charset) {
    const bool is_utf8 =
        charset.empty() || ascii::iequals(charset, "UTF-8") || ascii::iequals(charset, "US-ASCII");
    if (is_utf8 && message::valid_utf8(text)) return text;
    auto decoded = is_utf8 ? std::nullopt : message::strict_to_utf8(text, charset);
    if (!decoded) return fail(Error::Kind::invalid, "a text is not of the charset that it is said to be of");
    return *std::move(decoded);
}

Result<Search> prepare(const wire::SearchProgram& program, const Selected& mailbox, Instant now) {
    if (!program.charset.empty() && !message::is_supported_charset(program.charset))
        return fail(Error::Kind::unsupported, "there is no charset {}", program.charset);
    return Preparation(program.charset, mailbox, now).prepare(program.key);
}

}  // namespace hongyan::imap
