# Whether a sentence may be shown to whoever calls the API.
import re

# Keys, commands, flags, addresses, files and paths are for who runs the service; so are a driver's own words.
OF_THE_OPERATOR = re.compile(
    r"\b[A-Z]\w+\.[A-Za-z]\w+|productd|--\w|\d+\.\d+\.\d+\.\d+|localhost|\.db\b|/\w+/|(?i:sqlite|errno|librdkafka|mongoc|database is locked)"
)


def check_for_callers(sentence):
    assert sentence and not OF_THE_OPERATOR.search(sentence), f"not for who calls the API: {sentence}"
    return sentence
