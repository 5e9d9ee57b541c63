/* Reference models of Seiche, written in Fortran: the semi-implicit shallow-water scheme (seiche_sw_...) and the models
 * of Lorenz '96 (seiche_l96_...).
 *
 * Shallow water. All arrays are double, nx * ny values, element j*nx + i for cell (i, j), i along x and j along y, both from 0.
 * depth and zeta sit at cell centres, u on the face between (i, j) and (i+1, j), v between (i, j) and (i, j+1).
 * A cell is wet when depth > 0.1 m; a face is open when both its cells are wet; the grid's outer edge is closed where it
 * is not periodic; across a periodic edge the face of the last cell leads to the first one.
 * Units are SI. The equations are in shallow_water.F90.
 *
 * Lorenz '96. A state is k + k*j doubles: X[0 .. k-1], then the one ring of fast variables Y, element k + i*j + m for
 * variable m of sector i, both from 0. All is dimensionless. The equations are in lorenz96.F90.
 *
 * Every function is re-entrant: calls on different arrays may run at the same time, on threads with small stacks.
 * No function stops the program or prints. Pointers must not be NULL, and arrays must not overlap.
 */
#ifndef SEICHE_REFERENCE_H
#define SEICHE_REFERENCE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Status codes. (i, j) or (place) means that the report holds the place. */
enum {
    SEICHE_OK = 0,
    SEICHE_BAD_SIZE = 1,             /* nx, ny < 1 or steps < 0 */
    SEICHE_BAD_SPACING = 2,          /* dx, dy or dt not positive and finite */
    SEICHE_BAD_IMPLICITNESS = 3,     /* wimp outside 0.5 .. 1 */
    SEICHE_BAD_GRAVITY = 4,          /* gravity not positive and finite */
    SEICHE_BAD_FRICTION = 5,         /* cd, ah or linear_drag negative or not finite */
    SEICHE_BAD_SOLVER_SETTINGS = 6,  /* tolerance not between 0 and 1, max_iterations < 1 */
    SEICHE_ALL_DRY = 7,              /* no wet cell */
    SEICHE_DEPTH_NOT_FINITE = 8,     /* (i, j) */
    SEICHE_ZETA_NOT_FINITE = 9,      /* wet cell (i, j), on entry */
    SEICHE_VELOCITY_NOT_FINITE = 10, /* open face of cell (i, j), on entry */
    SEICHE_FACE_FELL_DRY = 11,       /* east or north face of cell (i, j): total depth <= 0 */
    SEICHE_NOT_CONVERGED = 12,       /* elevation solve out of iterations; (i, j): largest residual */
    SEICHE_NOT_FINITE = 13,          /* cell (i, j) overflowed during a step */
    SEICHE_OUT_OF_MEMORY = 14,
    SEICHE_PERTURBATION_NOT_FINITE = 15, /* wet cell or open face of cell (i, j) of a perturbation or cotangent, on entry;
                                          * Lorenz '96: (place), -1 where it is the one of a coefficient */
    SEICHE_BAD_ROTATION = 16,        /* wimp*dt*f above 0.9 or not finite, or beta with a periodic y */
    SEICHE_BAD_DENSITY = 17,         /* density not positive and finite */
    SEICHE_BAD_WIND = 18,            /* wind: sizes, times not increasing or stresses not finite */
    SEICHE_BAD_BOUNDARY = 19,        /* open boundary cell (i, j): outside the grid, dry or given twice */
    SEICHE_BAD_BOUNDARY_VALUES = 20, /* open boundary: sizes, times or values; (i, j) when it is one cell's */
    SEICHE_BAD_SHAPE = 21,           /* an array's shape is not (nx, ny); shapes are known in Fortran only */
    SEICHE_L96_BAD_SIZE = 101,         /* k < 4, j < 0, k + k*j beyond 32 bits, or steps < 0 */
    SEICHE_L96_BAD_TIME_STEP = 102,    /* dt not positive and finite */
    SEICHE_L96_BAD_FORCING = 103,      /* forcing not finite */
    SEICHE_L96_BAD_COUPLING = 104,     /* j > 0 and h or b not finite, or c not positive and finite */
    SEICHE_L96_STATE_NOT_FINITE = 105, /* (place), on entry */
    SEICHE_L96_NOT_FINITE = 106        /* (place) overflowed during a step, in its derivative, or in the tendency */
};

