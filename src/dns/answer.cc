#include "dns/answer.h"

namespace hongyan::dns {

std::string_view to_string(Status status) {
    switch (status) {
        case Status::found:
            return "found";
        case Status::no_data:
            return "no data";
        case Status::no_domain:
            return "no such domain";
        case Status::failed:
            return "failed";
        case Status::bogus:
            return "bogus";
    }
    return "unknown";
}

}  // namespace hongyan::dns
