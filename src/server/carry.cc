#include "server/carry.h"

namespace hongyan::server {

std::string_view to_string(Ending ending) {
    switch (ending) {
        case Ending::session_closed:
            return "session closed";
        case Ending::peer_closed:
            return "peer closed";
        case Ending::peer_lost:
            return "peer lost";
        case Ending::no_handshake:
            return "no TLS handshake";
    }
    return "unknown";
}

}  // namespace hongyan::server
