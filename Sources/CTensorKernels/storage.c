#include "products.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { large = 1 << 20 };

void *tensor_allocate(size_t bytes) {
    if (bytes < large) {
        void *memory = NULL;
        if (posix_memalign(&memory, 64, bytes ? bytes : 1) != 0) abort();
        return memset(memory, 0, bytes);
    }
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    // As everywhere in Swift, memory that cannot be had ends the program.
    if (memory == MAP_FAILED) abort();
#ifdef MADV_HUGEPAGE
    madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    return memory;
}

void tensor_free(void *memory, size_t bytes) {
    if (bytes < large) free(memory);
    else munmap(memory, bytes);
}
