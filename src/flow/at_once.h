// Answering at once what memory can answer, for whoever decides.
#pragma once

#include "spam/at_once.h"

namespace hongyan::flow {

using spam::at_once;

}  // namespace hongyan::flow
