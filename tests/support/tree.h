/* tree.h - what lies on the host's disk and is to go, on every host. */
#pragma once

/* Remove a file or a folder with all that lies in it, whatever the names' letters and length; what is not there is fine. */
void tree_remove(const char *path);
