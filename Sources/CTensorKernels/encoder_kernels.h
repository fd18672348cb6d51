// Included by encoder.c once for each width of registers: no include guard.
#define VECTOR NAMED(vector, SUFFIX)
#define UNALIGNED NAMED(unaligned, SUFFIX)
#define INTEGERS NAMED(integers, SUFFIX)
#define INLINE static inline __attribute__((always_inline))

typedef float VECTOR __attribute__((vector_size(LANES * 4)));
typedef float UNALIGNED __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef uint32_t INTEGERS __attribute__((vector_size(LANES * 4)));

#define LOAD(pointer) ((VECTOR) * (const UNALIGNED *)(pointer))
#define STORE(pointer, value) (*(UNALIGNED *)(pointer) = (value))
#define ALL(value) ((VECTOR){0} + (value))

/// The lanes where `condition` holds from `yes`, the others from `no`.
INLINE VECTOR NAMED(choose, SUFFIX)(INTEGERS condition, VECTOR yes, VECTOR no) {
    return (VECTOR)(((INTEGERS)yes & condition) | ((INTEGERS)no & ~condition));
}
#define CHOOSE NAMED(choose, SUFFIX)
#define SMALLER(a, b) CHOOSE((INTEGERS)((a) < (b)), a, b)
#define LARGER(a, b) CHOOSE((INTEGERS)((a) > (b)), a, b)

INLINE float NAMED(total, SUFFIX)(VECTOR v) {
    float sum = 0;
    for (int lane = 0; lane < LANES; lane++) sum += v[lane];
    return sum;
}
#define TOTAL NAMED(total, SUFFIX)

/// exp of what is 0 or less; below −87 that of −87. With x = n ln 2 + r: 2ⁿ times a polynomial of degree 5 in r whose largest relative error is 1.1e-7.
INLINE VECTOR NAMED(exponential, SUFFIX)(VECTOR x) {
    x = LARGER(x, ALL(-87.0f));
    // Adding 1.5 · 2²³ rounds to a whole number, which then stands in the low bits.
    VECTOR shifted = x * 1.44269504f + 12582912.0f;
    VECTOR n = shifted - 12582912.0f;
    VECTOR r = x - n * 0.693359375f;
    r = r - n * -2.12194440e-4f;
    VECTOR p = r * 0.008312501013278961f + 0.04189033433794975f;
    p = p * r + 0.16667115688323975f;
    p = p * r + 0.499992311000824f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    return (VECTOR)((INTEGERS)p + ((INTEGERS)shifted << 23));
}

/// x · ½ (1 + erf(x / √2)). erf is an odd rational function of degrees 11 and 10, fitted to |z| ≤ 3.95 with a largest error of 1.8e-8 (3.9e-7 with rounding), beyond which it is ±1.
INLINE VECTOR NAMED(gelu, SUFFIX)(VECTOR x) {
    VECTOR z = x * 0.70710678f;
    z = LARGER(SMALLER(z, ALL(3.95f)), ALL(-3.95f));
    VECTOR s = z * z;
    VECTOR p = s * 2.011738615692593e-06f + 0.00028760163695551455f;
    p = p * s + 0.003917352296411991f;
    p = p * s + 0.0532071627676487f;
    p = p * s + 0.19403646886348724f;
    p = p * s + 1.128378987312317f;
    VECTOR q = s * 3.783972351811826e-05f + 0.001198209822177887f;
    q = q * s + 0.015270769596099854f;
    q = q * s + 0.11559107899665833f;
    q = q * s + 0.5052918195724487f;
    q = q * s + 1.0f;
    VECTOR erf = z * p / q;
    erf = LARGER(SMALLER(erf, ALL(1.0f)), ALL(-1.0f));
    VECTOR half = x * 0.5f;
    return half * erf + half;
}

static void NAMED(gelu_with_bias, SUFFIX)(float *values, const float *bias, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++, values += columns) {
        size_t i = 0;
        for (; i + LANES <= columns; i += LANES) STORE(values + i, NAMED(gelu, SUFFIX)(LOAD(values + i) + LOAD(bias + i)));
        if (i == columns) continue;
        VECTOR rest = {0};
        for (size_t lane = 0; i + lane < columns; lane++) rest[lane] = values[i + lane] + bias[i + lane];
        rest = NAMED(gelu, SUFFIX)(rest);
        for (size_t lane = 0; i + lane < columns; lane++) values[i + lane] = rest[lane];
    }
}

