// What Swift's conditions cannot ask: how many bytes the vector registers hold together that the compiler may use (`-Xcc -march=native` reaches
// this header as it reaches code generation).
#if defined(__AVX512F__)
#define SEICHE_VECTOR_REGISTER_BYTES 2048
#elif defined(__AVX__) || defined(__aarch64__)
#define SEICHE_VECTOR_REGISTER_BYTES 512
#else
#define SEICHE_VECTOR_REGISTER_BYTES 256
#endif
