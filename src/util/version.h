/* util/version: the release, as --version says it. CHANGES tells what each brought. */
#ifndef KPIPE_UTIL_VERSION_H
#define KPIPE_UTIL_VERSION_H

#define KPIPE_VERSION "0.1.0"

#endif
