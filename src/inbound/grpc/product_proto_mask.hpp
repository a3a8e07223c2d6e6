// Which fields an update names, and how each reaches the draft.
#pragma once

#include <google/protobuf/field_mask.pb.h>

#include <vector>

#include "inbound/grpc/product_proto.hpp"

namespace productd {

/// The name in the proto of a field named as in JSON; `name` itself when there is none.
std::string proto_name(const std::string& name);

/// The category of a request: absent for an empty text and 24 zeros. Adds to `found` what is no id.
std::optional<CategoryId> read_category(const std::string& text, std::vector<Violation>& found);

/// The draft of exactly the fields `mask` names. Adds to `found` the paths that name none, a few at most.
Draft masked_draft(const proto::UpdateReq& request, std::vector<Violation>& found);

}  // namespace productd
