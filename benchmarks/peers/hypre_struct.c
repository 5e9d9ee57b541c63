/* hypre's structured solvers on the systems of a file, beside Seiche's.
 *
 *     mpirun -np 1|2 hypre_struct FILE OUTPUT SECONDS RUNS TOLERANCE METHOD ...
 *
 * METHOD is one of pfmg, smg, pcg, pcg-pfmg for symmetric systems, and pfmg, smg, bicgstab, bicgstab-pfmg for all.
 * One line of JSON a method; the solutions of a method go to OUTPUT.METHOD, doubles [batch, ny, nx].
 * The grid of a single system is cut along y between the ranks; the samples of a batch are dealt out to them, which leaves nothing to
 * communicate. The matrix is assembled before the clock starts; symmetric ones in hypre's symmetric storage. */
#include <HYPRE.h>
#include <HYPRE_krylov.h>
#include <HYPRE_struct_ls.h>
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_RUNS = 64, MOST_ITERATIONS = 1000 };

typedef struct {
    int64_t ny, nx, batch, matrices, symmetric;
    double *coefficients, *right;
} Systems;

/* A sample's matrix and vectors on this rank's rows [first, last]. */
typedef struct {
    MPI_Comm comm;
    HYPRE_StructGrid grid;
    HYPRE_StructStencil stencil;
    HYPRE_StructMatrix a;
    HYPRE_StructVector b, y;
    HYPRE_Int lower[2], upper[2];
} Sample;

static void fail(const char *what, const char *where) {
    fprintf(stderr, "hypre_struct: %s: %s\n", what, where);
    MPI_Abort(MPI_COMM_WORLD, 1);
}

static Systems read_systems(const char *path) {
    Systems s;
    char magic[8];
    FILE *file = fopen(path, "rb");
    if (!file) fail("cannot read", path);
    if (fread(magic, 1, 8, file) != 8 || memcmp(magic, "SEICHSYS", 8) != 0 || fread(&s, 8, 5, file) != 5) fail("no file of systems", path);
    size_t cells = (size_t)(s.ny * s.nx), a = 5 * cells * s.matrices, b = cells * s.batch;
    s.coefficients = malloc(8 * a);
    s.right = malloc(8 * b);
    if (!s.coefficients || !s.right) fail("not enough memory for", path);
    if (fread(s.coefficients, 8, a, file) != a || fread(s.right, 8, b, file) != b) fail("ends too early", path);
    fclose(file);
    return s;
}

static Sample assemble(const Systems *s, int number, MPI_Comm comm) {
    static HYPRE_Int offsets[5][2] = {{0, 0}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    /* The symmetric half: center, east, north. */
    static const int half[3] = {0, 1, 3}, all[5] = {0, 1, 2, 3, 4};
    const int entries = s->symmetric ? 3 : 5, *taken = s->symmetric ? half : all;
    Sample m = {.comm = comm};
    int rank, ranks;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &ranks);
    const int first = (int)(rank * s->ny / ranks), last = (int)((rank + 1) * s->ny / ranks) - 1;
    m.lower[0] = 0, m.lower[1] = first, m.upper[0] = (HYPRE_Int)s->nx - 1, m.upper[1] = last;
    HYPRE_StructGridCreate(comm, 2, &m.grid);
    HYPRE_StructGridSetExtents(m.grid, m.lower, m.upper);
    HYPRE_StructGridAssemble(m.grid);
    HYPRE_StructStencilCreate(2, entries, &m.stencil);
    for (int e = 0; e < entries; e++) HYPRE_StructStencilSetElement(m.stencil, e, offsets[taken[e]]);
    HYPRE_StructMatrixCreate(comm, m.grid, m.stencil, &m.a);
    HYPRE_StructMatrixSetSymmetric(m.a, s->symmetric ? 1 : 0);
    HYPRE_StructMatrixInitialize(m.a);
    const size_t cells = (size_t)(s->ny * s->nx), start = (size_t)first * s->nx;
    double *matrix = s->coefficients + (s->matrices == 1 ? 0 : 5 * cells * number);
    for (HYPRE_Int e = 0; e < entries; e++) {
        HYPRE_StructMatrixSetBoxValues(m.a, m.lower, m.upper, 1, &e, matrix + taken[e] * cells + start);
    }
    HYPRE_StructMatrixAssemble(m.a);
    HYPRE_StructVectorCreate(comm, m.grid, &m.b);
    HYPRE_StructVectorInitialize(m.b);
    HYPRE_StructVectorSetBoxValues(m.b, m.lower, m.upper, s->right + cells * number + start);
    HYPRE_StructVectorAssemble(m.b);
    HYPRE_StructVectorCreate(comm, m.grid, &m.y);
    HYPRE_StructVectorInitialize(m.y);
    HYPRE_StructVectorAssemble(m.y);
    return m;
}

