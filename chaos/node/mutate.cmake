# productd_mutate(NAME FILE src/… OUTPUT variable FROM "text" TO "text")
# The file with one text replaced. Fails when that does not occur exactly once: a control that changes nothing, or more
# than it means to, proves nothing.
function(productd_mutate name)
    cmake_parse_arguments(PARSE_ARGV 1 MUTANT "" "FILE;OUTPUT;FROM;TO" "")  # This form keeps semicolons.
    file(READ ${MUTANT_FILE} text)
    string(FIND "${text}" "${MUTANT_FROM}" first)
    string(FIND "${text}" "${MUTANT_FROM}" last REVERSE)
    if(first EQUAL -1 OR NOT first EQUAL last)
        message(FATAL_ERROR "mutant ${name}: its text must occur exactly once in ${MUTANT_FILE}: ${MUTANT_FROM}")
    endif()
    string(REPLACE "${MUTANT_FROM}" "${MUTANT_TO}" text "${text}")
    set(${MUTANT_OUTPUT} "${text}" PARENT_SCOPE)
endfunction()
