# HTTP/1.1 as RFC 9110 and RFC 9112 ask for it, case by case: a table a file, by section.
from http_cases import chunks, conditions, connections, content, fields, lengths, methods, request_line, targets

TABLES = (request_line, targets, fields, lengths, chunks, connections, methods, conditions, content)
CASES = [case for table in TABLES for case in table.CASES]