static HYPRE_StructSolver pfmg(MPI_Comm comm, double tolerance, int cycles, int symmetric) {
    HYPRE_StructSolver solver;
    HYPRE_StructPFMGCreate(comm, &solver);
    HYPRE_StructPFMGSetTol(solver, tolerance);
    HYPRE_StructPFMGSetMaxIter(solver, cycles);
    HYPRE_StructPFMGSetRelaxType(solver, symmetric ? 2 : 3); /* red-black Gauss-Seidel */
    HYPRE_StructPFMGSetNumPreRelax(solver, 1);
    HYPRE_StructPFMGSetNumPostRelax(solver, 1);
    if (cycles == 1) HYPRE_StructPFMGSetZeroGuess(solver);
    return solver;
}

/* Prepares and solves one sample; the iterations, and the time of the preparation is added to *preparation. */
static int solve(Sample *m, const char *method, double tolerance, int symmetric, double *preparation) {
    HYPRE_Int iterations = -1;
    double start = MPI_Wtime();
    HYPRE_StructVectorSetConstantValues(m->y, 0.0);
    if (!strcmp(method, "pfmg")) {
        HYPRE_StructSolver solver = pfmg(m->comm, tolerance, MOST_ITERATIONS, symmetric);
        HYPRE_StructPFMGSetup(solver, m->a, m->b, m->y);
        *preparation += MPI_Wtime() - start;
        HYPRE_StructPFMGSolve(solver, m->a, m->b, m->y);
        HYPRE_StructPFMGGetNumIterations(solver, &iterations);
        HYPRE_StructPFMGDestroy(solver);
    } else if (!strcmp(method, "smg")) {
        HYPRE_StructSolver solver;
        HYPRE_StructSMGCreate(m->comm, &solver);
        HYPRE_StructSMGSetTol(solver, tolerance);
        HYPRE_StructSMGSetMaxIter(solver, MOST_ITERATIONS);
        HYPRE_StructSMGSetNumPreRelax(solver, 1);
        HYPRE_StructSMGSetNumPostRelax(solver, 1);
        HYPRE_StructSMGSetup(solver, m->a, m->b, m->y);
        *preparation += MPI_Wtime() - start;
        HYPRE_StructSMGSolve(solver, m->a, m->b, m->y);
        HYPRE_StructSMGGetNumIterations(solver, &iterations);
        HYPRE_StructSMGDestroy(solver);
    } else {
        const int stabilised = !strncmp(method, "bicgstab", 8);
        const int with_multigrid = strstr(method, "-pfmg") != NULL;
        HYPRE_StructSolver solver, inner = NULL;
        HYPRE_PtrToStructSolverFcn apply = HYPRE_StructDiagScale, prepare = HYPRE_StructDiagScaleSetup;
        if (with_multigrid) {
            inner = pfmg(m->comm, 0.0, 1, symmetric);
            apply = HYPRE_StructPFMGSolve, prepare = HYPRE_StructPFMGSetup;
        }
        if (stabilised) {
            HYPRE_StructBiCGSTABCreate(m->comm, &solver);
            HYPRE_StructBiCGSTABSetTol(solver, tolerance);
            HYPRE_StructBiCGSTABSetMaxIter(solver, 10 * MOST_ITERATIONS);
            HYPRE_StructBiCGSTABSetPrecond(solver, apply, prepare, inner);
            HYPRE_StructBiCGSTABSetup(solver, m->a, m->b, m->y);
            *preparation += MPI_Wtime() - start;
            HYPRE_StructBiCGSTABSolve(solver, m->a, m->b, m->y);
            HYPRE_StructBiCGSTABGetNumIterations(solver, &iterations);
            HYPRE_StructBiCGSTABDestroy(solver);
        } else {
            HYPRE_StructPCGCreate(m->comm, &solver);
            HYPRE_StructPCGSetTol(solver, tolerance);
            HYPRE_StructPCGSetTwoNorm(solver, 1);
            HYPRE_StructPCGSetMaxIter(solver, 10 * MOST_ITERATIONS);
            HYPRE_StructPCGSetPrecond(solver, apply, prepare, inner);
            HYPRE_StructPCGSetup(solver, m->a, m->b, m->y);
            *preparation += MPI_Wtime() - start;
            HYPRE_StructPCGSolve(solver, m->a, m->b, m->y);
            HYPRE_StructPCGGetNumIterations(solver, &iterations);
            HYPRE_StructPCGDestroy(solver);
        }
        if (inner) HYPRE_StructPFMGDestroy(inner);
    }
    HYPRE_ClearAllErrors(); /* not converged is an error to hypre; the driver judges by the residual */
    return (int)iterations;
}

