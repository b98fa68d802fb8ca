#include "message/a_labels.h"

#include <memory>

#include <idn2.h>

#include "message/utf8.h"

namespace hongyan::message {

namespace {

struct Free {
    void operator()(std::uint8_t* text) const { idn2_free(text); }
};

}  // namespace

std::optional<std::string> to_a_labels(std::string_view domain) {
    if (is_ascii(domain)) return std::string(domain);
    if (domain.contains('\0')) return std::nullopt;
    const std::string terminated(domain);
    std::uint8_t* out = nullptr;
    const int status = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(terminated.c_str()), &out,
                                      IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    const std::unique_ptr<std::uint8_t, Free> owned(out);
    if (status != IDN2_OK) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(out));
}

}  // namespace hongyan::message