typedef struct {
    int32_t nx, ny;          /* number of cells in x and y */
    double dx, dy;           /* grid spacing, m */
    double dt;               /* time step, s */
    double gravity;          /* m/s2 */
    double wimp;             /* implicitness of gravity waves and rotation, 0.5 (energy conserving) .. 1 (damping) */
    double cd;               /* quadratic bottom drag, per component: u*|u|; dimensionless, >= 0 */
    double ah;               /* lateral friction, m2/s, >= 0; no slip at closed faces */
    double tolerance;        /* elevation solve: accepted ||r|| / ||b||, Euclidean */
    int32_t max_iterations;  /* elevation solve: allowed iterations */
    int32_t linear;          /* not 0: face depth is the undisturbed depth instead of zeta + depth */
    /* Options; 0 switches each off, but for the density, which must be positive. */
    double linear_drag;      /* linear bottom friction R, 1/s: -R*u */
    double coriolis;         /* Coriolis parameter f in the middle of the grid, 1/s */
    double beta;             /* df/dy, 1/(m s): f = coriolis + beta*(y - middle); 0 where y is periodic */
    double density;          /* of the water, kg/m3, which divides the wind stress; 1025 */
    int32_t periodic_x;      /* not 0: the eastern edge meets the western one */
    int32_t periodic_y;      /* not 0: the northern edge meets the southern one */
} seiche_sw_parameters;

/* Wind and given elevations. State n of a run is at the time start_time + n*dt. Between given times values are linear,
 * before the first and after the last they are constant. The arrays are borrowed for the call. */
typedef struct {
    double start_time;           /* time of state 0, s */
    int32_t wind_times;          /* how many winds; 0: none */
    int32_t wind_nx, wind_ny;    /* 1, 1: one stress for the whole grid; nx, ny: stresses at cell centres */
    const double *wind_time;     /* wind_times values, s, increasing */
    const double *wind_x;        /* wind_times * wind_ny * wind_nx values: stress on the water along x, N/m2 */
    const double *wind_y;        /* ... along y */
    int32_t boundary_cells;      /* how many wet cells have a given elevation; 0: none */
    const int32_t *boundary_i;   /* their places, from 0 */
    const int32_t *boundary_j;
    int32_t constituents;        /* how many tides; 0: none */
    const double *frequency;     /* of each, rad/s */
    const double *amplitude;     /* constituents * boundary_cells values, m: amplitude*cos(frequency*t - phase) */
    const double *phase;         /* constituents * boundary_cells values, rad */
    int32_t boundary_times;      /* how many given elevations, to which the tides are added; 0: none */
    const double *boundary_time; /* boundary_times values, s, increasing */
    const double *boundary_zeta; /* boundary_times * boundary_cells values, m */
} seiche_sw_forcing;

typedef struct {
    int64_t total_iterations; /* of all elevation solves, a failed one included */
    double largest_residual;  /* largest ||r|| / ||b|| of all solves */
    int32_t completed_steps;  /* steps that the returned state is after the given one */
    int32_t most_iterations;  /* of the longest step */
    int32_t i, j;             /* place of a failure, from 0; -1 without one */
} seiche_sw_report;

/* A change of the coefficients of a step, or the gradient of a number with respect to them, per unit of each. */
typedef struct {
    double cd;               /* quadratic bottom drag, dimensionless */
    double ah;               /* lateral friction, m2/s */
    double wimp;             /* implicitness, dimensionless */
} seiche_sw_coefficients;

/* Advances a state in place by `steps` time steps.
 *   parameters  in
 *   forcing     in      wind and open boundary, or NULL for none
 *   depth       in      undisturbed depth, m, positive downwards, finite everywhere
 *   zeta        in/out  surface elevation, m; values in dry cells are neither read nor changed
 *   u, v        in/out  velocities on east and north faces, m/s; set to 0 on closed faces
 *   first_step  in      number of the given state, >= 0: what time it is for the forcing; without forcing of no effect
 *   steps       in      >= 0
 *   report      out
 * Returns a status. On failure the state is that after report->completed_steps steps; arguments refused on entry
 * (all but SEICHE_FACE_FELL_DRY, SEICHE_NOT_CONVERGED and SEICHE_NOT_FINITE) leave it untouched. A run in two halves, the
 * second with first_step where the first ended, gives the same bits as a whole one. */