INLINE void NAMED(normalise_row, SUFFIX)(const float *input, const float *weight, const float *bias, float epsilon, float *output, size_t columns) {
    const size_t whole = columns - columns % LANES;
    VECTOR sums = {0}, squares = {0};
    float sum = 0, square = 0;
    for (size_t i = 0; i < whole; i += LANES) sums += LOAD(input + i);
    for (size_t i = whole; i < columns; i++) sum += input[i];
    const float mean = (sum + TOTAL(sums)) / (float)columns;
    for (size_t i = 0; i < whole; i += LANES) {
        VECTOR distance = LOAD(input + i) - mean;
        squares += distance * distance;
    }
    for (size_t i = whole; i < columns; i++) square += (input[i] - mean) * (input[i] - mean);
    const float scale = 1 / sqrtf((square + TOTAL(squares)) / (float)columns + epsilon);
    for (size_t i = 0; i < whole; i += LANES) STORE(output + i, (LOAD(input + i) - mean) * scale * LOAD(weight + i) + LOAD(bias + i));
    for (size_t i = whole; i < columns; i++) output[i] = (input[i] - mean) * scale * weight[i] + bias[i];
}

static void NAMED(layer_norm, SUFFIX)(const float *input, const float *weight, const float *bias, float epsilon, float *output, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++) NAMED(normalise_row, SUFFIX)(input + row * columns, weight, bias, epsilon, output + row * columns, columns);
}

static void NAMED(add_bias, SUFFIX)(float *sum, const float *bias, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++, sum += columns) {
        for (size_t i = 0; i < columns; i++) sum[i] += bias[i];
    }
}

static void NAMED(add_bias_layer_norm, SUFFIX)(float *sum, const float *sum_bias, const float *weight, const float *bias, float epsilon, float *output, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++) {
        NAMED(add_bias, SUFFIX)(sum + row * columns, sum_bias, 1, columns);
        NAMED(normalise_row, SUFFIX)(sum + row * columns, weight, bias, epsilon, output + row * columns, columns);
    }
}

// Attention. Of a head, the keys stand in panels of `PANEL` keys, each panel as head_width rows, and the values in rows padded to whole vectors: both are read in order then.
#define PANEL (VECTORS * LANES)
#define WHOLE(count, unit) (((count) + (unit) - 1) / (unit) * (unit))

static size_t NAMED(attention_scratch, SUFFIX)(size_t tokens, size_t head_width) {
    const size_t keys = WHOLE(tokens + 1, PANEL), width = WHOLE(head_width, LANES);
    return keys * head_width + keys * width + ROWS * head_width + ROWS * keys;
}

/// `ROWS` rows of numbers, `row_stride` apart, times `count` vectors a step, which stand `step_stride` apart: ROWS × count vectors of sums.
INLINE void NAMED(product, SUFFIX)(const float *rows, size_t row_stride, size_t steps, const float *vectors, size_t step_stride, int count, float *sums, size_t sum_stride) {
    VECTOR sum[ROWS][VECTORS];
#pragma clang loop unroll(full)
    for (int row = 0; row < ROWS; row++) {
#pragma clang loop unroll(full)
        for (int vector = 0; vector < count; vector++) sum[row][vector] = (VECTOR){0};
    }
    for (size_t step = 0; step < steps; step++, vectors += step_stride) {
        VECTOR right[VECTORS];
#pragma clang loop unroll(full)
        for (int vector = 0; vector < count; vector++) right[vector] = LOAD(vectors + vector * LANES);
#pragma clang loop unroll(full)
        for (int row = 0; row < ROWS; row++) {
            const float left = rows[row * row_stride + step];
#pragma clang loop unroll(full)
            for (int vector = 0; vector < count; vector++) sum[row][vector] += left * right[vector];
        }
    }
#pragma clang loop unroll(full)
    for (int row = 0; row < ROWS; row++) {
#pragma clang loop unroll(full)
        for (int vector = 0; vector < count; vector++) STORE(sums + row * sum_stride + vector * LANES, sum[row][vector]);
    }
}

/// The product for any number of vectors up to VECTORS.
static void NAMED(products, SUFFIX)(const float *rows, size_t row_stride, size_t steps, const float *vectors, size_t step_stride, size_t count, float *sums, size_t sum_stride) {
    switch (count) {
    case 1: NAMED(product, SUFFIX)(rows, row_stride, steps, vectors, step_stride, 1, sums, sum_stride); break;
    case 2: NAMED(product, SUFFIX)(rows, row_stride, steps, vectors, step_stride, 2, sums, sum_stride); break;
#if VECTORS > 2
    case 3: NAMED(product, SUFFIX)(rows, row_stride, steps, vectors, step_stride, 3, sums, sum_stride); break;
    case 4: NAMED(product, SUFFIX)(rows, row_stride, steps, vectors, step_stride, 4, sums, sum_stride); break;
#endif
    }
}

