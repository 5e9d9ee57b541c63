! The kind of number that the fields of a model are, chosen when a source is compiled: real numbers, or, with
! -DCOMPLEX_STEP, complex ones, whose imaginary parts carry derivatives (Squire and Trapp 1998, SIAM Review 40, 110-112):
! the imaginary part of f(x + i*e*d)/e is the derivative of f along d, exact to rounding for e = 1e-100, as nothing is
! subtracted. So the same source gives the model and its complex step; the second compilation has module names of its own.
!
! In such a source every function must be analytic: absolute(x) instead of abs(x), comparisons on real(x, dp) only, and
! linear systems solved for real and imaginary parts apart, since a joint residual would hide the imaginary one.
#ifdef COMPLEX_STEP
#define FIELD complex(dp)
#define lorenz96 lorenz96_complex
#define semi_implicit_loops semi_implicit_loops_complex
#define semi_implicit_system semi_implicit_system_complex
#define shallow_water_workspace shallow_water_workspace_complex
#define shallow_water shallow_water_complex
#else
#define FIELD real(dp)
#endif