int32_t seiche_sw_run(const seiche_sw_parameters *parameters, const seiche_sw_forcing *forcing, const double *depth,
                      double *zeta, double *u, double *v, int32_t first_step, int32_t steps, seiche_sw_report *report);

/* The elevation system of one step: (1+ce+cw+cn+cs)*z - ce*z(i+1) - cw*z(i-1) - cn*z(j+1) - cs*z(j-1) = b.
 *   parameters      in   friction, rotation, tolerance and max_iterations must be valid but are not used
 *   depth           in   undisturbed depth, m
 *   zeta            in   surface elevation at the start of the step, m
 *   ce, cw, cn, cs  out  couplings to east, west, north, south, dimensionless, >= 0; 0 across closed faces;
 *                        untouched on failure
 *   report          out  i, j only
 * Returns a status. */
int32_t seiche_sw_stencil(const seiche_sw_parameters *parameters, const double *depth, const double *zeta,
                          double *ce, double *cw, double *cn, double *cs, seiche_sw_report *report);

/* The tangent-linear of one step: replaces a perturbation of a state by J times it, J the Jacobian of
 * seiche_sw_run with steps = 1 at that state. Depth, forcing and, but for those of dcoefficients, parameters are held fixed;
 * u*|u| has the derivative 2*|u|.
 *   parameters    in
 *   forcing       in      or NULL
 *   depth         in      undisturbed depth, m
 *   zeta, u, v    in      the state at the start of the step, m and m/s
 *   step          in      number of that state, >= 0
 *   dzeta, du, dv in/out  perturbation of zeta (m), u and v (m/s); dzeta in dry cells is neither read nor changed, du
 *                         and dv on closed faces are not read and set to 0; untouched on failure
 *   dcoefficients in      change of cd, ah and wimp, or NULL for none; its share of the next state is added
 *   report        out     iterations and residual of two solves, the step's own and the derivative's; completed_steps
 *                         is 1 without failure
 * Returns a status. */
int32_t seiche_sw_tangent(const seiche_sw_parameters *parameters, const seiche_sw_forcing *forcing, const double *depth,
                          const double *zeta, const double *u, const double *v, int32_t step, double *dzeta, double *du,
                          double *dv, const seiche_sw_coefficients *dcoefficients, seiche_sw_report *report);

/* The adjoint of one step: replaces a cotangent by J^T times it. Given the gradient of a number with respect to the
 * state after the step it makes the gradient with respect to the state before it.
 *   azeta, au, av in/out  gradient with respect to zeta (per m), u and v (per m/s); azeta in dry cells is neither read
 *                         nor changed, au and av on closed faces are not read and set to 0; untouched on failure
 *   acoefficients out     gradient with respect to cd, ah and wimp, or NULL; untouched on failure
 *   the others            as for seiche_sw_tangent
 * Returns a status. */
int32_t seiche_sw_adjoint(const seiche_sw_parameters *parameters, const seiche_sw_forcing *forcing, const double *depth,
                          const double *zeta, const double *u, const double *v, int32_t step, double *azeta, double *au,
                          double *av, seiche_sw_coefficients *acoefficients, seiche_sw_report *report);

/* The derivative of several steps along a perturbation, by a complex step through the model's own source: exact to
 * rounding, for the cost of three to five runs. It is what the hand-written seiche_sw_tangent is tested against.
 *   first_step, steps  in      as for seiche_sw_run
 *   dzeta, du, dv      in/out  perturbation of the state; what closed faces hold becomes 0; untouched on failure
 *   ddepth             in      perturbation of the depth, m, or NULL for none
 *   the others         as for seiche_sw_tangent
 * Returns a status. */
int32_t seiche_sw_complex_step(const seiche_sw_parameters *parameters, const seiche_sw_forcing *forcing,
                               const double *depth, const double *zeta, const double *u, const double *v,
                               int32_t first_step, int32_t steps, double *dzeta, double *du, double *dv,
                               const double *ddepth, seiche_sw_report *report);

