#pragma once
// What is used of llama.cpp's library, found by name when the program runs: nothing of it is needed to build.
//
// Its parameter structs change from version to version, at their ends and in their middles. They are passed and returned by value: such structs, all of them
// larger than two words, go through memory (System V x86-64: a copy on the stack, AAPCS64: a pointer to a copy), so that a block larger than the library's own
// struct stands for it, made by the library's own default function. Of the context's parameters the first four fields are written, only where they have the defaults that they
// are known by, and what makes attention exact, only where the surroundings are found once; whether that has done what it should is looked up afterwards.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct libllama_block { uint64_t words[64]; } libllama_block;

// The first fields of llama_context_params since March 2024.
typedef struct libllama_context_sizes {
    uint32_t context, batch, micro_batch, sequences;
} libllama_context_sizes;

// llama_batch; older versions have three words more at its end, which zeros stand for.
typedef struct libllama_batch {
    int32_t count;
    int32_t *tokens;
    float *embeddings;
    int32_t *positions;
    int32_t *sequence_counts;
    int32_t **sequences;
    int8_t *wants_scores;
    uint64_t more[4];
} libllama_batch;

typedef void (*libllama_log)(int level, const char *text, void *user);

typedef struct libllama {
    void (*log_set)(libllama_log log, void *user);
    void (*backend_init)(void);
    libllama_block (*model_default_params)(void);
    libllama_block (*context_default_params)(void);
    void *(*model_load)(const char *path, libllama_block parameters);
    void (*model_free)(void *model);
    int32_t (*model_hidden)(const void *model);
    int32_t (*vocabulary_size)(const void *model_or_vocabulary);
    const void *(*model_vocabulary)(const void *model); // NULL where vocabulary_size takes a model
    uint64_t (*model_size)(const void *model);
    void *(*context_new)(void *model, libllama_block parameters);
    void (*context_free)(void *context);
    uint32_t (*context_length)(const void *context);
    uint32_t (*context_sequences)(const void *context);
    void (*set_threads)(void *context, int32_t threads, int32_t batch_threads);
    int32_t (*decode)(void *context, libllama_batch batch);
    float *(*scores)(void *context, int32_t row);
    void *(*memory)(const void *context); // NULL where memory_remove takes a context
    bool (*memory_remove)(void *memory_or_context, int32_t sequence, int32_t first, int32_t end);
    void *(*adapter_load)(void *model, const char *path);
    int32_t (*adapters_set)(void *context, void **adapters, size_t count, float *scales); // one of these two forms is there
    int32_t (*adapter_set)(void *context, void *adapter, float scale);
    void (*adapters_clear)(void *context);
    const char *(*system_info)(void);
    size_t (*device_count)(void);                // NULL in versions whose backends are always linked in
    void (*backends_load)(const char *directory); // likewise
} libllama;

/// Loads a library, and the ggml libraries beside it, and finds its functions. It stays loaded: its threads and tables do not survive being taken out.
/// Returns 0; otherwise a text in `message` says what is wrong, the missing function's name or the loader's words.
int libllama_open(const char *path, libllama *functions, char *message, size_t message_size);

/// Whether the library's default context parameters begin with the fields that they are known by.
bool libllama_knows(const libllama_block *context_parameters);

libllama_context_sizes libllama_get_sizes(const libllama_block *context_parameters);
void libllama_set_sizes(libllama_block *context_parameters, libllama_context_sizes sizes);

/// Has attention computed, and keys and values kept, in single precision: without flash attention, which computes in half precision on processors.
///
/// The types of keys and values are two 1s (half precision) between two null pointers before (a callback and its data) and two after. The kind of attention is
/// the last of four numbers of -1 (automatic), followed by two zeros and four -1.0 (positions' frequencies); where there are three of them, the version has it off by itself.
/// Returns whether exactly one such place was there of each.
bool libllama_set_exact(libllama_block *context_parameters);
