#include "oauth/json.h"

#include <algorithm>

#include <boost/json/parse.hpp>

#include "base/encoding.h"

namespace hongyan::oauth {

namespace {
constexpr std::size_t deepest = 8;
}

Result<boost::json::object> parse_object(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = deepest;
    boost::system::error_code error;
    auto value = boost::json::parse({text.data(), text.size()}, error, {}, options);
    if (error) return fail(Error::Kind::invalid, "this is not JSON: {}", error.message());
    if (!value.is_object()) return fail(Error::Kind::invalid, "this is no JSON object");
    return std::move(value.get_object());
}

std::optional<std::string_view> text_of(const boost::json::object& object, std::string_view name) {
    const auto* const value = object.if_contains({name.data(), name.size()});
    if (value == nullptr || !value->is_string()) return std::nullopt;
    const auto& text = value->get_string();
    return std::string_view(text.data(), text.size());
}

std::optional<std::string> from_base64url(std::string_view text) {
    if (text.find_first_of("+/=") != text.npos) return std::nullopt;
    std::string standard(text);
    std::ranges::replace(standard, '-', '+');
    std::ranges::replace(standard, '_', '/');
    standard.append((4 - standard.size() % 4) % 4, '=');
    return from_base64(standard);
}

}  // namespace hongyan::oauth
