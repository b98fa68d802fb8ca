// Recipients of a message who are elsewhere, gathered before they become entries of the queue.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "queue/entry.h"
#include "smtp/envelope.h"

namespace hongyan::flow {

// What goes elsewhere under one reverse-path, each address once, and which recipients led to it.
struct Waiting {
    std::vector<queue::Recipient> recipients;
    std::unordered_map<std::string, std::size_t> place_of;  // among them
    struct Led {
        std::size_t leg, place;
    };
    std::vector<Led> legs;
    smtp::Path passed_on_by = {};  // an address of ours; none: these are the sender's own recipients
};

// Whom an alias leads to and the sender names himself gets one copy, as his own recipient, unless that would
// tell the sender less than he asked for.
void move_doubles(Waiting& members, Waiting& own);

}  // namespace hongyan::flow
