#include "libllama.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

// The first of some names that the library has.
static void *find(void *library, const char *const *names) {
    for (; *names != NULL; names++) {
        void *function = dlsym(library, *names);
        if (function != NULL) return function;
    }
    return NULL;
}

#define FIND(...) find(library, (const char *const[]){__VA_ARGS__, NULL})

int libllama_open(const char *path, libllama *functions, char *message, size_t message_size) {
    // Its own copies of what it links with go before those of this process.
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *said = dlerror();
        snprintf(message, message_size, "%s", said == NULL ? "it cannot be loaded" : said);
        return 1;
    }
    memset(functions, 0, sizeof *functions);
    const struct {
        void *place;
        void *function;
        const char *name;
        bool is_optional;
    } found[] = {
        {&functions->log_set, FIND("llama_log_set"), "llama_log_set", false},
        {&functions->backend_init, FIND("llama_backend_init"), "llama_backend_init", false},
        {&functions->model_default_params, FIND("llama_model_default_params"), "llama_model_default_params", false},
        {&functions->context_default_params, FIND("llama_context_default_params"), "llama_context_default_params", false},
        {&functions->model_load, FIND("llama_model_load_from_file", "llama_load_model_from_file"), "llama_model_load_from_file", false},
        {&functions->model_free, FIND("llama_model_free", "llama_free_model"), "llama_model_free", false},
        {&functions->model_hidden, FIND("llama_model_n_embd", "llama_n_embd"), "llama_model_n_embd", false},
        {&functions->vocabulary_size, FIND("llama_vocab_n_tokens", "llama_n_vocab"), "llama_vocab_n_tokens", false},
        {&functions->model_vocabulary, FIND("llama_model_get_vocab"), "llama_model_get_vocab", true},
        {&functions->model_size, FIND("llama_model_size"), "llama_model_size", false},
        {&functions->context_new, FIND("llama_init_from_model", "llama_new_context_with_model"), "llama_init_from_model", false},
        {&functions->context_free, FIND("llama_free"), "llama_free", false},
        {&functions->context_length, FIND("llama_n_ctx"), "llama_n_ctx", false},
        {&functions->context_sequences, FIND("llama_n_seq_max"), "llama_n_seq_max", false},
        {&functions->set_threads, FIND("llama_set_n_threads"), "llama_set_n_threads", false},
        {&functions->decode, FIND("llama_decode"), "llama_decode", false},
        {&functions->scores, FIND("llama_get_logits_ith"), "llama_get_logits_ith", false},
        {&functions->memory, FIND("llama_get_memory"), "llama_get_memory", true},
        {&functions->memory_remove, FIND("llama_memory_seq_rm", "llama_kv_self_seq_rm", "llama_kv_cache_seq_rm"), "llama_memory_seq_rm", false},
        {&functions->adapter_load, FIND("llama_adapter_lora_init", "llama_lora_adapter_init"), "llama_adapter_lora_init", false},
        {&functions->adapters_set, FIND("llama_set_adapters_lora"), "llama_set_adapters_lora", true},
        {&functions->adapter_set, FIND("llama_set_adapter_lora", "llama_lora_adapter_set"), "llama_set_adapter_lora", true},
        {&functions->adapters_clear, FIND("llama_clear_adapter_lora", "llama_lora_adapter_clear"), "llama_clear_adapter_lora", true},
        {&functions->system_info, FIND("llama_print_system_info"), "llama_print_system_info", false},
        {&functions->device_count, FIND("ggml_backend_dev_count"), "ggml_backend_dev_count", true},
        {&functions->backends_load, FIND("ggml_backend_load_all_from_path"), "ggml_backend_load_all_from_path", true},
    };
    for (size_t index = 0; index < sizeof found / sizeof *found; index++) {
        if (found[index].function == NULL && !found[index].is_optional) {
            snprintf(message, message_size, "it has no function %s", found[index].name);
            return 1;
        }
        memcpy(found[index].place, &found[index].function, sizeof(void *));
    }
    if (functions->adapters_set == NULL && (functions->adapter_set == NULL || functions->adapters_clear == NULL)) {
        snprintf(message, message_size, "it has no function llama_set_adapters_lora");
        return 1;
    }
    // Only a library that has the newer function takes what the memory function gives.
    if (dlsym(library, "llama_memory_seq_rm") == NULL) functions->memory = NULL;
    if (dlsym(library, "llama_vocab_n_tokens") == NULL) functions->model_vocabulary = NULL;
    return 0;
}

libllama_context_sizes libllama_get_sizes(const libllama_block *parameters) {
    libllama_context_sizes sizes;
    memcpy(&sizes, parameters, sizeof sizes);
    return sizes;
}

void libllama_set_sizes(libllama_block *parameters, libllama_context_sizes sizes) { memcpy(parameters, &sizes, sizeof sizes); }

bool libllama_knows(const libllama_block *parameters) {
    const libllama_context_sizes sizes = libllama_get_sizes(parameters);
    return sizes.context == 512 && sizes.batch == 2048 && sizes.micro_batch == 512 && sizes.sequences == 1;
}

// Where the types of keys and values are; NULL where that is not known.
static uint64_t *cache_types(libllama_block *parameters) {
    const uint64_t two_halves = UINT64_C(1) | UINT64_C(1) << 32;
    uint64_t *words = parameters->words, *place = NULL;
    const size_t count = sizeof parameters->words / sizeof *words;
    for (size_t index = sizeof(libllama_context_sizes) / sizeof *words + 2; index + 2 < count; index++) {
        if (words[index] != two_halves || words[index - 2] != 0 || words[index - 1] != 0 || words[index + 1] != 0 || words[index + 2] != 0) continue;
        if (place != NULL) return NULL;
        place = &words[index];
    }
    return place;
}

bool libllama_set_exact(libllama_block *parameters) {
    uint64_t *types = cache_types(parameters);
    if (types == NULL) return false;
    const uint32_t unset = UINT32_MAX, minus_one = UINT32_C(0xbf800000);
    uint32_t fields[sizeof(libllama_block) / sizeof(uint32_t)];
    memcpy(fields, parameters->words, sizeof fields);
    const size_t count = sizeof fields / sizeof *fields;
    size_t place = 0;
    for (size_t index = 8; index + 6 < count; index++) {
        if (fields[index - 2] != unset || fields[index - 1] != unset || fields[index] != unset || fields[index + 1] != 0 || fields[index + 2] != 0) continue;
        if (fields[index + 3] != minus_one || fields[index + 4] != minus_one || fields[index + 5] != minus_one || fields[index + 6] != minus_one) continue;
        if (place != 0) return false;
        place = index;
    }
    if (place == 0) return false;
    if (fields[place - 3] == unset) {
        fields[place] = 0; // LLAMA_FLASH_ATTN_TYPE_DISABLED
        memcpy(parameters->words, fields, sizeof fields);
    }
    *types = 0; // GGML_TYPE_F32, twice
    return true;
}
