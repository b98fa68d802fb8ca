// HTML as its author wrote it: elements, attributes, and what is done with them to hide words from filters.
#include <algorithm>
#include <array>
#include <vector>

#include "base/ascii.h"
#include "classify/extract.h"
#include "message/html_text.h"

namespace hongyan::classify {

namespace {

constexpr std::size_t max_elements = 3'000;
constexpr std::size_t max_links = 200;
constexpr std::size_t max_attributes = 20;  // of one element

struct Attribute {
    std::string name;  // lower case
    std::string_view value;
};
struct Element {
    std::string name;  // lower case; "/a" where it ends
    std::vector<Attribute> attributes;

    std::string_view get(std::string_view wanted) const {
        const auto found = std::ranges::find(attributes, wanted, &Attribute::name);
        return found == attributes.end() ? std::string_view() : found->value;
    }
};

bool is_name_character(char c) { return ascii::is_alnum(c) || c == '-' || c == ':' || c == '_'; }

std::string_view take_name(std::string_view& text) {
    std::size_t size = 0;
    while (size < text.size() && is_name_character(text[size])) ++size;
    const auto name = text.substr(0, size);
    text.remove_prefix(size);
    return name;
}
std::string_view take_value(std::string_view& text) {
    if (text.empty()) return {};
    if (const char quote = text.front(); quote == '"' || quote == '\'') {
        const auto end = std::min(text.find(quote, 1), text.size());
        const auto value = text.substr(1, end - 1);
        text.remove_prefix(std::min(end + 1, text.size()));
        return value;
    }
    std::size_t size = 0;
    while (size < text.size() && !ascii::is_space(text[size])) ++size;
    const auto value = text.substr(0, size);
    text.remove_prefix(size);
    return value;
}

// What stands between the angle brackets.
Element parse_element(std::string_view text) {
    Element element;
    const bool is_end = text.starts_with('/');
    if (is_end) text.remove_prefix(1);
    element.name = (is_end ? "/" : "") + ascii::to_lower(take_name(text).substr(0, 20));
    while (!text.empty() && element.attributes.size() < max_attributes) {
        const auto name = take_name(text);
        if (name.empty()) {
            text.remove_prefix(1);
            continue;
        }
        text = text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
        std::string_view value;
        if (text.starts_with('=')) {
            text.remove_prefix(1);
            text = text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
            value = take_value(text);
        }
        element.attributes.push_back({ascii::to_lower(name.substr(0, 20)), value});
    }
    return element;
}

// Goes through a page element by element.
class Reader {
public:
    explicit Reader(Seen& seen) : seen_(seen) {}

    void read(std::string_view html) {
        std::size_t elements = 0;
        for (std::size_t at = html.find('<'); at != std::string_view::npos && elements < max_elements;
             ++elements) {
            const bool is_comment = html.substr(at).starts_with("<!--");
            auto end = is_comment ? html.find("-->", at) : html.find('>', at);
            if (end == std::string_view::npos) end = html.size();
            note_split(html, at, std::min(end + (is_comment ? 3 : 1), html.size()), is_comment);
            if (!is_comment)
                take(parse_element(html.substr(at + 1, std::min<std::size_t>(end - at - 1, 2'000))), html,
                     end);
            at = html.find('<', std::min(end, html.size()));
        }
        seen_.traits.set(Trait::split_words, splits_ >= 3);
    }

private:
    // "Via<!-- x -->gra", "Via<xyz>gra"
    void note_split(std::string_view html, std::size_t begin, std::size_t end, bool is_comment) {
        if (begin == 0 || end >= html.size() || !is_comment) return;
        if (ascii::is_alpha(html[begin - 1]) && ascii::is_alpha(html[end])) ++splits_;
    }

    void take(const Element& element, std::string_view html, std::size_t end) {
        if (element.name.empty() || element.name.starts_with('/')) {
            if (element.name == "/a") end_link(html, end);
            return;
        }
        seen_.features.add(Kind::markup, element.name);
        for (const auto& attribute : element.attributes) take(element.name, attribute);
        auto& traits = seen_.traits;
        traits.set(Trait::form, element.name == "form");
        traits.set(Trait::script, element.name == "script");
        traits.set(Trait::frame, element.name == "iframe" || element.name == "frame");
        if (element.name == "a") begin_link(element, end);
        if (element.name == "body") background_ = ascii::to_lower(element.get("bgcolor"));
        if (element.name == "font") look_at_font(element);
        traits.set(Trait::tracking_picture, element.name == "img" && is_one_pixel(element.get("width")) &&
                                                is_one_pixel(element.get("height")));
    }

    void take(const std::string& element, const Attribute& attribute) {
        const bool is_address = attribute.name == "href" || attribute.name == "src" ||
                                attribute.name == "action" || attribute.name == "background";
        seen_.features.add(Kind::markup, element + " " + attribute.name);
        if (!is_address) {
            if (attribute.value.size() <= 30)
                seen_.features.add(Kind::markup,
                                   element + " " + attribute.name + "=" + ascii::to_lower(attribute.value));
        } else if (++links_ <= max_links) {
            look_at_link(seen_, attribute.value);
        }
    }

    static bool is_one_pixel(std::string_view size) { return size == "1" || size == "0" || size == "1px"; }

    void look_at_font(const Element& element) {
        const auto color = ascii::to_lower(element.get("color"));
        const auto background = background_.empty() ? std::string("#ffffff") : background_;
        seen_.traits.set(Trait::unseen_letters, !color.empty() && color == background);
        const auto size = element.get("size");
        seen_.traits.set(Trait::tiny_letters, size == "-5" || size == "-6" || size == "-7" || size == "0");
    }

    void begin_link(const Element& element, std::size_t end) {
        link_ = element.get("href");
        link_text_ = end + 1;
    }
    // "<a href='http://thief.example/'>http://bank.example/</a>"
    void end_link(std::string_view html, std::size_t end) {
        const auto goes_to = host_of(link_);
        if (goes_to.empty() || link_text_ >= end) return;
        auto text = html.substr(link_text_, std::min<std::size_t>(end - link_text_, 300));
        const auto shown = host_of(ascii::trim(text.substr(0, text.find('<'))));
        link_ = {};
        if (shown.empty()) return;
        seen_.traits.set(Trait::link_shows_other,
                         !ascii::iequals(registered_domain(shown), registered_domain(goes_to)));
    }

    Seen& seen_;
    std::string background_;  // of the page, lower case
    std::string_view link_;   // where the open link goes
    std::size_t link_text_ = 0;
    std::size_t links_ = 0;
    std::size_t splits_ = 0;
};

}  // namespace

void look_at_markup(Seen& seen, std::string_view html) { Reader(seen).read(html); }

}  // namespace hongyan::classify
