// The one translation unit that holds Boost.JSON, which is used without its compiled library: it
// then needs no package but Boost's headers, of whichever version the distribution has.
#include <boost/json/src.hpp>
