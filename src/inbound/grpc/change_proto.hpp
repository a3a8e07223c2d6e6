// The feed of changes as the messages of proto/product/product.proto.
#pragma once

#include <vector>

#include "app/ports/change_feed.hpp"
#include "inbound/grpc/product_proto.hpp"

namespace productd {

enum class WatchedBodies { whole, left_out };
enum class WatchEnds { never, up_to_date };

/// What a WatchReq asks for.
struct WatchQuestion {
    std::optional<FeedPosition> since;
    WatchedBodies bodies = WatchedBodies::whole;
    WatchEnds ends = WatchEnds::never;
};

/// What to tell behind the changes of a page of changes, where these were all.
enum class WatchMark { none, up_to_date };

WatchQuestion read(const proto::WatchReq& request);

/// A page as messages: its changes, then the mark of its end, if any.
std::vector<grpc::ByteBuffer> messages_of(const FeedPage& page, WatchedBodies bodies, WatchMark mark);

/// As a client of Watch is told it: what to do, and which field is at fault.
Error watch_error(Error error);

}  // namespace productd
