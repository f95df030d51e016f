/* face_debug.h - the debugger for a page: what the module vitrine-debugger.wasm exports, one function an export. It is linked to the
 * machine's module when it is loaded (site/linking.mjs), and works on its memory. As in face.h, nothing waits. */
#pragma once
#include "face.h"

/* From now on the machine has a debugger. What -symbols and the kernel bring is loaded; with -debug the machine is stopped. */
void web_attach(struct web *w);
/* One command line: what it says. Where the machine runs it is stopped instead, and the command left aside. A `continue` only begins: the
 * machine runs on by web_run() and web_run_paced(), which come back with WEB_IN_DEBUGGER where something stops it, and web_told() says
 * what. What stands behind it on the line (`c; r`) is obeyed then. Others that let it run do so for a second at most. */
const char *web_command(struct web *w, const char *line);
const char *web_told(struct web *w);
/* Has it the machine, which stands still? */
int web_in_debugger(const struct web *w);
/* Stop it; from now on the debugger has it. */
const char *web_stop(struct web *w);
