# Writes OUTPUT with the version and the commit, and touches it only when they change.  Run at each
# build: cmake -DSOURCE=... -DOUTPUT=... -DVERSION=... -P version.cmake
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
    set(commit "unknown commit")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT
"#include \"tools/version/version.h\"

namespace helio {

const char* version() { return \"${VERSION} (${commit})\"; }

}  // namespace helio
")
