/* share.h - how much of what a test repeats with other numbers: all of it, but on a host that is emulated, where each round takes thirty
 * times as long, an eighth. What differs between hosts is seen by the first rounds. */
#pragma once

#ifdef EMULATED_HOST
enum { SHARE = 8 };
#else
enum { SHARE = 1 };
#endif