typedef struct {
    int32_t k;               /* slow variables, >= 4 */
    int32_t j;               /* fast variables to each slow one, >= 0; 0: one level, and h, c, b are not used */
    double forcing;          /* F */
    double h;                /* strength of the coupling */
    double c;                /* ratio of time scales, > 0 */
    double b;                /* ratio of amplitudes */
    double dt;               /* time step, > 0 */
} seiche_l96_parameters;

typedef struct {
    int32_t completed_steps; /* steps that the returned state is after the given one */
    int32_t place;           /* element of the state that failed, from 0; -1 without one */
} seiche_l96_report;

/* Advances a Lorenz '96 state in place by `steps` steps of the classical Runge-Kutta scheme.
 *   parameters  in
 *   state       in/out  k + k*j values, X then Y
 *   steps       in      >= 0
 *   report      out
 * Returns a status. On failure the state is that after report->completed_steps steps. */
int32_t seiche_l96_run(const seiche_l96_parameters *parameters, double *state, int32_t steps, seiche_l96_report *report);

/* The right-hand side of the Lorenz '96 equations, d(state)/dt.
 *   parameters  in   dt must be valid but is not used
 *   state       in   k + k*j values, X then Y
 *   tendency    out  k + k*j values; untouched on failure
 *   report      out  place only
 * Returns a status. */
int32_t seiche_l96_tendency(const seiche_l96_parameters *parameters, const double *state, double *tendency,
                            seiche_l96_report *report);

/* The tangent-linear of `steps` steps: replaces a perturbation of a state by J times it, J the Jacobian of seiche_l96_run
 * at that state, plus dM/dF times a perturbation of the forcing in all steps. h, c, b and dt are held fixed. Exact to
 * rounding; a step costs about 2.2 of the model's.
 *   parameters            in
 *   state                 in      k + k*j values, X then Y
 *   steps                 in      >= 0; 0 leaves the perturbation as it is
 *   perturbation          in/out  k + k*j values; untouched on failure
 *   forcing_perturbation  in      0 for that of the state alone
 *   report                out     completed_steps is `steps` without failure
 * Returns a status. */
int32_t seiche_l96_tangent(const seiche_l96_parameters *parameters, const double *state, int32_t steps,
                           double *perturbation, double forcing_perturbation, seiche_l96_report *report);

/* The adjoint of `steps` steps: replaces a cotangent by J^T times it. Given the gradient of a number with respect to the
 * state after the steps it makes the gradient with respect to the state before them and to the forcing. Keeps the state
 * at the start of each step, steps * (k + k*j) doubles; a step costs about 3.7 of the model's, a single one 2.8.
 *   cotangent             in/out  k + k*j values; untouched on failure
 *   forcing_gradient      out     gradient with respect to F in all steps; untouched on failure
 *   report                out     completed_steps is `steps` without failure, else one less than the step that failed,
 *                                 forwards or backwards
 *   the others            as for seiche_l96_tangent
 * Returns a status. */
int32_t seiche_l96_adjoint(const seiche_l96_parameters *parameters, const double *state, int32_t steps,
                           double *cotangent, double *forcing_gradient, seiche_l96_report *report);

typedef struct {
    double forcing, h, c, b; /* a direction in the coefficients; h, c, b count for two levels only */
} seiche_l96_direction;

/* The same as seiche_l96_tangent by complex step: the model's own source compiled for complex numbers, exact to rounding,
 * at about four times the cost of the run. Independent of the hand-written derivatives, and the reference for them.
 *   direction             in      what is added to the coefficients, as `perturbation` to the state
 *   the others            as for seiche_l96_tangent
 * Returns a status. */
int32_t seiche_l96_complex_step(const seiche_l96_parameters *parameters, const double *state, int32_t steps,
                                double *perturbation, const seiche_l96_direction *direction, seiche_l96_report *report);

/* Writes the reason for `status` and the remedy, one sentence of at most 200 characters, as a C string.
 *   status  in   a status code
 *   text    out  room for `length` characters, the closing zero included; longer text is cut
 *   length  in */
void seiche_status_text(int32_t status, char *text, int32_t length);

#ifdef __cplusplus
}
#endif

#endif
