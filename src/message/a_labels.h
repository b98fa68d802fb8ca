// Domains of any script in ASCII (RFC 5890 §2.3.2.1), for peers and systems that know no other.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hongyan::message {

// "bücher.example" as "xn--bcher-kva.example"; what is ASCII already as it stands, address literals too.
// Nothing if it is no domain (RFC 5891 §5).
std::optional<std::string> to_a_labels(std::string_view domain);

}  // namespace hongyan::message
