# Reads io.prometheus.client.MetricFamily, delimited, by Google's own library: the messages are told to it here, as
# client_model 0.6.1 has them (https://github.com/prometheus/client_model/blob/v0.6.1/io/prometheus/client/metrics.proto).
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2

PACKAGE = "io.prometheus.client"
MESSAGES = {  # name: its fields; * where they are repeated
    "LabelPair": ["string name=1", "string value=2"],
    "Gauge": ["double value=1"],
    "Counter": ["double value=1", "Exemplar exemplar=2", "Timestamp created_timestamp=3"],
    "Exemplar": ["LabelPair* label=1", "double value=2", "Timestamp timestamp=3"],
    "Bucket": ["uint64 cumulative_count=1", "double upper_bound=2", "Exemplar exemplar=3"],
    "BucketSpan": ["sint32 offset=1", "uint32 length=2"],
    "Histogram": [
        "uint64 sample_count=1",
        "double sample_sum=2",
        "Bucket* bucket=3",
        "sint32 schema=5",
        "double zero_threshold=6",
        "uint64 zero_count=7",
        "BucketSpan* negative_span=9",
        "sint64* negative_delta=10",
        "BucketSpan* positive_span=12",
        "sint64* positive_delta=13",
        "Exemplar* exemplars=16",
    ],
    "Metric": ["LabelPair* label=1", "Gauge gauge=2", "Counter counter=3", "int64 timestamp_ms=6", "Histogram histogram=7"],
    "MetricFamily": ["string name=1", "string help=2", "int32 type=3", "Metric* metric=4", "string unit=5"],
}
COUNTER, GAUGE, HISTOGRAM = 0, 1, 4


def family_class():
    file = descriptor_pb2.FileDescriptorProto(name="metrics.proto", package=PACKAGE, syntax="proto2")
    file.dependency.append(timestamp_pb2.DESCRIPTOR.name)
    kinds = descriptor_pb2.FieldDescriptorProto
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for text in fields:
            kind, told = text.split()
            one, number = told.split("=")
            label = kinds.LABEL_REPEATED if kind.endswith("*") else kinds.LABEL_OPTIONAL
            entry = message.field.add(name=one, number=int(number), label=label)
            kind = kind.rstrip("*")
            if kind in MESSAGES or kind == "Timestamp":
                entry.type = kinds.TYPE_MESSAGE
                entry.type_name = f".{PACKAGE}.{kind}" if kind in MESSAGES else ".google.protobuf.Timestamp"
            else:
                entry.type = getattr(kinds, f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(file)
    descriptor = pool.FindMessageTypeByName(f"{PACKAGE}.MetricFamily")
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(pool).GetPrototype(descriptor)


FAMILY = family_class()


def varint(body, at):
    value = shift = 0
    while True:
        byte = body[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def parse(body):
    """{name: MetricFamily} of a scrape. A field that nobody knows fails, and so does a histogram that Prometheus would
    refuse."""
    families, at = {}, 0
    while at < len(body):
        size, at = varint(body, at)
        family = FAMILY.FromString(body[at : at + size])
        at += size
        assert at <= len(body), "the last message is cut"
        bytes_before = family.ByteSize()
        family.DiscardUnknownFields()
        assert family.ByteSize() == bytes_before, f"{family.name} has a field that nobody knows"
        assert family.name not in families, f"{family.name} comes twice"
        families[family.name] = family
        for metric in family.metric:
            if family.type == HISTOGRAM:
                check(family.name, metric.histogram)
    return families


def labels(of):
    return {pair.name: pair.value for pair in of.label}


def native_buckets(histogram):
    """[(lower, upper, count)] of those with a count; the zero bucket too."""
    found = [(-histogram.zero_threshold, histogram.zero_threshold, histogram.zero_count)]
    base, index, count, deltas = 2 ** 2**-histogram.schema, 0, 0, list(histogram.positive_delta)
    for span in histogram.positive_span:
        index += span.offset
        for _ in range(span.length):
            count += deltas.pop(0)
            found.append((base ** (index - 1), base**index, count))
            index += 1
    assert not deltas, "more counts than the spans have buckets"
    return [bucket for bucket in found if bucket[2]]


def check(name, histogram):
    counts = [bucket.cumulative_count for bucket in histogram.bucket]
    bounds = [bucket.upper_bound for bucket in histogram.bucket]
    assert counts == sorted(counts) and bounds == sorted(set(bounds)), name
    assert not counts or counts[-1] == histogram.sample_count, name
    if histogram.HasField("zero_threshold"):
        buckets = native_buckets(histogram)
        assert sum(count for *_, count in buckets) == histogram.sample_count, name
        assert all(count > 0 for *_, count in buckets), name
        assert all(after.offset > 0 for after in histogram.positive_span[1:]), name
    times = [one.timestamp.ToNanoseconds() for one in histogram.exemplars]
    assert times == sorted(times), name
