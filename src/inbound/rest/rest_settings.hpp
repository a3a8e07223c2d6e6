// What the REST API can be told.
#pragma once

namespace productd {

struct RestSettings {
    bool metrics_on_api = true;  ///< Metrics.OnApi: the API's listener serves /metrics too.
};

}  // namespace productd
