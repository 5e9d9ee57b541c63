/* The few routines of LAPACK that Seiche calls, as Fortran offers them to C: everything by address, matrices column by column,
   and the hidden length of each character argument at the end. */
#ifndef SEICHE_CLAPACK_H
#define SEICHE_CLAPACK_H
#include <stddef.h>

void dgbtrf_(const int *m, const int *n, const int *kl, const int *ku, double *ab, const int *ldab, int *ipiv, int *info);
void sgbtrf_(const int *m, const int *n, const int *kl, const int *ku, float *ab, const int *ldab, int *ipiv, int *info);
void dgbtrs_(const char *trans, const int *n, const int *kl, const int *ku, const int *nrhs, const double *ab, const int *ldab,
             const int *ipiv, double *b, const int *ldb, int *info, size_t trans_length);
void sgbtrs_(const char *trans, const int *n, const int *kl, const int *ku, const int *nrhs, const float *ab, const int *ldab,
             const int *ipiv, float *b, const int *ldb, int *info, size_t trans_length);

void dgemm_(const char *transa, const char *transb, const int *m, const int *n, const int *k, const double *alpha, const double *a,
            const int *lda, const double *b, const int *ldb, const double *beta, double *c, const int *ldc, size_t transa_length,
            size_t transb_length);
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work, const int *lwork,
             int *iwork, const int *liwork, int *info, size_t jobz_length, size_t uplo_length);

/* OpenBLAS's own. */
void openblas_set_num_threads(int count);

#endif
