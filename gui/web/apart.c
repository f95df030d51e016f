/* apart.c - in the machine's module: what the debugger's makes when it is loaded (setup_debug.c). */
#include "../setup/setup.h"

#ifdef __wasm__
bool setup_debugger_open(struct setup *s, const struct options *o) { (void)s, (void)o; return true; }
void setup_debugger_close(struct setup *s) { (void)s; }
#endif
