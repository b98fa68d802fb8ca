#include "smtp_client/text_encoder.h"

#include <algorithm>

namespace hongyan::smtp_client {

void TextEncoder::end_line(std::string& out) {
    out += "\r\n";
    at_line_start_ = true;
    after_cr_ = false;
}

void TextEncoder::encode(std::string_view piece, std::string& out) {
    // Each is looked for once: a text may have many of the one and none of the other.
    std::size_t cr = 0;
    std::size_t lf = 0;
    bool fresh = true;
    for (std::size_t at = 0; at < piece.size();) {
        if (after_cr_) {
            if (piece[at] == '\n') ++at;
            end_line(out);
            continue;
        }
        if (fresh || cr < at) cr = std::min(piece.find('\r', at), piece.size());
        if (fresh || lf < at) lf = std::min(piece.find('\n', at), piece.size());
        fresh = false;
        const auto end = std::min(cr, lf);
        if (at_line_start_ && dots_ == Dots::doubled && piece[at] == '.') out += '.';
        out.append(piece, at, end - at);
        if (end > at) at_line_start_ = false;
        if (end == piece.size()) return;
        if (end == cr)
            after_cr_ = true;
        else
            end_line(out);
        at = end + 1;
    }
}

void TextEncoder::finish(std::string& out) {
    if (after_cr_ || !at_line_start_) end_line(out);
}

}  // namespace hongyan::smtp_client
