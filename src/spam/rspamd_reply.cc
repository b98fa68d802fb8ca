#include "spam/rspamd_reply.h"

#include <algorithm>
#include <cmath>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace hongyan::spam {

namespace {

namespace json = boost::json;
using Action = RspamdReply::Action;

constexpr std::size_t most_depth = 16;     // of objects in objects
constexpr std::size_t most_items = 1'000;  // of each list

constexpr std::pair<Action, std::string_view> actions[] = {
    {Action::none, "no action"},          {Action::greylist, "greylist"},
    {Action::add_header, "add header"},   {Action::rewrite_subject, "rewrite subject"},
    {Action::soft_reject, "soft reject"}, {Action::reject, "reject"},
    {Action::discard, "discard"},         {Action::quarantine, "quarantine"}};

std::string_view view_of(const json::string& text) { return {text.data(), text.size()}; }

const json::value* find(const json::object& object, std::string_view key) {
    return object.if_contains({key.data(), key.size()});
}
std::string text_of(const json::value* value) {
    const auto* text = value != nullptr ? value->if_string() : nullptr;
    return text != nullptr ? std::string(view_of(*text)) : std::string();
}
std::string text_at(const json::object& object, std::string_view key) { return text_of(find(object, key)); }

std::optional<double> number_of(const json::value* value) {
    if (value == nullptr || !value->is_number()) return std::nullopt;
    const auto number = value->to_number<double>();
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
}
double number_at(const json::object& object, std::string_view key) {
    return number_of(find(object, key)).value_or(0);
}
std::int64_t whole_number(double number) {
    constexpr double far = 1e6;
    return static_cast<std::int64_t>(std::clamp(number, -far, far));
}
bool flag_at(const json::object& object, std::string_view key) {
    const auto* value = find(object, key);
    const auto* flag = value != nullptr ? value->if_bool() : nullptr;
    return flag != nullptr && *flag;
}
const json::object* object_at(const json::object& object, std::string_view key) {
    const auto* value = find(object, key);
    return value != nullptr ? value->if_object() : nullptr;
}

// A value, or each of an array of them.
template <typename Take>
void each(const json::value* value, Take take) {
    if (value == nullptr) return;
    const auto* array = value->if_array();
    if (array == nullptr) return take(*value);
    for (std::size_t i = 0; i < std::min(array->size(), most_items); ++i) take((*array)[i]);
}
// Every value of an object that may be an array, with its key.
template <typename Take>
void each_of(const json::object* object, Take take) {
    if (object == nullptr) return;
    std::size_t items = 0;
    for (const auto& [key, value] : *object) {
        const std::string name(key.data(), key.size());
        each(&value, [&](const json::value& one) {
            if (++items <= most_items) take(name, one);
        });
    }
}

std::vector<std::string> texts_at(const json::object& object, std::string_view key) {
    std::vector<std::string> out;
    each(find(object, key), [&](const json::value& one) {
        if (one.is_string()) out.push_back(text_of(&one));
    });
    return out;
}

RspamdReply::Added added_of(const std::string& name, const json::value& value) {
    const auto* object = value.if_object();
    if (object == nullptr) return {.name = name, .value = text_of(&value)};
    RspamdReply::Added out{.name = name, .value = text_at(*object, "value")};
    if (const auto order = number_of(find(*object, "order")); order && *order >= 0)
        out.order = static_cast<std::uint32_t>(whole_number(*order));
    return out;
}

void take_milter(const json::object& milter, RspamdReply& out) {
    each_of(object_at(milter, "add_headers"), [&](const std::string& name, const json::value& value) {
        out.added.push_back(added_of(name, value));
    });
    each_of(object_at(milter, "remove_headers"), [&](const std::string& name, const json::value& value) {
        out.removed.push_back({name, whole_number(number_of(&value).value_or(0))});
    });
    out.spam_header = text_at(milter, "spam_header");
    out.sender = text_at(milter, "change_from");
    out.add_recipients = texts_at(milter, "add_rcpt");
    out.remove_recipients = texts_at(milter, "del_rcpt");
    out.no_action = flag_at(milter, "no_action");
    const auto rejection = text_at(milter, "reject");
    if (rejection == "discard") out.action = Action::discard;
    if (rejection == "quarantine") out.action = Action::quarantine;
}

std::vector<RspamdReply::Symbol> symbols_of(const json::object* symbols) {
    std::vector<RspamdReply::Symbol> out;
    each_of(symbols, [&](const std::string& name, const json::value& value) {
        if (const auto* symbol = value.if_object()) out.push_back({name, number_at(*symbol, "score")});
    });
    std::ranges::sort(out, [](const auto& one, const auto& other) {
        const auto a = std::abs(one.score), b = std::abs(other.score);
        return a != b ? a > b : one.name < other.name;
    });
    return out;
}

}  // namespace

std::string_view to_string(Action action) {
    return std::ranges::find(actions, action, &std::pair<Action, std::string_view>::first)->second;
}

Result<RspamdReply> parse_rspamd_reply(std::string_view text) {
    boost::system::error_code error;
    const json::parse_options options{.max_depth = most_depth};
    const auto whole = json::parse({text.data(), text.size()}, error, {}, options);
    if (error) return fail(Error::Kind::invalid, "its answer is no JSON: {}", error.message());
    const auto* object = whole.if_object();
    if (object == nullptr) return fail(Error::Kind::invalid, "its answer is no JSON object");
    if (const auto problem = text_at(*object, "error"); !problem.empty())
        return fail(Error::Kind::invalid, "it said: {}", problem);

    RspamdReply out;
    const auto name = text_at(*object, "action");
    const auto* const action = std::ranges::find(actions, name, &std::pair<Action, std::string_view>::second);
    if (action == std::end(actions))
        return fail(Error::Kind::invalid, "its answer names no action that is known (\"{}\")", name);
    out.action = action->first;
    out.is_skipped = flag_at(*object, "is_skipped");
    out.score = number_at(*object, "score");
    out.required = number_at(*object, "required_score");
    out.subject = text_at(*object, "subject");
    out.symbols = symbols_of(object_at(*object, "symbols"));
    out.signatures = texts_at(*object, "dkim-signature");
    if (const auto* messages = object_at(*object, "messages")) out.words = text_at(*messages, "smtp_message");
    if (const auto* milter = object_at(*object, "milter")) take_milter(*milter, out);
    return out;
}

}  // namespace hongyan::spam
