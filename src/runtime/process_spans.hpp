// The span of each message's processing, from its arrival at the worker to its end.
#pragma once

#include <string>

#include "app/worker/core/pipeline_observer.hpp"
#include "app/worker/core/work_item.hpp"
#include "outbound/observed/observed_message_log.hpp"

namespace productd {

class ProcessSpans {
public:
    /// `tracer` outlives it.
    ProcessSpans(Tracer& tracer, ObservedMessaging messaging, std::string group)
        : tracer_(tracer), messaging_(std::move(messaging)), group_(std::move(group)) {}

    void finished(const WorkItem& item, Ending ending) const;
    /// It ends here: its letter goes on from it.
    void condemned(const WorkItem& item, const Error& error) const;

private:
    Span begin(const WorkItem& item, std::string_view ending) const;

    Tracer& tracer_;
    ObservedMessaging messaging_;
    std::string group_;
};

}  // namespace productd