/// exp(score − largest) of a row, in place; what is beyond `keys` becomes as good as nothing. Returns the sum.
INLINE float NAMED(soften, SUFFIX)(float *scores, size_t keys) {
    const size_t padded = WHOLE(keys, LANES);
    for (size_t key = keys; key < padded; key++) scores[key] = -INFINITY;
    VECTOR largest = LOAD(scores);
    for (size_t key = LANES; key < padded; key += LANES) {
        VECTOR score = LOAD(scores + key);
        largest = LARGER(score, largest);
    }
    float most = largest[0];
    for (int lane = 1; lane < LANES; lane++) most = largest[lane] > most ? largest[lane] : most;
    VECTOR sums = {0};
    for (size_t key = 0; key < padded; key += LANES) {
        VECTOR weight = NAMED(exponential, SUFFIX)(LOAD(scores + key) - most);
        sums += weight;
        STORE(scores + key, weight);
    }
    return TOTAL(sums);
}

/// Lays out a head's keys and values, the extra ones last.
static void NAMED(pack, SUFFIX)(const float *keys_values, const float *bias, const float *extra_key, const float *extra_value, size_t tokens, size_t columns, size_t head_width,
                                float *keys, float *values) {
    const size_t width = WHOLE(head_width, LANES), padded = WHOLE(tokens + 1, PANEL);
    for (size_t token = 0; token < padded; token++) {
        float *panel = keys + token / PANEL * PANEL * head_width + token % PANEL;
        const float *key = keys_values + token * 2 * columns, *value = key + columns;
        if (token < tokens) {
            for (size_t i = 0; i < head_width; i++) panel[i * PANEL] = key[i] + bias[i];
            for (size_t i = 0; i < head_width; i++) values[token * width + i] = value[i] + bias[columns + i];
        } else {
            for (size_t i = 0; i < head_width; i++) panel[i * PANEL] = token == tokens ? extra_key[i] : 0;
            for (size_t i = 0; i < head_width; i++) values[token * width + i] = token == tokens ? extra_value[i] : 0;
        }
        for (size_t i = head_width; i < width; i++) values[token * width + i] = 0;
    }
}

static void NAMED(attention, SUFFIX)(const float *queries, const float *query_bias, size_t query_count, const float *keys_values, const float *key_value_bias,
                                     const float *extra_key, const float *extra_value, size_t tokens, size_t heads, size_t head_width, float *scratch, float *output) {
    const size_t columns = heads * head_width, keys = tokens + 1, padded = WHOLE(keys, PANEL), width = WHOLE(head_width, LANES);
    const float scale = 1 / sqrtf((float)head_width);
    float *key_panels = scratch, *values = key_panels + padded * head_width, *block = values + padded * width, *scores = block + ROWS * head_width;
    for (size_t head = 0; head < heads; head++) {
        const size_t first = head * head_width;
        NAMED(pack, SUFFIX)(keys_values + first, key_value_bias + first, extra_key + first, extra_value + first, tokens, columns, head_width, key_panels, values);
        for (size_t query = 0; query < query_count; query += ROWS) {
            const size_t rows = query_count - query < ROWS ? query_count - query : ROWS;
            for (size_t row = 0; row < ROWS; row++) {
                const float *source = queries + (query + row) * columns + first;
                for (size_t i = 0; i < head_width; i++) block[row * head_width + i] = row < rows ? (source[i] + query_bias[first + i]) * scale : 0;
            }
            for (size_t key = 0; key < keys; key += PANEL) {
                const size_t vectors = keys - key < PANEL ? WHOLE(keys - key, LANES) / LANES : VECTORS;
                NAMED(products, SUFFIX)(block, head_width, head_width, key_panels + key * head_width, PANEL, vectors, scores + key, padded);
            }
            float share[ROWS];
            for (size_t row = 0; row < ROWS; row++) share[row] = 1 / NAMED(soften, SUFFIX)(scores + row * padded, keys);
            for (size_t i = 0; i < width; i += PANEL) {
                const size_t vectors = width - i < PANEL ? (width - i) / LANES : VECTORS;
                float mixed[ROWS * PANEL] __attribute__((aligned(64)));
                NAMED(products, SUFFIX)(scores, padded, keys, values + i, width, vectors, mixed, PANEL);
                const size_t kept = head_width - i < PANEL ? head_width - i : PANEL;
                for (size_t row = 0; row < rows; row++) {
                    float *target = output + (query + row) * columns + first + i;
                    for (size_t j = 0; j < kept; j++) target[j] = mixed[row * PANEL + j] * share[row];
                }
            }
        }
    }
}

#undef VECTOR
#undef UNALIGNED
#undef INTEGERS
#undef INLINE
#undef LOAD
#undef STORE
#undef ALL
#undef CHOOSE
#undef SMALLER
#undef LARGER
#undef TOTAL
#undef PANEL
#undef WHOLE
