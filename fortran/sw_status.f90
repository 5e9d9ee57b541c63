! Status codes of the reference library, and what each means in words.
!
! Every entry returns one of these; none stops, prints or raises a signal.
! A report's place, (i, j) or an element of the state, is filled where the list says so.
module sw_status
  implicit none
  private

  integer, parameter, public :: sw_ok                  = 0   ! done
  integer, parameter, public :: sw_bad_size            = 1   ! nx, ny < 1 or steps < 0
  integer, parameter, public :: sw_bad_spacing         = 2   ! dx, dy or dt not positive and finite
  integer, parameter, public :: sw_bad_implicitness    = 3   ! wimp outside 0.5 .. 1
  integer, parameter, public :: sw_bad_gravity         = 4   ! gravity not positive and finite
  integer, parameter, public :: sw_bad_friction        = 5   ! cd, ah or linear_drag negative or not finite
  integer, parameter, public :: sw_bad_solver_settings = 6   ! tolerance outside 0 .. 1 (both excluded), max_iterations < 1
  integer, parameter, public :: sw_all_dry             = 7   ! no cell deeper than the wet threshold
  integer, parameter, public :: sw_depth_not_finite    = 8   ! at (i, j)
  integer, parameter, public :: sw_zeta_not_finite     = 9   ! at wet cell (i, j), on entry
  integer, parameter, public :: sw_velocity_not_finite = 10  ! at an open face of cell (i, j), on entry
  integer, parameter, public :: sw_face_fell_dry       = 11  ! at the east or north face of cell (i, j)
  integer, parameter, public :: sw_not_converged       = 12  ! (i, j): the cell with the largest residual
  integer, parameter, public :: sw_not_finite          = 13  ! at cell (i, j), during a step
  integer, parameter, public :: sw_out_of_memory       = 14  ! work arrays could not be allocated
  integer, parameter, public :: sw_perturbation_not_finite = 15  ! at wet cell or an open face of cell (i, j), on entry
  integer, parameter, public :: sw_bad_rotation        = 16  ! coriolis, beta not finite, wimp*dt*f > 0.9, or beta with a periodic y
  integer, parameter, public :: sw_bad_density         = 17  ! density not positive and finite
  integer, parameter, public :: sw_bad_wind            = 18  ! shapes, times or stresses of the wind
  integer, parameter, public :: sw_bad_boundary        = 19  ! open boundary cell (i, j) outside the grid, dry or given twice
  integer, parameter, public :: sw_bad_boundary_values = 20  ! of the open boundary: shapes, times or values; (i, j) if a cell's
  integer, parameter, public :: sw_bad_shape           = 21  ! an array's shape is not (nx, ny); from Fortran only

  ! Of the Lorenz '96 models; sw_ok, sw_out_of_memory and sw_perturbation_not_finite (at an element) are theirs too.
  integer, parameter, public :: l96_bad_size           = 101 ! k < 4, j < 0, k + k*j beyond 32 bits, or steps < 0
  integer, parameter, public :: l96_bad_time_step      = 102 ! dt not positive and finite
  integer, parameter, public :: l96_bad_forcing        = 103 ! forcing not finite
  integer, parameter, public :: l96_bad_coupling       = 104 ! two levels: h or b not finite, c not positive and finite
  integer, parameter, public :: l96_state_not_finite   = 105 ! element of the state, on entry
  integer, parameter, public :: l96_not_finite         = 106 ! element of a state or derivative during a step, or of the tendency

  public :: sw_status_text

contains

  ! The reason for a status and the remedy, in one sentence; blank-padded.
  function sw_status_text(status) result(text)
    integer, intent(in) :: status  ! one of the codes above
    character(len=200) :: text

    select case (status)
    case (sw_ok)
      text = 'all steps were completed'
    case (sw_bad_size)
      text = 'the grid has no cells or the number of steps is negative: give nx, ny >= 1 and steps >= 0'
    case (sw_bad_spacing)
      text = 'dx, dy and dt must be positive and finite: give metres and seconds'
    case (sw_bad_implicitness)
      text = 'the implicitness lies outside 0.5 .. 1, where the scheme is unstable: use 0.5 (energy conserving) up to 1 (damping)'
    case (sw_bad_gravity)
      text = 'gravity must be positive and finite: use 9.81 m/s2'
    case (sw_bad_friction)
      text = 'the drag coefficients and the lateral friction must be finite and not negative: use 0 to switch one off'
    case (sw_bad_solver_settings)
      text = 'the tolerance must lie between 0 and 1 and at least one iteration must be allowed: use 1e-12 and 10000'
    case (sw_all_dry)
      text = 'no cell is deeper than 0.1 m: give depth positive downwards'
    case (sw_depth_not_finite)
      text = 'a depth is not finite: give dry cells a depth of zero or a negative height, not a missing value'
    case (sw_zeta_not_finite)
      text = 'the elevation of a wet cell is not finite: fill missing values before the run'
    case (sw_velocity_not_finite)
      text = 'the velocity on an open face is not finite: fill missing values before the run'
    case (sw_face_fell_dry)
      text = 'the surface fell to the bed, and the scheme has no wetting and drying: use deeper water or lower waves'
    case (sw_not_converged)
      text = 'the elevation solve ran out of iterations: allow more, loosen the tolerance or shorten the time step'
    case (sw_not_finite)
      text = 'a value overflowed, often from dt*ah above dx**2/4 or a huge velocity: shorten the time step or lower the friction'
    case (sw_out_of_memory)
      text = 'the work arrays could not be allocated: use a smaller grid, fewer concurrent runs or an adjoint of fewer steps'
    case (sw_perturbation_not_finite)
      text = 'a derivative cannot be applied to a value that is not finite: look at what made the perturbation or cotangent'
    case (sw_bad_rotation)
      text = 'wimp*dt*f must be finite and at most 0.9, and beta 0 where y is periodic: shorten the time step or slow the rotation'
    case (sw_bad_density)
      text = 'the density of the water must be positive and finite: use 1025 kg/m3'
    case (sw_bad_wind)
      text = 'wind needs increasing finite times and as many finite stresses for the whole grid or for every cell: look at its file'
    case (sw_bad_boundary)
      text = 'an open boundary cell lies outside the grid, is dry or comes twice: give each wet cell of the boundary once'
    case (sw_bad_boundary_values)
      text = 'an open boundary needs increasing times and finite elevations, amplitudes and phases for every cell: look at its file'
    case (sw_bad_shape)
      text = 'an array has another shape than (nx, ny): give depth, zeta, u and v the sizes in the parameters'
    case (l96_bad_size)
      text = 'the ring is too short or too long, or the number of steps is negative: give k >= 4, j >= 0 (0: one level), steps >= 0'
    case (l96_bad_time_step)
      text = 'the time step must be positive and finite: use 0.05, or 0.005 for two levels'
    case (l96_bad_forcing)
      text = 'the forcing must be finite: use 8, or 10 for two levels'
    case (l96_bad_coupling)
      text = 'h and b must be finite, and c positive and finite: use h = 1, c = 10, b = 10'
    case (l96_state_not_finite)
      text = 'the given state holds a value that is not finite: start from values near the forcing'
    case (l96_not_finite)
      text = 'a value overflowed, from too long a time step or too large a state: shorten the step or start closer to the attractor'
    case default
      text = 'unknown status: library and header are of different versions'
    end select
  end function sw_status_text

end module sw_status