/* Every rank writes its rows where they belong. */
static void write_solutions(const Systems *s, Sample *samples, const int *numbers, int count, const char *output, const char *method) {
    char path[4096];
    snprintf(path, sizeof path, "%s.%s", output, method);
    MPI_File file;
    MPI_File_open(MPI_COMM_WORLD, path, MPI_MODE_CREATE | MPI_MODE_WRONLY, MPI_INFO_NULL, &file);
    for (int k = 0; k < count; k++) {
        const size_t rows = (size_t)(samples[k].upper[1] - samples[k].lower[1] + 1), part = rows * s->nx;
        double *values = malloc(8 * part);
        if (!values) fail("not enough memory for", path);
        HYPRE_StructVectorGetBoxValues(samples[k].y, samples[k].lower, samples[k].upper, values);
        MPI_Offset offset = 8 * ((MPI_Offset)numbers[k] * s->ny + samples[k].lower[1]) * s->nx;
        MPI_File_write_at(file, offset, values, (int)part, MPI_DOUBLE, MPI_STATUS_IGNORE);
        free(values);
    }
    MPI_File_close(&file);
}

int main(int argc, char **argv) {
    int rank, ranks;
    MPI_Init(&argc, &argv);
    HYPRE_Init();
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (argc < 7) fail("arguments missing", "FILE OUTPUT SECONDS RUNS TOLERANCE METHOD ...");
    Systems s = read_systems(argv[1]);
    const double seconds = atof(argv[3]), tolerance = atof(argv[5]);
    int most = atoi(argv[4]);
    if (most > MOST_RUNS) most = MOST_RUNS;

    Sample *samples = malloc(s.batch * sizeof *samples);
    int *numbers = malloc(s.batch * sizeof *numbers), count = 0;
    for (int k = 0; k < s.batch; k++) {
        if (s.batch > 1 && k % ranks != rank) continue;
        numbers[count] = k;
        samples[count++] = assemble(&s, k, s.batch > 1 ? MPI_COMM_SELF : MPI_COMM_WORLD);
    }
    for (int word = 6; word < argc; word++) {
        double runs[MOST_RUNS][2], begin = MPI_Wtime();
        int done = 0, iterations = 0;
        for (int run = -1;; run++) { /* the run before the first warms up, and counts where it took ten times that */
            double took[2] = {0, 0}, longest[2];
            MPI_Barrier(MPI_COMM_WORLD);
            double start = MPI_Wtime();
            for (int k = 0; k < count; k++) {
                int needed = solve(&samples[k], argv[word], tolerance, (int)s.symmetric, &took[0]);
                if (needed > iterations) iterations = needed;
            }
            took[1] = MPI_Wtime() - start;
            MPI_Allreduce(took, longest, 2, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
            if (run >= 0 || longest[1] > 10 * seconds) memcpy(runs[done++], longest, sizeof longest);
            int stop = done >= most || (done > 0 && MPI_Wtime() - begin > seconds);
            MPI_Bcast(&stop, 1, MPI_INT, 0, MPI_COMM_WORLD);
            if (stop) break;
        }
        MPI_Allreduce(MPI_IN_PLACE, &iterations, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
        write_solutions(&s, samples, numbers, count, argv[2], argv[word]);
        if (rank == 0) {
            printf("{\"method\": \"%s\", \"iterations\": %d, \"note\": \"\", \"runs\": [", argv[word], iterations);
            for (int run = 0; run < done; run++) printf("%s[%.9g, %.9g]", run ? ", " : "", runs[run][0], runs[run][1]);
            printf("]}\n");
            fflush(stdout);
        }
    }
    HYPRE_Finalize();
    MPI_Finalize();
    return 0;
}
