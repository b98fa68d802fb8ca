// The parts of look_at(). For this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "classify/features.h"
#include "message/structure.h"

namespace hongyan::classify {

// ---- header_features.cc ----
void look_at_header(Seen& seen, std::string_view header, std::optional<Instant> came, const Without& without);

// ---- part_features.cc ----
void look_at_parts(Seen& seen, const message::Structure& structure, std::string_view raw,
                   const Without& without);

// ---- link_features.cc ----
// Links as they stand in plain text.
void look_at_links_in_text(Seen& seen, std::string_view text);
void look_at_link(Seen& seen, std::string_view url);
// The host of "http://user@host:80/path", as written; empty where there is none.
std::string_view host_of(std::string_view url);
// The domain that somebody registered, by rule of thumb: "example.com", "example.co.uk".
std::string_view registered_domain(std::string_view host);

// ---- markup_features.cc ----
void look_at_markup(Seen& seen, std::string_view html);

// ---- phrase_features.cc ----
// Wares that are offered, by their words in lower case, with one blank between words.
void look_at_phrases(Seen& seen, std::string_view lower);

// Single words and pairs of near ones.
void add_words(Features& features, const Words& words, Kind single, Kind pair, const Without& without);

}  // namespace hongyan::classify
